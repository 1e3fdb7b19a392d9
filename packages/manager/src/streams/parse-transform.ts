/** Bytes in, what a parser makes of them out: a stream of Node's. */
import { Duplex } from 'node:stream';
import type { IngestSession } from '@chipmunk-host/hosts';
import { asError, closeThen, nodeStreamOptions, ReadablePump } from '@chipmunk-host/hosts/internal';
import type { ParserUse } from '../sessions/ingest-request.js';
import { type ParseTransformOptions, type TransformManager, TransformSession } from './transform-session.js';

/**
 * A transform stream whose session begins when the stream is first written to or read, and takes a worker until the stream is closed. Its
 * readable side is as `session.readable()`. What ends the session early destroys the stream, once, with the same error.
 * @param options what `ingest` takes, and what the chunks that come out are: `as`, `highWaterMark`
 * @throws HostError `ERR_INVALID_OPTION`
 */
export function createParseTransform(
  manager: TransformManager,
  parser: ParserUse,
  options: ParseTransformOptions = {},
): ParseTransform {
  return new ParseTransform(manager, parser, options);
}

/** A stream of Node's that bytes are written to and parsed items are read from. See `createParseTransform`. */
export class ParseTransform extends Duplex {
  readonly #session: TransformSession;
  readonly #pump: ReadablePump;
  #hasBegun = false;

  /** @internal */
  constructor(manager: TransformManager, parser: ParserUse, options: ParseTransformOptions) {
    const { objectMode, highWaterMark } = nodeStreamOptions(options);
    super({ readableObjectMode: objectMode, readableHighWaterMark: highWaterMark });
    this.#session = new TransformSession(manager, parser, options, (reason) => void this.destroy(asError(reason)));
    this.#pump = new ReadablePump(this);
  }

  /** Undefined before it has started. Its `summary` is final when the stream has emitted `close`. */
  get session(): IngestSession | undefined {
    return this.#session.session;
  }

  /** @internal Called by the stream. */
  override _read(): void {
    this.#begin();
    void this.#pump.run();
  }

  override read(size?: number): ReturnType<Duplex['read']> {
    const chunk = super.read(size);
    this.#pump.afterRead();
    return chunk;
  }

  /** @internal Called by the stream. */
  override _write(chunk: Uint8Array, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#begin();
    this.#session.write(chunk).then(() => callback(), callback);
  }

  /** @internal Called by the stream. */
  override _final(callback: (error?: Error | null) => void): void {
    this.#begin();
    this.#session.end();
    callback();
  }

  /** @internal Called by the stream. */
  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    closeThen(() => this.#session.close(), error, callback);
  }

  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#session.open().then(
      (reader) => {
        if (this.destroyed) return;
        this.#pump.connect(reader);
        // It may have been asked for some before: a stream asks once.
        void this.#pump.run();
      },
      (thrown: unknown) => void this.destroy(asError(thrown)),
    );
  }
}
