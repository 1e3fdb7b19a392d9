/** Where a session's input comes from, and how it is opened. */
import { createInputMemory } from '../shared/input-memory.js';
import { FileStream } from './file-stream.js';
import { InputFile, openInputFile } from './input-file.js';
import type { OpenedInput } from './opened-input.js';
import { PluginSource, type PluginSourceOptions, type PluginSourceParts } from './plugin-source.js';
import { type ByteStream, StreamSource } from './stream-source.js';

export type SourceOptions =
  /**
   * Path of a file, opened once, when the session is: what is renamed or put in its place later changes nothing. A regular file is as
   * long as it was then. FIFOs, devices and the files of `/proc` are read as streams, to their end.
   */
  | { readonly file: string }
  /** Bytes that arrive here. */
  | { readonly stream: ByteStream }
  | PluginSourceOptions;

/** A source whose path, if it has one, was looked up. */
export type FoundSource = InputFile | { readonly stream: ByteStream } | PluginSourceOptions;

/** How many workers the session takes, its parser's among them. */
export function workersOf(source: SourceOptions): number {
  return 'component' in source ? 2 : 1;
}

/**
 * What can be done without a worker.
 * @throws HostError `ERR_SOURCE_OPEN` when a file cannot be used; the signal's reason
 */
export async function findSource(source: SourceOptions, signal: AbortSignal | undefined): Promise<FoundSource> {
  if (!('file' in source)) return source;
  const found = await openInputFile(source.file, signal);
  return found instanceof FileStream ? { stream: found } : found;
}

/** Lets go of what was opened for a session that does not start. */
export async function forgetSource(source: FoundSource): Promise<void> {
  if (source instanceof InputFile) await source.close();
  else if ('stream' in source && source.stream instanceof FileStream) await source.stream.close();
}

/** @throws ConfigError, PluginError of a plugin; RangeError; the signal's reason */
export async function openInput(source: FoundSource, parts: PluginSourceParts): Promise<OpenedInput> {
  const plain = { restarts: [], start() {}, explain: async (error: unknown) => error };
  if (source instanceof InputFile)
    return {
      ...plain,
      request: { file: source.request },
      lendTo: (thread) => source.lendTo(thread),
      close: () => source.close(),
    };
  if ('component' in source) return PluginSource.open(source, parts);
  const stream = new StreamSource(source.stream);
  return {
    ...plain,
    request: { ring: stream.ring, memory: createInputMemory(parts.hardMaxBytes) },
    start: () => stream.start(),
    close: () => stream.close(),
  };
}
