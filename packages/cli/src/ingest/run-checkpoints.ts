/** `--checkpoint`: where the inputs of a run are, kept in a file, so that the next run goes on there. */
import { constants, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Checkpoint, HostError, type IngestSession, type StreamElement } from '@chipmunk-host/manager';
import type { ItemOutput } from '../formats/item-output.js';

/** How often the file is written while something comes, in milliseconds. */
const INTERVAL_MS = 1000;

/** What the file holds. */
interface Kept {
  readonly version: 1;
  /** Bytes of the output, where that is a file of its own: what follows is made again. */
  readonly outputBytes: number | null;
  /** By their names on the command line. */
  readonly inputs: Readonly<Record<string, Checkpoint>>;
}

type Position = Pick<StreamElement, 'offset' | 'consumedBytes'>;

/** An input of this run, as far as its items were written. */
interface Reached {
  readonly session: IngestSession;
  readonly position: Position;
}

/** What is to be kept of a moment. */
interface Snapshot {
  readonly reached: readonly (readonly [input: string, reached: Reached])[];
  readonly outputBytes: number;
}

export class RunCheckpoints {
  readonly #path: string;
  readonly #kept: Kept | undefined;
  /** Of inputs whose sessions have ended, and of those that this run has not come to. */
  readonly #inputs: Map<string, Checkpoint>;
  readonly #reached = new Map<string, Reached>();
  #output: ItemOutput | undefined;
  #acceptedBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #keeping: Promise<void> = Promise.resolve();
  #error: { readonly thrown: unknown } | undefined;

  private constructor(path: string, kept: Kept | undefined) {
    this.#path = path;
    this.#kept = kept;
    this.#inputs = new Map(Object.entries(kept?.inputs ?? {}));
    this.#acceptedBytes = kept?.outputBytes ?? 0;
  }

  /** @throws HostError `ERR_CHECKPOINT` when there is a file that holds something else */
  static async open(path: string): Promise<RunCheckpoints> {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return new RunCheckpoints(path, undefined);
      throw new HostError('ERR_CHECKPOINT', `Cannot read '${path}': ${(cause as Error).message}`, { cause });
    }
    return new RunCheckpoints(path, parsed(path, text));
  }

  /** Whether a run before this one has left something. */
  get resumes(): boolean {
    return this.#kept !== undefined;
  }

  /** How much of an output file that is there was made before the checkpoint. */
  get outputBytes(): number {
    return this.#kept?.outputBytes ?? 0;
  }

  /** Where to go on with an input; undefined: at its beginning. */
  of(input: string): Checkpoint | undefined {
    return this.#kept?.inputs[input];
  }

  /** A session has begun: also what comes before its first item is not lost when the run is killed. @throws the system's error */
  async begin(input: string, session: IngestSession): Promise<void> {
    if (this.of(input) !== undefined) return;
    this.#inputs.set(input, await session.checkpoint());
    this.#keeping = this.#keeping.then(() => this.#keep(this.#snapshot()));
    await this.#keeping;
  }

  /**
   * What a session delivered was written to the output, which may hold it back still.
   * @throws what went wrong with the file meanwhile
   */
  passed(input: string, session: IngestSession, { offset, consumedBytes }: Position, output?: ItemOutput): void {
    if (this.#error !== undefined) throw this.#error.thrown;
    this.#output = output;
    this.#acceptedBytes = this.outputBytes + (output?.acceptedBytes ?? 0);
    this.#reached.set(input, { session, position: { offset, consumedBytes } });
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#keeping = this.#keeping
        .then(() => this.#keep(this.#snapshot()))
        .catch((thrown: unknown) => {
          this.#error ??= { thrown };
        });
    }, INTERVAL_MS);
  }

  /** A session is about to be closed, or has ended: from then on it cannot be asked. */
  async leave(input: string, session: IngestSession): Promise<void> {
    const position = this.#reached.get(input)?.position;
    this.#reached.delete(input);
    const checkpoint = await session.checkpoint(position).catch((error: unknown) => {
      if (isClosed(error)) return undefined;
      throw error;
    });
    if (checkpoint !== undefined) this.#inputs.set(input, checkpoint);
  }

  /** At the end of the run, when the output is written. @throws the system's error; what went wrong with the file before */
  async finish(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#keeping;
    if (this.#error !== undefined) throw this.#error.thrown;
    await this.#keep(this.#snapshot());
  }

  #snapshot(): Snapshot {
    return { reached: [...this.#reached], outputBytes: this.#acceptedBytes };
  }

  /** First what was made of the input is in safety, then the place behind it. */
  async #keep({ reached, outputBytes }: Snapshot): Promise<void> {
    const inputs = new Map(this.#inputs);
    try {
      for (const [input, { session, position }] of reached) inputs.set(input, await session.checkpoint(position));
    } catch (error) {
      // It was closed meanwhile; the next time there is the place that it was left at.
      if (isClosed(error)) return;
      throw error;
    }
    await this.#output?.settle();
    const ownFile = this.#output?.isFile === true || (this.#output === undefined && this.#kept?.outputBytes != null);
    const kept: Kept = { version: 1, outputBytes: ownFile ? outputBytes : null, inputs: Object.fromEntries(inputs) };
    await replaceFile(this.#path, `${JSON.stringify(kept)}\n`);
  }
}

function isClosed(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === 'ERR_CLOSED';
}

function parsed(path: string, text: string): Kept {
  const help = 'Remove it to begin again, or name another file.';
  let kept: Partial<Kept> | null;
  try {
    kept = JSON.parse(text) as Partial<Kept> | null;
  } catch (cause) {
    throw new HostError('ERR_CHECKPOINT', `'${path}' is no file of checkpoints: ${(cause as Error).message}`, {
      cause,
      help,
    });
  }
  if (typeof kept !== 'object' || kept === null || typeof kept.inputs !== 'object' || kept.inputs === null)
    throw new HostError('ERR_CHECKPOINT', `'${path}' is no file of checkpoints: it has no 'inputs'.`, { help });
  if (kept.version !== 1)
    throw new HostError('ERR_CHECKPOINT', `'${path}' is of version ${kept.version}; this program knows version 1.`, {
      help,
    });
  const { inputs, outputBytes } = kept;
  return { version: 1, inputs, outputBytes: Number.isSafeInteger(outputBytes) ? (outputBytes as number) : null };
}

/** In one step, which outlives a crash: the file is the old one or the new one. */
async function replaceFile(path: string, content: string): Promise<void> {
  const fresh = `${path}.new`;
  try {
    const file = await open(fresh, 'w', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
  } catch (cause) {
    throw new HostError('ERR_CHECKPOINT', `Cannot write '${path}': ${(cause as Error).message}`, { cause });
  }
  await syncFolder(dirname(path));
}

/** Where folders cannot be synchronised (Windows) the system sees to it. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, constants.O_RDONLY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch {
    // What was done stays done; only a loss of power could still undo it.
  }
}
