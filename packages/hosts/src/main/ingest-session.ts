/**
 * One source, one parser, one stream of batches. Iterating pulls: the next batch is taken from the ring when it is asked
 * for, a full ring stops the worker, and so memory stays bounded however slow the consumer is.
 */
import { stat } from 'node:fs/promises';
import { type Frame, HostError, RingReader } from '@chipmunk-host/runtime';
import type { RunOutcome, WindowOptions } from '../shared/messages.js';
import type { ParserInfo } from '../shared/plugin-info.js';
import { Batch } from './batch.js';
import { type Progress, SessionAccount, type SessionSummary } from './ingest-progress.js';
import { type ConfigSource, named, ParserHost, type ParserHostOptions } from './parser-host.js';

/** Chipmunk's reader holds up to 10 MiB and passes all of it to `parse`. */
const DEFAULT_WINDOW_BYTES = 10 * 1024 * 1024;
const DEFAULT_HARD_MAX_BYTES = 256 * 1024 * 1024;
const PROGRESS_INTERVAL_MS = 100;

export interface IngestOptions extends ParserHostOptions {
  readonly source: { readonly file: string };
  /** The plugin's configuration. Default: the defaults of its schemas. */
  readonly config?: ConfigSource;
  readonly window?: Partial<WindowOptions>;
  /** Told how far the session is: at most every 100 ms while batches are taken, and once at the end. */
  readonly onProgress?: (progress: Progress) => void;
}

type RunEnd = { readonly outcome: RunOutcome } | { readonly error: unknown };

export class IngestSession implements AsyncIterableIterator<Batch>, AsyncDisposable {
  readonly #host: ParserHost;
  readonly #reader: RingReader;
  readonly #account = new SessionAccount();
  readonly #ran: Promise<RunEnd>;
  readonly #signal: AbortSignal | undefined;
  readonly #onProgress: IngestOptions['onProgress'];
  readonly #onAbort = () => void this.close();
  #lastProgress = 0;
  #current: { readonly batch: Batch; readonly frame: Frame } | undefined;
  /** Calls of `next` are served one after the other, as async generators serve theirs. */
  #turn: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  private constructor(host: ParserHost, options: IngestOptions) {
    this.#host = host;
    this.#reader = new RingReader(host.ring);
    this.#signal = options.signal;
    this.#onProgress = options.onProgress;
    const window: WindowOptions = {
      bytes: options.window?.bytes ?? DEFAULT_WINDOW_BYTES,
      hardMaxBytes: options.window?.hardMaxBytes ?? DEFAULT_HARD_MAX_BYTES,
    };
    this.#ran = named(host.plugin, host.instance.call('run', { source: options.source, window })).then(
      (outcome): RunEnd => ({ outcome }),
      (error: unknown): RunEnd => ({ error }),
    );
    // A worker that dies cannot close the ring itself.
    void host.instance.ended.then(() => this.#reader.closeForWriter());
    options.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /**
   * Starts a session: when this resolves, the plugin has accepted its configuration and reads the source.
   *
   * @throws HostError `ERR_SOURCE_OPEN` when the source cannot be read; ConfigError; PluginError; the signal's reason.
   */
  static async open(options: IngestOptions): Promise<IngestSession> {
    options.signal?.throwIfAborted();
    requireWindow(options.window ?? {});
    await requireRegularFile(options.source.file);
    const host = await ParserHost.open(options);
    try {
      await host.init(options.config);
      options.signal?.throwIfAborted();
      return new IngestSession(host, options);
    } catch (error) {
      await host.close();
      throw error;
    }
  }

  /** What the plugin said of itself. */
  get info(): ParserInfo {
    return this.#host.info;
  }

  get progress(): Progress {
    return this.#account.progress(this.#host.totalBytes);
  }

  /** The account so far; final when the iteration has ended. */
  get summary(): SessionSummary {
    return this.#account.summary();
  }

  /**
   * The next batch; the one before it becomes invalid, unless it was retained.
   * @throws what ended the session early, after everything that was published before; the signal's reason when aborted.
   */
  next(): Promise<IteratorResult<Batch, undefined>> {
    const result = this.#turn.then(() => this.#next());
    this.#turn = result.catch(() => {});
    return result;
  }

  /** Ends the session before the end of the input, as `break` in a loop does. */
  async return(): Promise<IteratorResult<Batch, undefined>> {
    await this.close();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Ends the session, its worker and its temporary directory. Again is harmless. A pending `next` ends. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #next(): Promise<IteratorResult<Batch, undefined>> {
    this.#releaseCurrent();
    if (this.#account.status === 'running') {
      const frame = this.#closing === undefined ? await this.#reader.next() : undefined;
      if (frame !== undefined && this.#closing === undefined) return { done: false, value: this.#take(frame) };
      if (this.#closing === undefined) await this.#finish();
    }
    await this.close();
    if (this.#account.status === 'aborted') throw this.#signal?.reason;
    if (this.#account.status === 'failed') {
      const end = await this.#ran;
      if ('error' in end && !this.#thrown) {
        this.#thrown = true;
        throw end.error;
      }
    }
    return { done: true, value: undefined };
  }

  /** An error is thrown once; the iterator is at its end from then on. */
  #thrown = false;

  #take(frame: Frame): Batch {
    const batch = Batch.from(frame.bytes);
    this.#current = { batch, frame };
    this.#account.add(batch);
    const now = performance.now();
    if (now - this.#lastProgress >= PROGRESS_INTERVAL_MS) {
      this.#lastProgress = now;
      this.#onProgress?.(this.progress);
    }
    return batch;
  }

  /** Everything was delivered: how did the worker end? */
  async #finish(): Promise<void> {
    const end = await this.#ran;
    if ('error' in end) {
      this.#account.addError(end.error);
      this.#account.end('failed');
    } else {
      this.#account.end(end.outcome.reason === 'stopped' ? 'stopped' : 'completed');
    }
  }

  async #close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#account.end(this.#signal?.aborted ? 'aborted' : 'stopped');
    this.#reader.requestStop();
    this.#reader.closeForWriter();
    this.#releaseCurrent();
    await this.#host.close();
    this.#onProgress?.(this.progress);
  }

  #releaseCurrent(): void {
    this.#current?.batch.release();
    this.#current?.frame.release();
    this.#current = undefined;
  }
}

function requireWindow({ bytes, hardMaxBytes }: Partial<WindowOptions>): void {
  for (const [name, value] of Object.entries({ bytes, hardMaxBytes })) {
    if (value !== undefined && !(Number.isInteger(value) && value > 0 && value <= 0x7fff_ffff))
      throw new RangeError(`window.${name} must be a whole number of bytes from 1 to 2147483647, got ${value}`);
  }
}

/** Anything else than a regular file could block the worker when it is opened or read. */
async function requireRegularFile(path: string): Promise<void> {
  const status = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    const what = cause.code === 'ENOENT' ? `There is no file '${path}'.` : `Cannot use '${path}': ${cause.message}`;
    throw new HostError('ERR_SOURCE_OPEN', what, { cause, help: 'Check the path and the rights to it.' });
  });
  if (status.isFile()) return;
  const kind = status.isDirectory() ? 'a directory' : 'not a regular file';
  throw new HostError('ERR_SOURCE_OPEN', `'${path}' is ${kind}; expected a file.`, { help: 'Name a log file.' });
}
