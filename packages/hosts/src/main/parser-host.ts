/** One parser plugin in a worker of its own, up to the point where it is configured and can be given input. */
import {
  type CompiledComponent,
  createRingMemory,
  HostError,
  type InstanceStarter,
  PluginError,
  PluginInvalidError,
  type RingMemory,
  type RingShape,
  type WorkerInstance,
  WorkerPool,
  type WorkerPoolOptions,
} from '@chipmunk-host/runtime';
import type { LogLevel } from '../shared/config-schema.js';
import type { ParserControl, ParserEvent, ParserPayload } from '../shared/messages.js';
import type { ParserInfo } from '../shared/plugin-info.js';
import { createRunStatus } from '../shared/run-status.js';
import { type OnLog, reportLogs, watchedCall } from './plugin-call.js';
import { requireClaims } from './plugin-claims.js';
import {
  type ConfigSource,
  type GrantOptions,
  prepareConfig,
  removeTemporaryDirectory,
  temporaryDirectoryFor,
} from './plugin-config.js';
import { identifyPlugin } from './plugin-kind.js';

/** The program of the pool's workers: spawned here, defined there. */
const PARSER_WORKER = new URL('../worker/parser.worker.js', import.meta.url);

const DEFAULT_RING: RingShape = { slots: 4, slotBytes: 1024 * 1024 };
const DEFAULT_OUTPUT_BYTES = 1024 * 1024 * 1024;
const DEFAULT_DEADLINE_MS = 10_000;

/** A pool whose workers can run parser plugins. Close it when no session is needed any more. */
export function createParserPool(options: Omit<WorkerPoolOptions, 'program'> = {}): WorkerPool {
  return new WorkerPool({ ...options, program: PARSER_WORKER });
}

export interface ParserHostOptions {
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
  /** Slots of the batch ring. Default 4 of 1 MiB: what a consumer that stops can keep waiting. */
  readonly ring?: RingShape;
  /** Bytes that the items of one `parse` call may have. Default 1 GiB; 0 means no limit. */
  readonly outputBytes?: number;
  /** Calls `parse` through the bindings even where it could be called directly: slower, with the same items. Default false. */
  readonly bindingsOnly?: boolean;
  /** Time limit on one call of the plugin, in milliseconds. Default 10,000; 0 means none. */
  readonly deadlineMs?: number;
  /** What the plugin is given of the machine beside its configuration's files and directories. Default: nothing. */
  readonly grants?: GrantOptions;
  /**
   * Directory in which input is kept on which the plugin fails, a file for each gap, with all that is needed to try it again
   * (`replay`). Default: none, nothing is kept. At most 100 files a session, of at most 64 MiB of input.
   */
  readonly quarantineDirectory?: string;
  readonly signal?: AbortSignal;
}

export class ParserHost implements AsyncDisposable {
  readonly plugin: string;
  readonly ring: RingMemory;
  /** See shared/run-status.ts. */
  readonly status: SharedArrayBuffer;
  readonly deadlineMs: number;
  readonly instance: WorkerInstance<ParserControl>;
  readonly #tempDirectory: string | undefined;
  readonly #grants: GrantOptions;
  #info: ParserInfo | undefined;
  #totalBytes: number | undefined;
  #closing: Promise<void> | undefined;

  private constructor(
    plugin: string,
    payload: ParserPayload,
    instance: WorkerInstance<ParserControl>,
    grants: GrantOptions,
  ) {
    this.plugin = plugin;
    this.ring = payload.ring;
    this.status = payload.status;
    this.deadlineMs = payload.options.deadlineMs;
    this.instance = instance;
    this.#tempDirectory = payload.tempDirectory;
    this.#grants = grants;
  }

  /**
   * Instantiates the plugin in a worker and asks it about itself.
   * @throws PluginInvalidError when the component is no parser plugin or claims too much, PluginTrapError when it fails to start.
   */
  static async open(options: ParserHostOptions): Promise<ParserHost> {
    const plugin = options.plugin ?? options.component.hash.slice(0, 12);
    const { apiVersion } = requireParser(options.component, plugin);
    const payload: ParserPayload = {
      component: options.component,
      apiVersion,
      tempDirectory: temporaryDirectoryFor(options.grants ?? {}),
      ring: createRingMemory(options.ring ?? DEFAULT_RING),
      status: createRunStatus(),
      logLevel: options.logLevel ?? 'warn',
      plugin,
      quarantineDirectory: options.quarantineDirectory,
      options: {
        outputBytes: options.outputBytes ?? DEFAULT_OUTPUT_BYTES,
        bindingsOnly: options.bindingsOnly ?? false,
        deadlineMs: options.deadlineMs ?? DEFAULT_DEADLINE_MS,
      },
    };
    let host: ParserHost | undefined;
    const instance = await options.pool.start<ParserControl, ParserPayload>(payload, {
      onEvent: (event) => {
        const known = event as ParserEvent;
        if (known.kind === 'log') reportLogs({ plugin, ...known }, options.onLog);
        else if (host !== undefined) host.#totalBytes = known.totalBytes;
      },
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.onWaiting === undefined ? {} : { onWaiting: options.onWaiting }),
    });
    host = new ParserHost(plugin, payload, instance, options.grants ?? {});
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
  get info(): ParserInfo {
    if (this.#info === undefined) throw new HostError('ERR_INTERNAL', 'The plugin was not asked about itself yet.');
    return this.#info;
  }

  /** Bytes of the input; undefined until the worker has opened it. */
  get totalBytes(): number | undefined {
    return this.#totalBytes;
  }

  /**
   * Checks the configuration against the plugin's schemas and hands it over, with defaults for what is missing.
   * @throws ConfigError with all faults; PluginInitError with the plugin's own message when it refuses.
   */
  async init(config: ConfigSource = {}): Promise<void> {
    const [items, grants] = prepareConfig(this.info.configSchemas, config, this.#grants);
    await watchedCall(this, 'init', this.instance.call('init', items, grants));
  }

  /** Ends the instance and removes its temporary directory. Again is harmless. */
  close(): Promise<void> {
    this.#closing ??= this.instance.close().then(() => removeTemporaryDirectory(this.#tempDirectory));
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function requireParser(component: CompiledComponent, plugin: string) {
  try {
    const identity = identifyPlugin(component);
    if (identity.kind === 'parser') return identity;
    throw new PluginInvalidError('The plugin is a byte-source; expected a parser.');
  } catch (error) {
    if (error instanceof PluginError) error.plugin ??= plugin;
    throw error;
  }
}
