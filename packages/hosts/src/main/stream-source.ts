/**
 * Bytes that arrive on the main thread (standard input, a socket, anything that can be iterated) as a source for a parser's
 * worker. The next chunk is only asked for when the one before is in the ring, so a slow parser slows the stream; the main
 * thread is never blocked.
 */
import {
  ChunkWriter,
  createRingMemory,
  describe,
  endRingForWriter,
  HostError,
  type RingMemory,
  type RingShape,
  stopRingWriter,
} from '@chipmunk-host/runtime';

const DEFAULT_RING: RingShape = { slots: 16, slotBytes: 256 * 1024 };

export class StreamSource implements AsyncDisposable {
  /** Where the bytes come out, for a ChunkReader. */
  readonly ring: RingMemory;
  readonly #stream: AsyncIterable<Uint8Array>;
  #iterator: AsyncIterator<Uint8Array> | undefined;
  #ended = false;

  constructor(stream: AsyncIterable<Uint8Array>, shape: RingShape = DEFAULT_RING) {
    this.#stream = stream;
    this.ring = createRingMemory(shape);
  }

  /** Begins to read. Whatever becomes of the stream is told to the reader of the ring. */
  start(): void {
    if (this.#iterator !== undefined) return;
    const iterator = this.#stream[Symbol.asyncIterator]();
    this.#iterator = iterator;
    void this.#pump(iterator);
  }

  /** Reads no more, lets the stream go as `break` in a loop does, and wakes the reader of the ring. Again is harmless. */
  async close(): Promise<void> {
    stopRingWriter(this.ring);
    endRingForWriter(this.ring);
    this.#letGo();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #pump(iterator: AsyncIterator<Uint8Array>): Promise<void> {
    const writer = new ChunkWriter(this.ring, { blockingWaitMs: 0 });
    try {
      for (;;) {
        const { done, value } = await iterator.next();
        if (done === true) break;
        if (!(await write(writer, value))) break;
      }
      this.#ended = !writer.stopRequested;
      writer.close();
    } catch (error) {
      this.#ended = true;
      await writer.fail(asSourceError(error));
    }
    this.#letGo();
  }

  /**
   * Not waited for: an iterator that stands in the middle of `next` may answer only when something arrives, if ever. A stream of
   * Node's is destroyed, since its iterator is one of those.
   */
  #letGo(): void {
    if (this.#ended || this.#iterator === undefined) return;
    this.#ended = true;
    const stream: { destroy?: unknown } = this.#stream as AsyncIterable<Uint8Array> & { destroy?: unknown };
    if (typeof stream.destroy === 'function') stream.destroy.call(stream);
    else this.#iterator.return?.().catch(() => {});
  }
}

/** Returns false when the reader wants no more. */
async function write(writer: ChunkWriter, chunk: unknown): Promise<boolean> {
  if (!(chunk instanceof Uint8Array))
    throw new HostError('ERR_SOURCE_READ', `The stream delivered a ${typeof chunk}; expected bytes (Uint8Array).`, {
      help: 'Set no encoding on the stream.',
    });
  for (let at = 0; at < chunk.length; ) {
    const slot = writer.tryAcquire() ?? (await writer.acquire());
    if (slot === undefined || writer.stopRequested) return false;
    const piece = chunk.subarray(at, at + slot.length);
    slot.set(piece);
    writer.publish(piece.length);
    at += piece.length;
  }
  return true;
}

function asSourceError(error: unknown): HostError {
  if (error instanceof HostError) return error;
  return new HostError('ERR_SOURCE_READ', `The stream failed: ${describe(error)}`, { cause: error });
}
