/** A session as a stream of the web. */
import { ChunkReader, type StreamedSession } from './chunk-reader.js';
import { requireStreamOptions, type SessionStreamOptions, type StreamAs, type StreamChunks } from './stream-options.js';

export function sessionStream<As extends StreamAs>(
  session: StreamedSession,
  options: SessionStreamOptions<As>,
): ReadableStream<StreamChunks[As]> {
  requireStreamOptions(options);
  const reader = new ChunkReader(session, options.as ?? 'elements', options.encoding) as ChunkReader<As>;
  const { highWaterMark } = options;
  return new ChunkStream({ open: async () => reader, highWaterMark, cancelled: () => reader.close() }).stream;
}

export interface ChunkStreamOptions<As extends StreamAs> {
  /** Called when the first chunk is asked for. */
  readonly open: () => Promise<ChunkReader<As>>;
  /** Default 0. */
  readonly highWaterMark: number | undefined;
  /** All chunks were taken. */
  readonly ended?: () => Promise<void>;
  /** The stream has failed. */
  readonly failed?: (thrown: unknown) => void;
  /** The consumer wants no more. */
  readonly cancelled: (reason: unknown) => Promise<void>;
}

/** A web stream of a session's chunks. */
export class ChunkStream<As extends StreamAs> {
  readonly stream: ReadableStream<StreamChunks[As]>;
  readonly #options: ChunkStreamOptions<As>;
  #controller: ReadableStreamDefaultController<StreamChunks[As]> | undefined;
  #reader: ChunkReader<As> | undefined;
  #isPulling = false;
  /** What the stream fails with when its consumer has what waits in it: failing throws that away. */
  #failure: { readonly thrown: unknown } | undefined;

  constructor(options: ChunkStreamOptions<As>) {
    this.#options = options;
    const start = (controller: ReadableStreamDefaultController<StreamChunks[As]>) => {
      this.#controller = controller;
    };
    const pull = (controller: ReadableStreamDefaultController<StreamChunks[As]>) => this.#pull(controller);
    const { highWaterMark = 0, cancelled: cancel } = options;
    this.stream = new ReadableStream({ start, pull, cancel }, { highWaterMark });
  }

  /** Ends the stream with what went wrong elsewhere. */
  fail(reason: unknown): void {
    this.#controller?.error(reason);
  }

  async #pull(controller: ReadableStreamDefaultController<StreamChunks[As]>): Promise<void> {
    this.#isPulling = true;
    try {
      if (this.#failure !== undefined) throw this.#failure.thrown;
      const reader = this.#reader ?? this.#connect(await this.#options.open());
      const chunk = reader.take() ?? (await reader.next());
      if (chunk !== undefined) return controller.enqueue(chunk);
      await this.#options.ended?.();
      controller.close();
    } catch (thrown) {
      const { highWaterMark = 0 } = this.#options;
      const isEmpty = (controller.desiredSize ?? 0) >= highWaterMark;
      if (this.#reader?.hasFailed === true && !isEmpty) {
        this.#failure = { thrown };
        return;
      }
      this.#options.failed?.(thrown);
      throw thrown;
    } finally {
      this.#isPulling = false;
    }
  }

  #connect(reader: ChunkReader<As>): ChunkReader<As> {
    this.#reader = reader;
    // Weak: a stream that nobody holds is not kept by its session, so that the session can be missed.
    const held = new WeakRef(this);
    reader.onInterrupted(() => void held.deref()?.interrupted());
    return reader;
  }

  /** As `ReadablePump.interrupted`. */
  async interrupted(): Promise<void> {
    if (this.#isPulling) return;
    try {
      while ((await this.#reader?.next()) !== undefined);
    } catch (thrown) {
      this.fail(thrown);
      this.#options.failed?.(thrown);
    }
  }
}
