/** Where a session's input comes from, and how it is opened. */
import { createInputMemory } from '../shared/input-memory.js';
import type { OpenedInput } from './opened-input.js';
import { PluginSource, type PluginSourceOptions, type PluginSourceParts } from './plugin-source.js';
import { requireRegularFile } from './regular-file.js';
import { type ByteStream, StreamSource } from './stream-source.js';

export type SourceOptions =
  /** A regular file. */
  | { readonly file: string }
  /** Bytes that arrive here. */
  | { readonly stream: ByteStream }
  | PluginSourceOptions;

/** How many workers the session takes, its parser's among them. */
export function workersOf(source: SourceOptions): number {
  return 'component' in source ? 2 : 1;
}

/** What can be said without a worker. @throws HostError `ERR_SOURCE_OPEN` when a file cannot be used */
export async function checkSource(source: SourceOptions): Promise<void> {
  if ('file' in source) await requireRegularFile(source.file);
}

/** @throws ConfigError, PluginError of a plugin; RangeError; the signal's reason */
export async function openInput(source: SourceOptions, parts: PluginSourceParts): Promise<OpenedInput> {
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
