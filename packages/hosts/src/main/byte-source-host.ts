/**
 * One byte-source plugin in a worker of its own. Its bytes go through a shared ring straight to the worker that parses them:
 * a ring that is full stops the plugin, and the main thread takes no part in it.
 */
import {
  type CompiledComponent,
  createRingMemory,
  endRingForWriter,
  HostError,
  type InstanceStarter,
  PluginError,
  PluginInvalidError,
  type RingMemory,
  type RingShape,
  stopRingWriter,
  type WorkerInstance,
} from '@chipmunk-host/runtime';
import type {
  ByteSourceControl,
  ByteSourceEvent,
  ByteSourceOutcome,
  ByteSourcePayload,
} from '../shared/byte-source-messages.js';
import type { LogLevel } from '../shared/config-schema.js';
import type { ByteSourceInfo } from '../shared/plugin-info.js';
import { createRunStatus } from '../shared/run-status.js';
import { endedByForce, type OnLog, reportLogs, watchedCall } from './plugin-call.js';
import { requireClaims } from './plugin-claims.js';
import {
  type ConfigSource,
  type GrantOptions,
  prepareConfig,
  removeTemporaryDirectory,
  temporaryDirectoryFor,
} from './plugin-config.js';
import { identifyPlugin } from './plugin-kind.js';
import { watchRun } from './watchdog.js';

/** The program of the source's worker: started here, defined there. */
const BYTE_SOURCE_WORKER = new URL('../worker/byte-source.worker.js', import.meta.url);

/** What a plugin may read ahead of the parser. A slot is the most that it is asked for at once. */
const DEFAULT_RING: RingShape = { slots: 16, slotBytes: 256 * 1024 };
const DEFAULT_DEADLINE_MS = 10_000;

export interface ByteSourceHostOptions {
  readonly component: CompiledComponent;
  /** Where the worker comes from: a pool, or workers of it that were reserved. */
  readonly pool: InstanceStarter;
  /** Name or path of the plugin, for messages. Default: the beginning of its content hash. */
  readonly plugin?: string;
  /** What the plugin is told to log, and the least of what is passed on. Default `warn`. */
  readonly logLevel?: LogLevel;
  /** Told what the plugin logs. `dropped` counts lines lost before this one because they came too fast. */
  readonly onLog?: OnLog;
  /** Called once when all workers are in use and the plugin has to wait for one. */
  readonly onWaiting?: () => void;
  /** Slots of the ring of bytes. Default 16 of 256 KiB. */
  readonly ring?: RingShape;
  /** Calls `read` through the bindings even where it could be called directly. Default false. */
  readonly bindingsOnly?: boolean;
  /** Time limit on one call of the plugin, in milliseconds. Default 10,000; 0 means none. */
  readonly deadlineMs?: number;
  /** What the plugin is given of the machine beside its configuration's files and directories. Default: nothing. */
  readonly grants?: GrantOptions;
  readonly signal?: AbortSignal;
}

/** How a source ended. */
export type ByteSourceEnd =
  | { readonly kind: 'ended'; readonly outcome: ByteSourceOutcome }
  | { readonly kind: 'failed'; readonly error: unknown };

export class ByteSourceHost implements AsyncDisposable {
  readonly plugin: string;
  /** Where the bytes come out, for a ChunkReader. */
  readonly ring: RingMemory;
  readonly deadlineMs: number;
  readonly instance: WorkerInstance<ByteSourceControl>;
  readonly #payload: ByteSourcePayload;
  readonly #grants: GrantOptions;
  #info: ByteSourceInfo | undefined;
  #running: Promise<ByteSourceEnd> | undefined;
  #stopWatching: () => void = () => {};
  #closing: Promise<void> | undefined;

  private constructor(payload: ByteSourcePayload, instance: WorkerInstance<ByteSourceControl>, grants: GrantOptions) {
    this.#grants = grants;
    this.plugin = payload.plugin;
    this.ring = payload.ring;
    this.deadlineMs = payload.options.deadlineMs;
    this.instance = instance;
    this.#payload = payload;
    // A worker that dies cannot close the ring itself.
    void instance.ended.then(() => endRingForWriter(payload.ring));
  }

  /**
   * Instantiates the plugin in a worker and asks it about itself.
   * @throws PluginInvalidError when the component is no byte-source plugin or claims too much, PluginTrapError when it fails to start
   */
  static async open(options: ByteSourceHostOptions): Promise<ByteSourceHost> {
    const plugin = options.plugin ?? options.component.hash.slice(0, 12);
    const payload: ByteSourcePayload = {
      component: options.component,
      apiVersion: requireByteSource(options.component, plugin),
      plugin,
      tempDirectory: temporaryDirectoryFor(options.grants ?? {}),
      ring: createRingMemory(options.ring ?? DEFAULT_RING),
      status: createRunStatus(),
      logLevel: options.logLevel ?? 'warn',
      options: {
        bindingsOnly: options.bindingsOnly ?? false,
        deadlineMs: options.deadlineMs ?? DEFAULT_DEADLINE_MS,
      },
    };
    const instance = await options.pool.start<ByteSourceControl, ByteSourcePayload>(payload, {
      program: BYTE_SOURCE_WORKER,
      onEvent: (event) => {
        const { records, dropped } = event as ByteSourceEvent;
        reportLogs({ plugin, records, dropped }, options.onLog);
      },
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.onWaiting === undefined ? {} : { onWaiting: options.onWaiting }),
    });
    const host = new ByteSourceHost(payload, instance, options.grants ?? {});
    try {
      const info = await watchedCall(host, 'info', instance.call('open'));
      requireClaims(info, plugin);
      host.#info = info;
      return host;
    } catch (error) {
      await host.close();
      throw error;
    }
  }

  /** What the plugin said of itself. */
  get info(): ByteSourceInfo {
    if (this.#info === undefined) throw new HostError('ERR_INTERNAL', 'The plugin was not asked about itself yet.');
    return this.#info;
  }

  /**
   * Checks the configuration against the plugin's schemas and hands it over, with defaults for what is missing.
   * @throws ConfigError with all faults; PluginInitError with the plugin's own message when it refuses.
   */
  async init(config: ConfigSource = {}): Promise<void> {
    const [items, grants] = prepareConfig(this.info.configSchemas, config, this.#grants);
    await watchedCall(this, 'init', this.instance.call('init', items, grants));
  }

  /**
   * Reads the plugin until its input ends or it is closed. Called again, it tells of the same run. Never rejects: whoever reads
   * the ring meets the error there, too, behind the bytes that came before it.
   */
  run(): Promise<ByteSourceEnd> {
    this.#running ??= this.#run();
    return this.#running;
  }

  /** Ends the instance and removes its temporary directory. A reader of the ring is woken. Again is harmless. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      this.#stopWatching();
      stopRingWriter(this.ring);
      await this.instance.close();
      await removeTemporaryDirectory(this.#payload.tempDirectory);
    })();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(): Promise<ByteSourceEnd> {
    let stuck = false;
    this.#stopWatching = watchRun(this.#payload.status, this.deadlineMs, () => {
      stuck = true;
      void this.instance.terminate();
    });
    try {
      return { kind: 'ended', outcome: await this.instance.call('run') };
    } catch (thrown) {
      if (thrown instanceof PluginError) {
        thrown.plugin ??= this.plugin;
        thrown.phase ??= 'read';
      }
      return { kind: 'failed', error: stuck ? endedByForce(this.plugin, this.deadlineMs, 'read', thrown) : thrown };
    } finally {
      this.#stopWatching();
    }
  }
}

/** Returns the plugin's API version. */
function requireByteSource(component: CompiledComponent, plugin: string): string {
  try {
    const { kind, apiVersion } = identifyPlugin(component);
    if (kind === 'bytesource') return apiVersion;
    throw new PluginInvalidError('The plugin is a parser; expected a byte-source.');
  } catch (error) {
    if (error instanceof PluginError) error.plugin ??= plugin;
    throw error;
  }
}
