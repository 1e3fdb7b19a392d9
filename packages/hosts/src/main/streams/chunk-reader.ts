/** Takes chunks from a session for a stream: copies, since a stream holds several and its consumer as many as it likes. */
import type { StreamElement } from '@chipmunk-host/batch';
import { HostError } from '@chipmunk-host/runtime';
import { ENCODED_FORMATS, type EncodedFormat, type EncodingOptions } from '../../shared/encode/encoding-options.js';
import type { StreamAs, StreamChunks } from './stream-options.js';

/** What a stream needs of a session. */
export interface StreamedSession {
  /** Never rejects. */
  readonly ended: Promise<{ readonly summary: StreamedSummary }>;
  readonly summary: StreamedSummary;
  next(): Promise<IteratorResult<StreamElement, undefined>>;
  encoded(
    format: EncodedFormat,
    options: Omit<EncodingOptions, 'format'>,
  ): AsyncIterator<StreamElement | Encoded, undefined, undefined>;
  close(): Promise<void>;
}

interface Encoded {
  readonly type: 'encoded';
  readonly bytes: Uint8Array;
  retain(): Encoded;
}

interface StreamedSummary {
  readonly status: string;
}

/** Sessions that a stream reads: two readers would each get a part. */
const taken = new WeakSet<StreamedSession>();

/** @throws HostError `ERR_SESSION_TAKEN` */
export function takeSession(session: StreamedSession): void {
  if (taken.has(session)) throw takenError();
  taken.add(session);
}

export function takenError(): HostError {
  return new HostError('ERR_SESSION_TAKEN', 'Another stream reads this session, or has read it.', {
    help: 'Call readable(), stream(), collect() or encoded() once. Split the stream behind it: `tee()` of a web stream.',
  });
}

export class ChunkReader<As extends StreamAs> {
  readonly #session: StreamedSession;
  readonly #elements: Pick<AsyncIterator<StreamElement | Encoded, undefined, undefined>, 'next'>;
  readonly #as: As;
  #chunks: Iterator<StreamChunks[StreamAs]> = [][Symbol.iterator]();

  /** @throws HostError `ERR_SESSION_TAKEN`; `ERR_INVALID_OPTION` for what the format does not have */
  constructor(session: StreamedSession, as: As, encoding: Omit<EncodingOptions, 'format'> = {}) {
    if (isEncodedFormat(as)) this.#elements = session.encoded(as, encoding);
    else {
      takeSession(session);
      this.#elements = session;
    }
    this.#session = session;
    this.#as = as;
  }

  /** The next chunk, when one is at hand. */
  take(): StreamChunks[As] | undefined {
    const { done, value } = this.#chunks.next();
    return done === true ? undefined : (value as StreamChunks[As]);
  }

  /**
   * The next chunk; undefined at the end of the input.
   * @throws what ended the session early
   */
  async next(): Promise<StreamChunks[As] | undefined> {
    for (;;) {
      const chunk = this.take();
      if (chunk !== undefined) return chunk;
      const { done, value } = await this.#elements.next();
      if (done === true) {
        requireCompleted(this.#session);
        return undefined;
      }
      this.#chunks = chunksOf(value.retain(), this.#as);
    }
  }

  /** Whether what it throws comes behind items that the session has delivered. Nobody waits for what came before an abort. */
  get hasFailed(): boolean {
    return this.#session.summary.status === 'failed';
  }

  /** Calls back when the session was ended from outside: by its signal, by `close`, with its manager. */
  onInterrupted(callback: () => void): void {
    void this.#session.ended.then(({ summary: { status } }) => {
      if (status === 'aborted' || status === 'stopped') callback();
    });
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}

/**
 * A stream that ends has all that the input has.
 * @throws HostError `ERR_CLOSED` when the session was closed before the end of the input
 */
export function requireCompleted({ summary: { status } }: StreamedSession): void {
  if (status === 'completed') return;
  throw new HostError('ERR_CLOSED', 'The session was closed before the end of its input.', {
    help: 'To stop early, destroy or cancel the stream, and not its session.',
  });
}

function isEncodedFormat(as: StreamAs): as is EncodedFormat {
  return (ENCODED_FORMATS as readonly string[]).includes(as);
}

function* chunksOf(element: StreamElement | Encoded, as: StreamAs): Generator<StreamChunks[StreamAs], void, undefined> {
  if (element.type === 'encoded') {
    if (element.bytes.length > 0) yield element.bytes;
  } else if (isEncodedFormat(as)) return;
  else if (as === 'elements') yield element;
  else if (as === 'bytes') yield element.bytes;
  else if (element.type !== 'batch') return;
  else if (as === 'batches') yield element;
  else yield* element;
}
