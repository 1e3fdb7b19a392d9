/**
 * A byte-source plugin as the input of a session. The plugin recovers from most failures in its own thread; when that thread is
 * lost, another one goes on here, at the byte behind the last that was delivered, with the same ring.
 */
import {
  endRingForWriter,
  HostError,
  type InstanceStarter,
  PluginError,
  type SerializedError,
  serializeError,
  stopRingWriter,
} from '@chipmunk-host/runtime';
import type { SourceRequest, SourceRestart } from '../shared/byte-source-messages.js';
import { createInputMemory } from '../shared/input-memory.js';
import type { RecoveryOptions } from '../shared/recovery-options.js';
import { RestartLimit } from '../shared/restart-limit.js';
import {
  type ByteSourceEnd,
  ByteSourceHost,
  type ByteSourceHostOptions,
  createSourceRing,
  type SourceRing,
  sourceOptions,
} from './byte-source-host.js';
import { FruitlessLimit } from './fruitless-limit.js';
import type { OpenedInput } from './opened-input.js';
import { defined } from './option-checks.js';
import type { ConfigSource } from './plugin-config.js';

/** A byte-source plugin, in a worker of the session's pool. */
export interface PluginSourceOptions extends Omit<ByteSourceHostOptions, 'pool' | 'onWaiting' | 'waitMs' | 'signal'> {
  /** The plugin's configuration. Default: the defaults of its schemas. */
  readonly config?: ConfigSource;
}

export interface PluginSourceParts {
  readonly pool: InstanceStarter;
  /** How many bytes of input may be wanted at once. */
  readonly hardMaxBytes: number;
  /** The session's, for what the source's own leave open. */
  readonly recovery: RecoveryOptions;
  readonly signal?: AbortSignal | undefined;
}

export class PluginSource implements OpenedInput {
  readonly request: SourceRequest;
  readonly restarts: SourceRestart[] = [];
  readonly #open: (onRestart: (restart: SourceRestart) => void) => Promise<ByteSourceHost>;
  readonly #ring: SourceRing;
  readonly #losses: RestartLimit;
  #host: ByteSourceHost | undefined;
  #running: Promise<ByteSourceEnd> | undefined;
  readonly #fruitless: FruitlessLimit;
  readonly #narrowingMs: number;
  /** Threads that were lost since the last bytes came. */
  #failures: { readonly error: SerializedError; readonly at: number }[] = [];
  #closing: Promise<void> | undefined;

  private constructor(options: PluginSourceOptions, { pool, hardMaxBytes, recovery, signal }: PluginSourceParts) {
    const { config, ...hostOptions } = options;
    const settings = { ...hostOptions, recovery: { ...recovery, ...defined(options.recovery) } };
    const limits = sourceOptions(settings).recovery;
    this.#losses = new RestartLimit(limits);
    this.#fruitless = new FruitlessLimit(limits);
    this.#narrowingMs = limits.narrowingMs;
    this.#ring = createSourceRing(options);
    this.request = { ring: this.#ring.ring, memory: createInputMemory(hardMaxBytes) };
    this.#open = async (onRestart) => {
      const started = { ...settings, pool, ...(signal === undefined ? {} : { signal }) };
      const host = await ByteSourceHost.open(started, this.#ring, onRestart);
      try {
        await host.init(config);
        signal?.throwIfAborted();
        return host;
      } catch (error) {
        await host.giveWay();
        throw error;
      }
    };
  }

  /** @throws ConfigError, PluginError of the plugin; the signal's reason */
  static async open(options: PluginSourceOptions, parts: PluginSourceParts): Promise<PluginSource> {
    const source = new PluginSource(options, parts);
    source.#host = await source.#open((restart) => source.restarts.push(restart));
    return source;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Of a source whose thread is gone, the ring can say no more than that. */
  async explain(error: unknown): Promise<unknown> {
    if (!(error instanceof HostError && error.code === 'ERR_SOURCE_READ')) return error;
    const end = await this.#running;
    return end === undefined || end.kind === 'ended' ? error : end.error;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    stopRingWriter(this.#ring.ring);
    endRingForWriter(this.#ring.ring);
    await this.#host?.close();
    // Another one may just have been started.
    await this.#running;
    await this.#host?.close();
  }

  /** Never rejects. */
  async #run(): Promise<ByteSourceEnd> {
    let end = await this.#runHost();
    while (end.kind === 'lost' && this.#closing === undefined && this.#mayGoOn(end.error)) end = await this.#replace();
    endRingForWriter(this.#ring.ring);
    return end;
  }

  async #runHost(): Promise<ByteSourceEnd> {
    if (this.#host === undefined) throw new HostError('ERR_INTERNAL', 'The source was started before it was opened.');
    const failures = this.#failures.map(({ error, at }) => ({ error, agoMs: performance.now() - at }));
    return this.#host.run({ failures, restarts: this.restarts.length });
  }

  /** Takes note of a thread that was lost. Returns whether another one may go on, by the rules for failures in one thread. */
  #mayGoOn(error: unknown): boolean {
    const now = performance.now();
    this.#failures.push({ error: serializeError(error), at: now });
    const tookMs = now - (this.#failures[0]?.at ?? now);
    const outOfTime = this.#narrowingMs > 0 && tookMs > this.#narrowingMs;
    return this.#losses.allows(now) && !outOfTime && !this.#fruitless.isReached(this.#failures.length);
  }

  /** Has another thread go on. */
  async #replace(): Promise<ByteSourceEnd> {
    await this.#host?.giveWay();
    try {
      this.#host = await this.#open((restart) => {
        this.restarts.push(restart);
        this.#failures = [];
      });
    } catch (error) {
      const lost = error instanceof PluginError && error.code === 'ERR_PLUGIN_LOST';
      return { kind: lost ? 'lost' : 'failed', error };
    }
    // Closed meanwhile: `close` has only seen the one that was lost.
    return this.#closing === undefined ? this.#runHost() : { kind: 'failed', error: closedMeanwhile() };
  }
}

function closedMeanwhile(): HostError {
  return new HostError('ERR_CLOSED', 'The source was closed while another thread took over.');
}
