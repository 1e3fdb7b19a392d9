/** A byte-source plugin as the input of a session. */
import { HostError } from '@chipmunk-host/runtime';
import { type InstanceStarter, stopRingWriter } from '@chipmunk-host/runtime/internal';
import type { RecordOptions } from '@chipmunk-host/sources';
import type { SourceRequest } from '../../shared/protocol/byte-source-messages.js';
import { createInputMemory } from '../../shared/protocol/input-memory.js';
import type { RecoveryOptions } from '../../shared/protocol/recovery-options.js';
import type { ConfigSource } from '../grants/plugin-config.js';
import { type ByteSourceEnd, ByteSourceHost, type ByteSourceHostOptions } from '../host/byte-source-host.js';
import { defined } from '../options/defined.js';
import { type InputHold, sourceHold } from './input-hold.js';
import type { OpenedInput } from './opened-input.js';

/** A byte-source plugin, in a worker of the session's pool. */
export interface PluginSourceOptions extends Omit<ByteSourceHostOptions, 'pool' | 'onWaiting' | 'waitMs' | 'signal'> {
  /** The plugin's configuration. Default: the defaults of its schemas. */
  readonly config?: ConfigSource | undefined;
}

export interface PluginSourceParts {
  readonly pool: InstanceStarter;
  /** How many bytes of input may be wanted at once. */
  readonly hardMaxBytes: number;
  /** The session's, for what the source's own leave open. */
  readonly recovery: RecoveryOptions;
  readonly signal?: AbortSignal | undefined;
  /** Where what the input delivers is recorded. */
  readonly record?: RecordOptions | undefined;
}

export class PluginInput implements OpenedInput {
  readonly request: SourceRequest;
  readonly #host: ByteSourceHost;
  #running: Promise<ByteSourceEnd> | undefined;
  #closing: Promise<void> | undefined;

  private constructor(host: ByteSourceHost, hardMaxBytes: number) {
    this.#host = host;
    this.request = { ring: host.ring, memory: createInputMemory(hardMaxBytes), input: host.input };
  }

  /** @throws ConfigError, PluginError of the plugin; the signal's reason */
  static async open(
    { config, ...options }: PluginSourceOptions,
    { pool, hardMaxBytes, recovery, signal }: PluginSourceParts,
  ): Promise<PluginInput> {
    const host = await ByteSourceHost.open({
      ...options,
      recovery: { ...recovery, ...defined(options.recovery) },
      pool,
      ...(signal === undefined ? {} : { signal }),
    });
    try {
      await host.init(config);
      signal?.throwIfAborted();
      return new PluginInput(host, hardMaxBytes);
    } catch (error) {
      await host.close();
      throw error;
    }
  }

  get source(): Pick<ByteSourceHost, 'plugin' | 'meter'> {
    return this.#host;
  }

  get hold(): InputHold {
    return sourceHold(this.#host.ring);
  }

  start(): void {
    this.#running ??= this.#host.run();
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
    stopRingWriter(this.#host.ring);
    await this.#host.close();
    await this.#running;
  }
}
