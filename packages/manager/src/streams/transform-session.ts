/** The session of a transform: opened when the transform is first used, with what is written as its input. */
import type { IngestSession, SessionStreamOptions, StreamAs } from '@chipmunk-host/hosts';
import { ChunkReader, STREAM_OPTIONS } from '@chipmunk-host/hosts/internal';
import { HostError } from '@chipmunk-host/runtime';
import { onAbort } from '@chipmunk-host/runtime/internal';
import { option, requireOption } from '@chipmunk-host/runtime/internal/options';
import type { PluginsManager } from '../plugins-manager.js';
import type { IngestRequest, ParserUse } from '../sessions/ingest-request.js';
import { requireRequest } from '../sessions/ingest-request-table.js';
import { ChunkQueue } from './chunk-queue.js';

/** What a transform needs of a manager. */
export type TransformManager = Pick<PluginsManager, 'ingest'>;

/** Everything that a session takes but its source and its parser, and what the chunks that come out are. */
export interface ParseTransformOptions<As extends StreamAs = StreamAs>
  extends Omit<IngestRequest, 'source' | 'parser' | 'parallel'>,
    SessionStreamOptions<As> {
  /** What the input is called (`sourceName`). Default: `stream`. */
  readonly name?: string | undefined;
}

export class TransformSession {
  readonly #input = new ChunkQueue();
  readonly #manager: TransformManager;
  readonly #request: IngestRequest;
  readonly #as: StreamAs;
  readonly #encoding: SessionStreamOptions['encoding'];
  /** Ends the waiting for a worker, too. */
  readonly #abort = new AbortController();
  readonly #stopListening: () => void;
  #opened: Promise<ChunkReader<StreamAs>> | undefined;
  #session: IngestSession | undefined;
  /** Settles when nothing more comes of what is written. */
  readonly #over: Promise<void>;
  #tellOver: () => void = () => {};

  /**
   * @param aborted called with the reason when the signal of the options is aborted
   * @throws HostError `ERR_INVALID_OPTION`
   */
  constructor(
    manager: TransformManager,
    parser: ParserUse,
    options: ParseTransformOptions,
    aborted: (reason: unknown) => void,
  ) {
    this.#over = new Promise((resolve) => {
      this.#tellOver = resolve;
    });
    requireOption(option.required(option.instance('a plugins manager', 'ingest')), manager, 'manager');
    const { as = 'elements', highWaterMark, encoding, name, signal, ...rest } = options;
    requireOption(STREAM_OPTIONS.as, as, 'as');
    requireOption(STREAM_OPTIONS.encoding, encoding, 'encoding');
    requireOption(STREAM_OPTIONS.highWaterMark, highWaterMark, 'highWaterMark');
    const source = { stream: this.#input, ...(name === undefined ? {} : { name }) };
    requireRequest({ ...rest, ...(signal === undefined ? {} : { signal }), source, parser });
    this.#manager = manager;
    this.#request = { ...rest, source, parser, signal: this.#abort.signal };
    this.#as = as;
    this.#encoding = encoding;
    const end = () => {
      this.#abort.abort(signal?.reason);
      aborted(signal?.reason);
    };
    this.#stopListening = onAbort(signal, end);
    // Listeners of one that was aborted before are not called.
    if (signal?.aborted === true) queueMicrotask(end);
  }

  /** Undefined before it is open. */
  get session(): IngestSession | undefined {
    return this.#session;
  }

  /** Opens it at the first call. @throws what `ingest` throws */
  open(): Promise<ChunkReader<StreamAs>> {
    this.#opened ??= this.#open();
    return this.#opened;
  }

  /**
   * Opens the session at the first call. Resolves when the parser's worker has the bytes.
   * @throws HostError `ERR_CLOSED` when the session has ended: behind what ended it
   */
  async write(chunk: Uint8Array): Promise<void> {
    this.open().catch(() => {});
    if (await this.#input.write(chunk)) return;
    await this.#over;
    throw new HostError('ERR_CLOSED', 'The session has ended: what is written is no longer parsed.');
  }

  /** Nothing more is written. */
  end(): void {
    this.open().catch(() => {});
    this.#input.end();
  }

  /** Ends it early, or gives up opening it; of a session that has ended nothing changes. Never rejects. */
  async close(): Promise<void> {
    this.#stopListening();
    void this.#input.return();
    if (this.#session === undefined) this.#abort.abort();
    const reader = await this.#opened?.catch(() => undefined);
    await reader?.close();
    this.#tellOver();
  }

  async #open(): Promise<ChunkReader<StreamAs>> {
    const session = await this.#manager.ingest(this.#request);
    this.#session = session;
    void session.ended.then(({ summary }) => {
      if (summary.status === 'completed') this.#tellOver();
    });
    try {
      return new ChunkReader(session, this.#as, this.#encoding);
    } catch (error) {
      await session.close();
      throw error;
    }
  }
}
