/** Where a session's input comes from, and how it is opened. */
import type { SourceInfo } from '@chipmunk-host/batch';
import { HostError } from '@chipmunk-host/runtime';
import { option } from '@chipmunk-host/runtime/internal/options';
import type { BuiltInSource, CompressionChoice, RecordOptions } from '@chipmunk-host/sources';
import { builtInSource, Recorder, RecordNames } from '@chipmunk-host/sources/internal';
import { createInputMemory, MARKS_BYTES } from '../../shared/protocol/input-memory.js';
import { BuiltInInput, type BuiltInParts } from './built-in-input.js';
import { HandedFile } from './handed-file.js';
import { InputFile, openInputFile } from './input-file.js';
import { isMemorySource, type MemorySource, memoryName, memoryStream } from './memory-sources.js';
import type { OpenedInput } from './opened-input.js';
import { PluginInput, type PluginSourceOptions, type PluginSourceParts } from './plugin-input.js';
import { type ByteStream, StreamReader } from './stream-input.js';

/** Names of sources are cut there, since each batch has its own, in UTF-16 code units. */
const MOST_NAME_UNITS = 1024;

/** A file as the input of a session. */
export interface FileSource {
  /**
   * Path or file: URL of a file, opened once, when the session is: what is renamed or put in its place later changes nothing. A regular
   * file is as long as it was then. FIFOs, devices and the files of `/proc` are read to their end. Those, and files that are compressed, are read in a worker
   * of their own.
   */
  readonly file: string | URL;
  /**
   * Whether it is decompressed: `auto` looks at its first bytes, `none` reads it as it is. Positions are those of what comes out. Default:
   * `auto`.
   */
  readonly compression?: CompressionChoice | undefined;
}

/** A stream as the input of a session. */
export interface StreamInput {
  /** Bytes that arrive here. */
  readonly stream: ByteStream;
  /** What batches call the stream. Default: `stream`. */
  readonly name?: string | undefined;
  /** As of a file. Default: `auto`. */
  readonly compression?: CompressionChoice | undefined;
}

/** Where the bytes of a session come from: a file, a stream, a byte-source plugin, or a built-in source. */
export type SourceOptions = FileSource | StreamInput | MemorySource | PluginSourceOptions | BuiltInSource;

/** A source whose file is named by its path. */
export type NamedSource =
  | { readonly file: string; readonly compression?: CompressionChoice | undefined }
  | StreamInput
  | MemorySource
  | PluginSourceOptions
  | BuiltInSource;

export function namedSource(source: SourceOptions): NamedSource {
  return 'file' in source ? { ...source, file: option.pathOf(source.file) } : source;
}

/** What batches say of the source: its number is 0, since a session has one. */
export function sourceInfo(source: NamedSource): SourceInfo {
  if ('file' in source) return named('file', source.file);
  if ('component' in source) return named('plugin', source.plugin ?? source.component.hash);
  if ('stream' in source) return named('stream', source.name ?? 'stream');
  if (isMemorySource(source)) return named('stream', memoryName(source));
  const found = builtInSource(source);
  return named(found?.kind ?? '', found?.name ?? '');
}

function named(type: string, name: string): SourceInfo {
  return { number: 0, name: name.slice(0, MOST_NAME_UNITS), type };
}

/** A source whose path, if it has one, was looked up. */
export type FoundSource = InputFile | HandedFile | FoundStream | PluginSourceOptions | BuiltInSource;

interface FoundStream extends StreamInput {
  /** Bytes of it as they come, where they are known. */
  readonly totalBytes?: number | undefined;
}

/** How many inputs may come from it at once, each for a parser of its own. */
export function lanesOf(source: NamedSource): number {
  return 'file' in source || 'component' in source || 'stream' in source ? 1 : (builtInSource(source)?.lanes ?? 1);
}

/** How many workers the session takes with one parser, which is among them. */
export function workersOf(source: FoundSource): number {
  return source instanceof InputFile || 'stream' in source ? 1 : 2;
}

/**
 * What can be done without a worker.
 * @throws HostError `ERR_SOURCE_OPEN` when a file cannot be used; the signal's reason
 */
export async function findSource(source: NamedSource, signal: AbortSignal | undefined): Promise<FoundSource> {
  if ('file' in source) return openInputFile(source.file, source.compression ?? 'auto', signal);
  return isMemorySource(source) ? memoryStream(source) : source;
}

/** Lets go of what was opened for a session that does not start. */
export async function forgetSource(source: FoundSource): Promise<void> {
  if (source instanceof InputFile || source instanceof HandedFile) await source.close();
}

/** @throws ConfigError, PluginError of a plugin; HostError `ERR_SOURCE_OPEN` of a built-in source; the signal's reason */
export async function openInput(
  source: FoundSource,
  parts: PluginSourceParts & Pick<BuiltInParts, 'resumption'>,
): Promise<OpenedInput> {
  const plain = { start() {}, explain: async (error: unknown) => error };
  if (source instanceof InputFile) {
    if (parts.record !== undefined) throw notRecorded('a regular file, which can be read again itself');
    return {
      ...plain,
      request: { file: source.request },
      totalBytes: source.request.size,
      head: () => source.head,
      lendTo: (thread) => source.lendTo(thread),
      placeAt: (offset) => source.placeAt(offset),
      close: () => source.close(),
    };
  }
  if ('component' in source) {
    if (parts.record !== undefined) throw notRecorded('a byte-source plugin');
    return PluginInput.open(source, parts);
  }
  if (source instanceof HandedFile) return openHanded(source, parts);
  const builtIn = 'stream' in source ? undefined : builtInSource(source);
  if (builtIn !== undefined) return BuiltInInput.open(builtIn, parts);
  const { stream: bytes, name = 'stream', compression, totalBytes } = source as FoundStream;
  const stream = new StreamReader(bytes, { name, compression, recorder: openRecorder(parts.record) });
  return {
    ...plain,
    request: {
      ring: stream.ring,
      memory: createInputMemory(parts.hardMaxBytes),
      marks: new SharedArrayBuffer(MARKS_BYTES),
    },
    head: () => stream.head,
    hold: stream.hold,
    share: () =>
      totalBytes === undefined ? undefined : totalBytes === 0 ? 1 : Math.min(1, stream.bytesRead / totalBytes),
    start: () => stream.start(),
    close: () => stream.close(),
  };
}

async function openHanded(file: HandedFile, parts: PluginSourceParts): Promise<OpenedInput> {
  const input = await BuiltInInput.open(file.handOver(), parts).catch(async (error: unknown) => {
    await file.close();
    throw error;
  });
  return {
    request: input.request,
    share: () => input.share(),
    start: () => input.start(),
    explain: (error) => input.explain(error),
    close: async () => {
      await input.close();
      await file.close();
    },
  };
}

/** @throws HostError `ERR_RECORD` */
function openRecorder(options: RecordOptions | undefined): Recorder | undefined {
  if (options === undefined) return undefined;
  const recorder = new Recorder(new RecordNames(options), options, false);
  recorder.open();
  return recorder;
}

function notRecorded(what: string): HostError {
  return new HostError(
    'ERR_INVALID_OPTION',
    `The option record is for streams and built-in sources, not for ${what}.`,
    {
      help: 'Leave it out.',
    },
  );
}
