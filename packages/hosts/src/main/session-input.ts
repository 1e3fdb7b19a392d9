/** The input of a session on the main thread: what its parser's worker is told of it, and what has to be ended with it. */
import type { SourceRequest, SourceRestart } from '../shared/byte-source-messages.js';
import { createInputMemory } from '../shared/input-memory.js';
import { requireRegularFile } from './ingest-options.js';
import { PluginSource, type PluginSourceOptions, type PluginSourceParts } from './plugin-source.js';
import { StreamSource } from './stream-source.js';

export type SourceOptions =
  /** A regular file. */
  | { readonly file: string }
  /** Bytes that arrive here; a stream of Node's is destroyed when the session ends before it. */
  | { readonly stream: AsyncIterable<Uint8Array> }
  | PluginSourceOptions;

export interface SessionInput {
  /** For the parser's worker; the same for each that takes over. */
  readonly request: SourceRequest;
  /** Fresh instances of a byte-source plugin that took over so far. */
  readonly restarts: readonly SourceRestart[];
  /** Begins to deliver. */
  start(): void;
  /** What the main thread knows better of an error that the parser's worker met. */
  explain(error: unknown): Promise<unknown>;
  /** Ends it and wakes a worker that waits for it. Again is harmless. */
  close(): Promise<void>;
}

/** How many workers the session takes, its parser's among them. */
export function workersOf(source: SourceOptions): number {
  return 'component' in source ? 2 : 1;
}

/** What can be said without a worker. @throws HostError `ERR_SOURCE_OPEN` when a file cannot be used */
export async function checkSource(source: SourceOptions): Promise<void> {
  if ('file' in source) await requireRegularFile(source.file);
}

/** @throws ConfigError, PluginError of a plugin; RangeError; the signal's reason */
export async function openInput(source: SourceOptions, parts: PluginSourceParts): Promise<SessionInput> {
  const plain = { restarts: [], start() {}, explain: async (error: unknown) => error, async close() {} };
  if ('file' in source) return { ...plain, request: { file: source.file } };
  if ('component' in source) return PluginSource.open(source, parts);
  const stream = new StreamSource(source.stream);
  return {
    ...plain,
    request: { ring: stream.ring, memory: createInputMemory(parts.hardMaxBytes) },
    start: () => stream.start(),
    close: () => stream.close(),
  };
}
