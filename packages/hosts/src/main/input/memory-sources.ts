/** Bytes that lie in this process, and files that it has opened, as streams. */
import type { FileHandle } from 'node:fs/promises';
import { HostError } from '@chipmunk-host/runtime';
import { describe } from '@chipmunk-host/runtime/internal';
import { type OptionTable, type OptionType, option } from '@chipmunk-host/runtime/internal/options';
import type { CompressionChoice } from '@chipmunk-host/sources';
import { compressionChoice } from '@chipmunk-host/sources/internal';

/** Bytes in memory as the input of a session. They must not change while it reads them. */
export interface BytesSource {
  readonly bytes: Uint8Array;
  /** What batches call them. Default: `bytes`. */
  readonly name?: string | undefined;
  /** As of a file. Default: `auto`. */
  readonly compression?: CompressionChoice | undefined;
}

/** A `Blob`, as the input of a session: of Node.js or of the web. */
export interface BlobSource {
  readonly blob: ByteBlob;
  /** What batches call it. Default: the name of a `File`, else `blob`. */
  readonly name?: string | undefined;
  /** As of a file. Default: `auto`. */
  readonly compression?: CompressionChoice | undefined;
}

/** What a session needs of a `Blob`. */
export interface ByteBlob {
  readonly size: number;
  /** The bytes from `start` on, up to `end`. */
  slice(start?: number, end?: number): ByteBlobPart;
}

/** A part of a `Blob`. */
export interface ByteBlobPart {
  /** Its bytes. */
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * A file that was opened with `open` of `node:fs/promises`. A regular file is read from its beginning, whatever was read of it before, anything else
 * from where it stands. The session leaves it open; when it is closed before, the session fails.
 */
export interface HandleSource {
  readonly handle: FileHandle;
  /** What batches call it. Default: `file handle`. */
  readonly name?: string | undefined;
  /** As of a file. Default: `auto`. */
  readonly compression?: CompressionChoice | undefined;
}

/** Bytes that lie in this process, or a file that it has opened. */
export type MemorySource = BytesSource | BlobSource | HandleSource;

/** What is passed on at once. */
const CHUNK_BYTES = 1024 * 1024;

const aBlob: OptionType = {
  expected: 'a Blob',
  accepts: (value) =>
    typeof value === 'object' &&
    value !== null &&
    typeof (value as ByteBlob).size === 'number' &&
    typeof (value as ByteBlob).slice === 'function',
};

export const BYTES_SOURCE: OptionTable<BytesSource> = {
  bytes: option.bytes,
  name: option.text,
  compression: compressionChoice,
};
export const BLOB_SOURCE: OptionTable<BlobSource> = { blob: aBlob, name: option.text, compression: compressionChoice };
export const HANDLE_SOURCE: OptionTable<HandleSource> = {
  handle: option.instance('a FileHandle, as `open` of node:fs/promises makes it', 'fd', 'read', 'stat'),
  name: option.text,
  compression: compressionChoice,
};

/** Bytes in memory as a stream. */
export interface MemoryStream {
  readonly stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** What batches call it. */
  readonly name: string;
  readonly compression: CompressionChoice | undefined;
  /** Bytes of the input, where they are known from the start. */
  readonly totalBytes: number | undefined;
}

export function isMemorySource(source: object): source is MemorySource {
  return 'bytes' in source || 'blob' in source || 'handle' in source;
}

/** What batches call it. */
export function memoryName(source: MemorySource): string {
  if (source.name !== undefined) return source.name;
  if ('bytes' in source) return 'bytes';
  return 'blob' in source ? ((source.blob as { readonly name?: string }).name ?? 'blob') : 'file handle';
}

/** @throws HostError `ERR_SOURCE_OPEN` when a file cannot be read */
export async function memoryStream(source: MemorySource): Promise<MemoryStream> {
  const name = memoryName(source);
  const { compression } = source;
  if ('bytes' in source) return { stream: [source.bytes], name, compression, totalBytes: source.bytes.length };
  if ('blob' in source) return { stream: blobChunks(source.blob), name, compression, totalBytes: source.blob.size };
  const size = await regularSize(source.handle, name);
  return { stream: handleChunks(source.handle, name, size), name, compression, totalBytes: size };
}

async function* blobChunks(blob: ByteBlob): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < blob.size; at += CHUNK_BYTES) {
    const chunk = await blob.slice(at, Math.min(at + CHUNK_BYTES, blob.size)).arrayBuffer();
    yield new Uint8Array(chunk);
  }
}

/** Undefined: only reading tells where it ends. */
async function regularSize(handle: FileHandle, name: string): Promise<number | undefined> {
  try {
    const status = await handle.stat();
    if (status.isDirectory()) throw new Error('it is a directory');
    return status.isFile() && status.size > 0 ? status.size : undefined;
  } catch (cause) {
    throw new HostError('ERR_SOURCE_OPEN', `Cannot use the ${named(name)}: ${describe(cause)}`, { cause });
  }
}

/** @param size of a regular file, which is as long as it was when the session was opened */
async function* handleChunks(handle: FileHandle, name: string, size: number | undefined): AsyncGenerator<Uint8Array> {
  for (let position = 0; size === undefined || position < size; ) {
    const length = Math.min(CHUNK_BYTES, (size ?? Number.POSITIVE_INFINITY) - position);
    const chunk = Buffer.allocUnsafe(length);
    const { bytesRead } = await handle
      .read(chunk, 0, length, size === undefined ? null : position)
      .catch((cause: unknown) => {
        const message = `Cannot read the ${named(name)} at byte ${position}: ${describe(cause)}`;
        throw new HostError('ERR_SOURCE_READ', message, { cause });
      });
    if (bytesRead === 0 && size !== undefined) {
      const message = `The ${named(name)} was cut to ${position} bytes while it was read; it had ${size} bytes at the start.`;
      throw new HostError('ERR_SOURCE_CHANGED', message, { help: 'Read a copy, or a file that is only appended to.' });
    }
    if (bytesRead === 0) return;
    position += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}

function named(name: string): string {
  return name === 'file handle' ? 'file handle' : `file handle '${name}'`;
}
