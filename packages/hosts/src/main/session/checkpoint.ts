/** Where a session is, to go on there in another one: after the process was ended, however that came. */
import { HostError } from '@chipmunk-host/runtime';
import { type OptionTable, option, requireOptions } from '@chipmunk-host/runtime/internal/options';
import {
  builtInSource,
  FILE_POSITION,
  freshAt,
  type Resumption,
  SOURCES,
  type SourceEvent,
} from '@chipmunk-host/sources/internal';
import { InputFile } from '../input/input-file.js';
import type { OpenedInput } from '../input/opened-input.js';
import { type FoundSource, type NamedSource, sourceInfo } from '../input/session-input.js';
import type { Checkpoint } from './checkpoint-form.js';
import type { IngestOptions } from './ingest-options.js';

const CHECKPOINT: OptionTable<Checkpoint> = {
  version: option.required(option.whole(1, Number.MAX_SAFE_INTEGER)),
  type: option.required(option.name),
  name: option.required(option.text),
  place: option.required(option.options(FILE_POSITION)),
};

/** Where a session begins. */
export interface SessionStart {
  /** Position in the input. */
  readonly offset: number;
  /** What the stream says there. */
  readonly notice?: SourceEvent | undefined;
  /** For the source's worker, which finds the place itself. */
  readonly resumption?: Resumption | undefined;
}

/**
 * @throws HostError `ERR_CHECKPOINT` when the source cannot go back, or has not what it had; `ERR_INVALID_OPTION` beside other options
 */
export async function sessionStart(
  { from, startOver = false, select, parallel }: IngestOptions,
  named: NamedSource,
  source: FoundSource,
): Promise<SessionStart> {
  const offset = select?.fromOffset ?? 0;
  if (from === undefined) return { offset };
  requireWhole(from);
  if (from.version !== 1)
    throw new HostError('ERR_CHECKPOINT', `The checkpoint is of version ${from.version}; this host knows version 1.`);
  if (offset > 0) throw refusedTogether('the option select.fromOffset');
  if ((parallel?.instances ?? 1) > 1)
    throw refusedTogether('several instances of the parser, which share the whole file');
  const resumption = { place: from.place, startOver };
  if (source instanceof InputFile) return inFile(source, resumption);
  if (!canGoBack(source)) throw cannotGoBack(named);
  return { offset: 0, resumption };
}

/** The checkpoints of a session. */
export class SessionCheckpoints {
  readonly #input: OpenedInput;
  readonly #source: NamedSource;
  #atEnd: { readonly offset: number; readonly checkpoint: Checkpoint } | undefined;

  constructor(input: OpenedInput, source: NamedSource) {
    this.#input = input;
    this.#source = source;
  }

  /** @throws HostError `ERR_CHECKPOINT` when the source cannot go back; `ERR_CLOSED` when the session has ended elsewhere */
  async at(offset: number): Promise<Checkpoint> {
    if (this.#atEnd?.offset === offset) return this.#atEnd.checkpoint;
    const place = await this.#input.placeAt?.(offset);
    if (place === undefined) throw cannotGoBack(this.#source);
    const { type, name } = sourceInfo(this.#source);
    return { version: 1, type: String(type), name, place };
  }

  /** Called before the session ends at `offset`: what it read from is closed then. */
  async end(offset: number): Promise<void> {
    if (this.#input.placeAt === undefined) return;
    const checkpoint = await this.at(offset).catch(() => undefined);
    if (checkpoint !== undefined) this.#atEnd = { offset, checkpoint };
  }
}

/** @throws HostError `ERR_CHECKPOINT` */
function requireWhole(from: Checkpoint): void {
  try {
    requireOptions('The checkpoint', { from }, { from: option.options(CHECKPOINT) });
  } catch (cause) {
    throw new HostError('ERR_CHECKPOINT', `The checkpoint is damaged: ${(cause as Error).message}`, {
      cause,
      help: 'Give what `checkpoint` of a session gave, as it was.',
    });
  }
}

async function inFile(file: InputFile, { place, startOver }: Resumption): Promise<SessionStart> {
  const { path, size } = file.request;
  if (await file.has(place)) return { offset: place.offset, notice: freshAt(path, place.offset) };
  const why =
    size < place.offset
      ? `has ${size} bytes; the checkpoint is at byte ${place.offset}`
      : 'is another file than that of the checkpoint';
  const message = `'${path}' ${why}.`;
  if (startOver)
    return {
      offset: 0,
      notice: { event: 'fresh', message: `${message} It is read from its start.`, file: path, fileOffset: 0 },
    };
  const help = 'Name the file that the checkpoint is of, or start over.';
  throw new HostError('ERR_CHECKPOINT', message, { help });
}

function canGoBack(source: FoundSource): boolean {
  if (source instanceof InputFile) return true;
  const builtIn = 'component' in source || 'stream' in source ? undefined : builtInSource(source);
  return builtIn !== undefined && SOURCES[builtIn.kind].canGoBack;
}

function cannotGoBack(source: NamedSource): HostError {
  const { type, name } = sourceInfo(source);
  return new HostError(
    'ERR_CHECKPOINT',
    `The source '${name}' (${type}) cannot go back, so there are no checkpoints in it.`,
    {
      help: 'Checkpoints are for files, and for files that are followed. Record what other sources deliver.',
    },
  );
}

function refusedTogether(what: string): HostError {
  return new HostError('ERR_INVALID_OPTION', `The option from cannot be used with ${what}.`);
}
