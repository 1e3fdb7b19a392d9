/** Bytes in, what a parser makes of them out: a pair of web streams, for `pipeThrough`. */
import type { IngestSession, StreamAs, StreamChunks } from '@chipmunk-host/hosts';
import { ChunkStream } from '@chipmunk-host/hosts/internal';
import type { ParserUse } from '../sessions/ingest-request.js';
import { type ParseTransformOptions, type TransformManager, TransformSession } from './transform-session.js';

/** A pair of web streams: bytes in, parsed items out. See `createParseTransformStream`. */
export interface ParseTransformStream<As extends StreamAs = StreamAs> {
  /** As `session.stream()`. Cancelling it ends the session. */
  readonly readable: ReadableStream<StreamChunks[As]>;
  /** Takes the next chunk when the parser has room for it. Aborting it ends the session. */
  readonly writable: WritableStream<Uint8Array>;
  /** Undefined before it has started. Its `summary` is final when `readable` has ended. */
  readonly session: IngestSession | undefined;
}

/**
 * The session begins when the pair is first written to or read, and takes a worker until `readable` has ended, or one of the two was
 * cancelled or aborted. What ends the session early is the error of both.
 * @param options what `ingest` takes, and what the chunks that come out are: `as`, `highWaterMark`
 * @throws HostError `ERR_INVALID_OPTION`
 */
export function createParseTransformStream<As extends StreamAs = 'elements'>(
  manager: TransformManager,
  parser: ParserUse,
  options: ParseTransformOptions<As> = {},
): ParseTransformStream<As> {
  return new TransformPair<As>(manager, parser, options);
}

class TransformPair<As extends StreamAs> implements ParseTransformStream<As> {
  readonly readable: ReadableStream<StreamChunks[As]>;
  readonly writable: WritableStream<Uint8Array>;
  readonly #session: TransformSession;
  readonly #output: ChunkStream<StreamAs>;
  #writing: WritableStreamDefaultController | undefined;
  #isOver = false;

  constructor(manager: TransformManager, parser: ParserUse, options: ParseTransformOptions) {
    this.#session = new TransformSession(manager, parser, options, (reason) => void this.#fail(reason));
    this.#output = new ChunkStream<StreamAs>({
      open: () => this.#session.open(),
      highWaterMark: options.highWaterMark,
      ended: () => this.#session.close(),
      failed: (thrown) => this.#fail(thrown),
      cancelled: (reason) => this.#fail(reason),
    });
    this.readable = this.#output.stream as ReadableStream<StreamChunks[As]>;
    this.writable = new WritableStream({
      start: (controller) => {
        this.#writing = controller;
      },
      write: (chunk) => {
        this.#begin();
        return this.#session.write(chunk);
      },
      close: () => {
        this.#begin();
        this.#session.end();
      },
      abort: (reason) => this.#fail(reason),
    });
  }

  get session(): IngestSession | undefined {
    return this.#session.session;
  }

  /** Also what keeps the session from starting is the error of both. */
  #begin(): void {
    this.#session.open().catch((thrown: unknown) => this.#fail(thrown));
  }

  /** The first reason counts. */
  #fail(reason: unknown): Promise<void> {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#output.fail(reason);
      this.#writing?.error(reason);
    }
    return this.#session.close();
  }
}
