/** Tries the parsers that are there on the beginning of an input, and says how well each of them reads it. */
import { type FileHandle, open } from 'node:fs/promises';
import type { Batch } from '@chipmunk-host/hosts';
import { FILE_SOURCE } from '@chipmunk-host/hosts/internal';
import { HostError, type SerializedError, serializeError } from '@chipmunk-host/runtime';
import { type OptionTable, option, requireOption, requireOptions } from '@chipmunk-host/runtime/internal/options';
import type { CompressionChoice } from '@chipmunk-host/sources';
import { compressionOf, decompressedStream } from '@chipmunk-host/sources/internal';
import type { PluginEntry, PluginOrigin } from '../catalogue/plugin-entry.js';
import type { ManagerSessions } from './manager-sessions.js';

/** As much as tells text from binary, and one format from another: some 10,000 lines. */
const SAMPLE_BYTES = 1024 * 1024;
/** What a sample's end may cut off: a message, which no parser can be blamed for. */
const MOST_CUT_BYTES = 64 * 1024;
/** What columns add to the score of what is readable anyway. */
const WORTH_OF_COLUMNS = 0.25;
/** Below, a parser reads the input by chance. */
const LEAST_READABLE = 0.5;

/**
 * No text has these: control characters but tab, line breaks, form feed, escape, and the separators of columns and arguments (U+0004,
 * U+0005); and what stands for bytes that are no UTF-8.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const UNREADABLE = /[\u0000-\u0003\u0006-\u0008\u000e-\u001a\u001c-\u001f\u007f\ufffd]/;

/** What is to be read: a file, or bytes that are its beginning. */
export type DetectInput = { readonly file: string | URL } | { readonly bytes: Uint8Array };

/** On how much input parsers are tried, and which ones. */
export interface DetectOptions {
  /** How much of the input is read. Default 1 MiB. */
  readonly sampleBytes?: number | undefined;
  /** How long a call of a parser may take, in milliseconds. Default: as of sessions. Infinity: no limit. */
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How one parser, with the defaults of its configuration, reads the beginning of an input. */
export interface ParserTrial {
  readonly name: string;
  readonly title: string;
  readonly origin: PluginOrigin;
  /**
   * From 0 to 1.25: `readableShare`, and a quarter of `columnsShare`. So columns decide between parsers that read an input equally
   * well, and a parser that skips much does not win by its columns.
   */
  readonly score: number;
  /** The share of the bytes, from 0 to 1, that are in items without control characters and without U+FFFD. */
  readonly readableShare: number;
  /** The share of the bytes, from 0 to 1, that are in readable items with text in two columns or more. */
  readonly columnsShare: number;
  readonly items: number;
  /** Bytes that are in no item. */
  readonly skippedBytes: number;
  /** Errors that the parser found in the input. */
  readonly parseErrors: number;
  /** What ended the trial before the end of the bytes, or kept it from starting. `deserializeError` turns it into an error. */
  readonly error: SerializedError | undefined;
}

/** What came of trying parsers on the beginning of an input. */
export interface Detection {
  /** Bytes that the parsers were tried on. */
  readonly sampleBytes: number;
  /** The best parser first. */
  readonly ranking: readonly ParserTrial[];
  /** The first of the ranking; undefined when it can read less than half of the bytes, or there is none. */
  readonly best: ParserTrial | undefined;
}

const OPTIONS: OptionTable<DetectOptions> = {
  sampleBytes: option.whole(1, 256 * 1024 * 1024),
  deadlineMs: option.timeLimit,
  signal: option.signal,
};
const INPUT = option.required(
  option.shapes(
    { file: FILE_SOURCE, bytes: { bytes: option.bytes } },
    "Name a file like this: `{ file: 'trace.log' }`.",
  ),
);

/**
 * One parser after the other, so that detection takes one worker.
 * @throws HostError `ERR_INVALID_OPTION`, `ERR_SOURCE_OPEN`, `ERR_SOURCE_READ`; the signal's reason
 */
export async function detectParser(
  input: DetectInput,
  options: DetectOptions,
  plugins: readonly PluginEntry[],
  sessions: ManagerSessions,
): Promise<Detection> {
  requireOption(INPUT, input, 'input');
  requireOptions('The detection', options, OPTIONS);
  const { sampleBytes = SAMPLE_BYTES, ...rest } = options;
  const sample = await sampleOf(input, sampleBytes);
  const usable = plugins.filter(({ kind, state }) => kind === 'parser' && (state === 'valid' || state === 'unloaded'));
  const trials: Trial[] = [];
  for (const plugin of usable) trials.push(await tryParser(plugin, sample, rest, sessions));
  const ranking = trials.sort(byFitness).map(({ hasColumns: _, ...trial }) => trial);
  const [first] = ranking;
  // From no bytes nothing can be told, and any parser makes no items of them.
  const fits = first !== undefined && (sample.bytes.length === 0 || first.readableShare >= LEAST_READABLE);
  return { sampleBytes: sample.bytes.length, ranking, best: fits ? first : undefined };
}

interface Sample {
  readonly bytes: Uint8Array;
  /** Whether the input may go on behind them. */
  readonly cut: boolean;
}

interface Trial extends ParserTrial {
  readonly hasColumns: boolean;
}

/** Where nothing else decides, a parser of text is the simpler one, and one that somebody has installed is the one that is wanted. */
function byFitness(a: Trial, b: Trial): number {
  return (
    b.score - a.score ||
    Number(a.hasColumns) - Number(b.hasColumns) ||
    Number(b.origin === 'installed') - Number(a.origin === 'installed') ||
    (a.name < b.name ? -1 : 1)
  );
}

async function tryParser(
  { name, title, origin }: PluginEntry,
  sample: Sample,
  options: Omit<DetectOptions, 'sampleBytes'>,
  sessions: ManagerSessions,
): Promise<Trial> {
  const read = new ReadBytes();
  let hasColumns = true;
  let parseErrors = 0;
  let failure: unknown;
  try {
    await using session = await sessions.ingest({
      ...options,
      source: { stream: [sample.bytes] },
      parser: { plugin: name },
      // A parser that fails on its own input is not the right one.
      recovery: { maxRestarts: 0 },
    });
    hasColumns = session.info.renderOptions.columns !== undefined;
    try {
      for await (const batch of session.batches()) read.add(batch);
    } finally {
      parseErrors = session.summary.parseErrors.count;
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    failure = error;
  }
  const cutOff = sample.cut && failure === undefined ? read.behindItems(sample.bytes.length) : 0;
  const bytes = sample.bytes.length - cutOff;
  const share = (part: number) => (bytes === 0 ? 0 : part / bytes);
  const readableShare = share(read.readable);
  const columnsShare = share(read.withColumns);
  return {
    name,
    title,
    origin,
    score: readableShare + WORTH_OF_COLUMNS * columnsShare,
    readableShare,
    columnsShare,
    items: read.items,
    skippedBytes: bytes - read.inItems,
    parseErrors,
    error: failure === undefined ? undefined : serializeError(failure),
    hasColumns,
  };
}

/** Counts the bytes of items by what they can be read as. */
class ReadBytes {
  items = 0;
  inItems = 0;
  readable = 0;
  withColumns = 0;
  #end = 0;

  add(batch: Batch): void {
    for (const { offset, length, columns } of batch) {
      this.items++;
      this.inItems += length;
      this.#end = offset + length;
      if (columns.some((column) => UNREADABLE.test(column))) continue;
      this.readable += length;
      if (columns.filter((column) => column !== '').length > 1) this.withColumns += length;
    }
  }

  /** Bytes behind the last item, which the sample's end cut off. */
  behindItems(sampleBytes: number): number {
    return this.items === 0 ? 0 : Math.min(sampleBytes - this.#end, MOST_CUT_BYTES);
  }
}

async function sampleOf(input: DetectInput, sampleBytes: number): Promise<Sample> {
  if ('bytes' in input) {
    const { bytes } = input;
    return { bytes: bytes.subarray(0, sampleBytes), cut: bytes.length >= sampleBytes };
  }
  const path = option.pathOf(input.file);
  const { compression = 'auto' } = input as { readonly compression?: CompressionChoice };
  try {
    await using file = await open(path);
    if (!(await file.stat()).isFile()) throw notRegular(path);
    const sample = await headOf(file, sampleBytes);
    return compression === 'none' ? sample : await decompressedSample(sample, path, sampleBytes);
  } catch (error) {
    if (error instanceof HostError) throw error;
    throw new HostError('ERR_SOURCE_OPEN', `The file '${path}' cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** What the sample comes to when it is decompressed, as far as it goes: it ends in the middle of the compressed bytes. */
async function decompressedSample(sample: Sample, path: string, sampleBytes: number): Promise<Sample> {
  if (compressionOf(sample.bytes) === undefined) return sample;
  const chunks: Uint8Array[] = [];
  let length = 0;
  const pieces = [sample.bytes][Symbol.iterator]();
  const options = { compression: 'auto', name: path, onGarbage: () => {} } as const;
  try {
    for await (const chunk of decompressedStream({ next: async () => pieces.next() }, options)) {
      chunks.push(chunk.slice());
      length += chunk.length;
      if (length >= sampleBytes) break;
    }
  } catch (error) {
    if (length === 0 || !sample.cut) throw error;
  }
  const bytes = new Uint8Array(Buffer.concat(chunks)).subarray(0, sampleBytes);
  return { bytes, cut: sample.cut || length > sampleBytes };
}

async function headOf(file: FileHandle, sampleBytes: number): Promise<Sample> {
  const bytes = new Uint8Array(Math.min(sampleBytes, (await file.stat()).size || sampleBytes));
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return { bytes: bytes.subarray(0, filled), cut: filled === sampleBytes };
}

/** What is read of such a file is gone for the session that follows. */
function notRegular(path: string): HostError {
  return new HostError('ERR_SOURCE_OPEN', `The parser of '${path}' cannot be detected, since it is no regular file.`, {
    help: 'Name the parser, or pass the first bytes as `bytes`.',
  });
}
