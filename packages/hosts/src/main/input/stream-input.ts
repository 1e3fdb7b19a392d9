/**
 * Bytes that arrive on the main thread (standard input, a socket, anything that can be iterated) as a source for a parser's
 * worker. The next chunk is only asked for when the one before is in the ring, so a slow parser slows the stream; the main
 * thread is never blocked.
 */
import { isUint8Array } from 'node:util/types';
import { HostError } from '@chipmunk-host/runtime';
import {
  ByteRingWriter,
  createRingMemory,
  describe,
  endRingForWriter,
  kindOf,
  type RingMemory,
  type RingShape,
  stopRingWriter,
} from '@chipmunk-host/runtime/internal';
import type { CompressionChoice } from '@chipmunk-host/sources';
import { decompressedStream, type NumberedEvent, type Recorder } from '@chipmunk-host/sources/internal';
import { DEFAULT_BYTE_RING } from '../../shared/protocol/session-defaults.js';
import { InputHead } from './input-head.js';
import { type InputHold, sourceHold } from './input-hold.js';

/**
 * Bytes that arrive: a stream of Node's or the web's, an async generator, or a list of chunks. A stream of Node's is destroyed when the
 * session ends before it; of others the iterator's `return` is called.
 */
export type ByteStream = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** What to do about chunks of another type, by `typeof`. */
const HELP: Readonly<Partial<Record<string, string>>> = {
  string: 'Set no encoding on the stream, or encode its texts: Buffer.from(text).',
  number: 'Bytes are given as a list of chunks: `stream: [bytes]`.',
};

export interface StreamReaderOptions {
  /** What messages call it. Default: `stream`. */
  readonly name?: string | undefined;
  /** Default: `auto`. */
  readonly compression?: CompressionChoice | undefined;
  /** Of the ring. */
  readonly shape?: RingShape | undefined;
  /** Records what arrives, as it arrives. */
  readonly recorder?: Recorder | undefined;
}

export class StreamReader implements AsyncDisposable {
  /** Where the bytes come out, for a ByteRingReader. */
  readonly ring: RingMemory;
  /** Bytes that have arrived. */
  bytesRead = 0;
  readonly #stream: ByteStream;
  readonly #name: string;
  readonly #compression: CompressionChoice;
  #iterator: AsyncIterator<unknown> | Iterator<unknown> | undefined;
  #ended = false;
  readonly #head = new InputHead();
  readonly #recorder: Recorder | undefined;

  constructor(
    stream: ByteStream,
    { name = 'stream', compression = 'auto', shape = DEFAULT_BYTE_RING, recorder }: StreamReaderOptions = {},
  ) {
    this.#recorder = recorder;
    this.#stream = stream;
    this.#name = name;
    this.#compression = compression;
    this.ring = createRingMemory(shape);
  }

  /** Ending it ends the stream as `break` in a loop does. */
  get hold(): InputHold {
    return sourceHold(this.ring, () => this.#detach());
  }

  /** The first bytes that have arrived, up to 512, decompressed. */
  get head(): Uint8Array {
    return this.#head.bytes;
  }

  /**
   * Begins to read. From then on the reader of the ring gets the bytes, the end or the error of the stream.
   * @throws HostError `ERR_SOURCE_OPEN` when it cannot be read at all
   */
  start(): void {
    if (this.#iterator !== undefined) return;
    this.#iterator = iteratorOf(this.#stream);
    void this.#pump(this.#iterator);
  }

  /** Reads no more, ends the stream as `break` in a loop does, and wakes the reader of the ring. Idempotent. */
  async close(): Promise<void> {
    stopRingWriter(this.ring);
    endRingForWriter(this.ring);
    this.#detach();
    this.#recorder?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #pump(iterator: AsyncIterator<unknown> | Iterator<unknown>): Promise<void> {
    const writer = new ByteRingWriter(this.ring, { blockingWaitMs: 0 });
    try {
      const garbage: { readonly position: number; readonly bytes: number }[] = [];
      const bytes = decompressedStream(this.#chunks(iterator), {
        compression: this.#compression,
        name: this.#name,
        onGarbage: (position, count) => garbage.push({ position, bytes: count }),
      });
      for await (const chunk of bytes) {
        this.#head.add(chunk);
        if (!(await write(writer, chunk))) break;
      }
      for (const [index, { position, bytes: count }] of garbage.entries())
        await writer.event(garbageEvent(index + 1, this.#name, position, count));
      this.#ended = !writer.stopRequested;
      writer.close();
    } catch (error) {
      this.#ended = true;
      await writer.fail(asSourceError(error));
    }
    this.#recorder?.close();
    this.#detach();
  }

  /** @throws HostError `ERR_SOURCE_READ` for what is no bytes */
  async *#chunks(iterator: AsyncIterator<unknown> | Iterator<unknown>): AsyncGenerator<Uint8Array> {
    for (;;) {
      const result: unknown = await iterator.next();
      if (typeof result !== 'object' || result === null)
        throw new HostError('ERR_SOURCE_READ', `The stream's next() returned ${kindOf(result)}; expected an object.`);
      const { done, value } = result as IteratorResult<unknown>;
      if (done) return;
      // Also those of other realms, such as those that a test runner makes, which are no `instanceof Uint8Array` here.
      if (!isUint8Array(value))
        throw new HostError('ERR_SOURCE_READ', `The stream delivered ${kindOf(value)}; expected bytes (Uint8Array).`, {
          help: HELP[typeof value] ?? 'Convert its chunks to Uint8Array, such as `new Uint8Array(buffer)`.',
        });
      this.bytesRead += value.length;
      const isRecorded = this.#recorder?.write(value) !== false;
      // What came is delivered, also when it cannot be recorded.
      yield value;
      if (!isRecorded) throw this.#recorder?.failure;
    }
  }

  /**
   * Not waited for: an iterator that stands in the middle of `next` may answer only when something arrives, if ever. A stream of
   * Node's is destroyed, since its iterator is one of those.
   */
  #detach(): void {
    if (this.#ended || this.#iterator === undefined) return;
    this.#ended = true;
    void destroyStream(this.#stream, this.#iterator);
  }
}

/** Never rejects: what goes wrong when a stream is destroyed is no concern of a session that has all that it wants of it. */
async function destroyStream(
  stream: ByteStream & { destroy?: unknown },
  iterator: AsyncIterator<unknown> | Iterator<unknown>,
): Promise<void> {
  try {
    if (typeof stream.destroy === 'function') stream.destroy();
    else await iterator.return?.();
  } catch {}
}

function iteratorOf(stream: ByteStream): AsyncIterator<unknown> | Iterator<unknown> {
  try {
    const iterator =
      Symbol.asyncIterator in stream && stream[Symbol.asyncIterator] !== undefined
        ? stream[Symbol.asyncIterator]()
        : (stream as Iterable<unknown>)[Symbol.iterator]();
    if (typeof iterator?.next !== 'function') throw new TypeError(`its iterator is ${kindOf(iterator)}`);
    return iterator;
  } catch (cause) {
    throw new HostError('ERR_SOURCE_OPEN', `The stream cannot be read: ${describe(cause)}`, {
      cause,
      help: 'Pass a stream that was not read before and that no other code reads.',
    });
  }
}

/** What is behind compressed bytes, as a record in the stream of batches. */
function garbageEvent(number: number, name: string, position: number, bytes: number): Uint8Array {
  const message = `${bytes} bytes from byte ${position} of '${name}' on are behind its compressed data and are left out.`;
  const event: NumberedEvent = { number, event: { event: 'trailing', message, bytes } };
  return Buffer.from(JSON.stringify(event));
}

/** Returns false when the reader wants no more. */
async function write(writer: ByteRingWriter, chunk: Uint8Array): Promise<boolean> {
  for (let at = 0; at < chunk.length; ) {
    const slot = writer.tryAcquire() ?? (await writer.acquire());
    if (slot === undefined || writer.stopRequested) return false;
    const part = chunk.subarray(at, at + slot.length);
    slot.set(part);
    writer.publish(part.length);
    at += part.length;
  }
  return true;
}

function asSourceError(error: unknown): HostError {
  if (error instanceof HostError) return error;
  return new HostError('ERR_SOURCE_READ', `The stream failed: ${describe(error)}`, { cause: error });
}
