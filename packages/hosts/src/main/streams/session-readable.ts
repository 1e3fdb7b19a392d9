/** A session as a stream of Node's. */
import { Readable } from 'node:stream';
import { isNativeError } from 'node:util/types';
import { ChunkReader, type StreamedSession } from './chunk-reader.js';
import { nodeStreamOptions, requireStreamOptions, type SessionStreamOptions, type StreamAs } from './stream-options.js';

export function sessionReadable(session: StreamedSession, options: SessionStreamOptions): Readable {
  requireStreamOptions(options);
  return new SessionReadable(session, options);
}

class SessionReadable extends Readable {
  readonly #reader: ChunkReader<StreamAs>;
  readonly #pump: ReadablePump;

  constructor(session: StreamedSession, options: SessionStreamOptions) {
    super(nodeStreamOptions(options));
    this.#reader = new ChunkReader(session, options.as ?? 'elements', options.encoding);
    this.#pump = new ReadablePump(this);
    this.#pump.connect(this.#reader);
  }

  override _read(): void {
    void this.#pump.run();
  }

  override read(size?: number): ReturnType<Readable['read']> {
    const chunk = super.read(size);
    this.#pump.afterRead();
    return chunk;
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    closeThen(() => this.#reader.close(), error, callback);
  }
}

/** Moves chunks from a session into a stream whenever the stream has room, and ends or destroys it as the session ends. */
export class ReadablePump {
  readonly #readable: Readable;
  #reader: ChunkReader<StreamAs> | undefined;
  #isRunning = false;
  /** What the stream is destroyed with when its consumer has what waits in it: destroying throws that away. */
  #failure: Error | undefined;

  constructor(readable: Readable) {
    this.#readable = readable;
  }

  connect(reader: ChunkReader<StreamAs>): void {
    this.#reader = reader;
    // Weak: a stream that nobody holds is not kept by its session, so that the session can be missed.
    const held = new WeakRef(this);
    reader.onInterrupted(() => void held.deref()?.interrupted());
  }

  /** For `_read`. Never rejects. */
  async run(): Promise<void> {
    const reader = this.#reader;
    if (this.#isRunning || reader === undefined) return;
    this.#isRunning = true;
    try {
      for (let hasRoom = true; hasRoom && !this.#readable.destroyed; ) {
        const chunk = reader.take() ?? (await reader.next());
        // Behind the end nothing is pushed, so `hasRoom` is false.
        hasRoom = this.#readable.push(chunk ?? null);
      }
    } catch (thrown) {
      if (reader.hasFailed && this.#readable.readableLength > 0) this.#failure = asError(thrown);
      else this.#readable.destroy(asError(thrown));
    } finally {
      this.#isRunning = false;
    }
  }

  /** For `read`, behind the stream's own. */
  afterRead(): void {
    if (this.#failure !== undefined && this.#readable.readableLength === 0) this.#readable.destroy(this.#failure);
  }

  /** What waits in the stream is of no use to anybody: the session's signal was aborted, or the session was closed. */
  async interrupted(): Promise<void> {
    // A read that is under way gets the reason.
    if (this.#isRunning || this.#readable.destroyed) return;
    this.#isRunning = true;
    try {
      while ((await this.#reader?.next()) !== undefined);
    } catch (thrown) {
      this.#readable.destroy(asError(thrown));
    }
  }
}

/** Closes what a stream holds, and then calls back with the error that the stream is destroyed with. */
export function closeThen(
  close: () => Promise<void>,
  error: Error | null,
  callback: (error?: Error | null) => void,
): void {
  close().then(
    () => callback(error),
    (thrown: unknown) => callback(error ?? asError(thrown)),
  );
}

/** Streams of Node's are destroyed with errors alone, and a signal's reason may be anything. */
export function asError(thrown: unknown): Error {
  if (isNativeError(thrown) || thrown instanceof Error) return thrown;
  const error = new Error('The session was aborted.', { cause: thrown });
  return Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' });
}
