/** What hosts of both kinds of plugin have in common: an instance in a worker of its own, asked about itself and configured. */
import { isDeepStrictEqual } from 'node:util';
import { type CompiledComponent, HostError, PluginInvalidError, type PluginPhase } from '@chipmunk-host/runtime';
import {
  addContext,
  type InstanceStarter,
  type RingShape,
  type WasiGrants,
  type WorkerInstance,
} from '@chipmunk-host/runtime/internal';
import { option, requireOption } from '@chipmunk-host/runtime/internal/options';
import { identifyPlugin } from '../../api/versions.js';
import { type ConfigItem, LOG_LEVELS, type LogLevel } from '../../shared/config/config-schema.js';
import { resolveConfig } from '../../shared/config/resolve-config.js';
import type { Given } from '../../shared/given.js';
import type { ByteSourceInfo, ParserInfo, PluginKind } from '../../shared/plugin-info.js';
import { createInstanceMeter } from '../../shared/protocol/instance-meter.js';
import type { LogLimits } from '../../shared/protocol/log-limits.js';
import type { LogEvent, LogLine } from '../../shared/protocol/log-line.js';
import { DEFAULT_DEADLINE_MS, DEFAULT_LOG_LIMITS } from '../../shared/protocol/session-defaults.js';
import { type ConfigSource, type GrantOptions, prepareConfig, temporaryDirectoryFor } from '../grants/plugin-config.js';
import { removeTemporaryDirectory } from '../grants/temporary-directories.js';
import { defined } from '../options/defined.js';
import * as limits from '../options/limit-tables.js';
import { type OnLog, reportLogs, untilAborted, withContext } from './plugin-call.js';
import { requireClaims } from './plugin-claims.js';
import { requireProfileDirectory } from './profile-directory.js';

export interface PluginHostOptions {
  readonly component: CompiledComponent;
  /** Where the worker comes from: a pool, or workers of it that were reserved. */
  readonly pool: InstanceStarter;
  /** Name or path of the plugin, for messages. Default: the beginning of its content hash. */
  readonly plugin?: string | undefined;
  /** The level that the plugin gets, and the lowest level that is passed on. Default `warn`. */
  readonly logLevel?: LogLevel | undefined;
  /** How much the plugin may log and print. What is more is dropped and counted. */
  readonly logLimits?: Given<LogLimits> | undefined;
  /** Told what the plugin logs. `dropped` counts lines lost before this one because they came too fast. */
  readonly onLog?: OnLog | undefined;
  /** Called once when all workers are in use and the plugin has to wait for one. */
  readonly onWaiting?: (() => void) | undefined;
  /** How long to wait for workers, in milliseconds, before it ends in `ERR_BUSY`. Default Infinity: as long as it takes; 0: not at all. */
  readonly waitMs?: number | undefined;
  /** Slots of the ring that what the plugin delivers goes through. */
  readonly ring?: RingShape | undefined;
  /** Calls the plugin through the bindings even where it could be called directly: slower, with the same result. Default false. */
  readonly bindingsOnly?: boolean | undefined;
  /** Time limit on one call of the plugin, in milliseconds. Default 10,000; Infinity: no limit; 0 is refused. */
  readonly deadlineMs?: number | undefined;
  /**
   * Directory in which a sampling profile of each worker is kept, a file `*.cpuprofile` for each thread that has run the plugin: the developer
   * tools of Chrome open it. It is made, if it is not there. Functions of the plugin have the names that its binary has for them. A thread
   * that is ended by force leaves none. It costs time and some 30 MB for each hour. Default: none.
   */
  readonly cpuProfileDirectory?: string | undefined;
  /** What the plugin is given of the machine beside its configuration's files and directories. Default: nothing. */
  readonly grants?: GrantOptions | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What the payloads of both kinds have in common. */
export interface PluginPayload {
  readonly component: CompiledComponent;
  readonly apiVersion: string;
  readonly plugin: string;
  readonly tempDirectory: string | undefined;
  readonly meter: SharedArrayBuffer;
  readonly cpuProfileDirectory: string | undefined;
  readonly logLevel: LogLevel;
  readonly logLimits: LogLimits;
  readonly options: { readonly bindingsOnly?: boolean; readonly deadlineMs: number };
}

export type PluginControl<Info> = {
  open(): Promise<Info>;
  init(config: readonly ConfigItem[], grants: WasiGrants): Promise<void>;
  close(): void | Promise<void>;
};

/**
 * @throws PluginInvalidError when the component is no plugin of this kind
 * @throws HostError `ERR_INVALID_OPTION` naming the number that cannot be
 */
export function pluginPayload(options: PluginHostOptions, kind: PluginKind): PluginPayload {
  const plugin = options.plugin ?? options.component.hash.slice(0, 12);
  const logLimits = { ...DEFAULT_LOG_LIMITS, ...defined(options.logLimits) };
  requireOption(option.timeLimit, options.deadlineMs, 'deadlineMs');
  requireOption(option.oneOf(LOG_LEVELS), options.logLevel, 'logLevel');
  requireOption(limits.logLimits, options.logLimits, 'logLimits');
  return {
    component: options.component,
    apiVersion: requireKind(options.component, kind, plugin),
    plugin,
    tempDirectory: temporaryDirectoryFor(options.grants ?? {}),
    meter: createInstanceMeter(),
    cpuProfileDirectory: requireProfileDirectory(options.cpuProfileDirectory),
    logLevel: options.logLevel ?? 'warn',
    logLimits,
    options: {
      bindingsOnly: options.bindingsOnly ?? false,
      deadlineMs: options.deadlineMs ?? DEFAULT_DEADLINE_MS,
    },
  };
}

/** Starts the instance. */
export function startPlugin<Control extends PluginControl<unknown>>(
  options: PluginHostOptions,
  payload: PluginPayload,
  programs: {
    /** The worker's, where it is another one than the pool's. */
    readonly program?: URL;
    /** The supervisor's. */
    readonly runner: URL;
    /** Told of events that are no log lines. */
    readonly onEvent?: (event: { readonly kind: string }) => void;
  },
): Promise<WorkerInstance<Control>> {
  return options.pool.start<Control, PluginPayload>(payload, {
    ...programs,
    onEvent: (posted) => {
      const event = posted as LogEvent | { readonly kind: 'other' };
      if (event.kind === 'log') reportLogs({ plugin: payload.plugin, ...event }, options.onLog);
      else programs.onEvent?.(event);
    },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    onWaiting: options.onWaiting,
    waitMs: options.waitMs,
  });
}

export abstract class PluginHost<Info extends ByteSourceInfo | ParserInfo, Control extends PluginControl<Info>>
  implements AsyncDisposable
{
  readonly plugin: string;
  readonly instance: WorkerInstance<Control>;
  /** What its threads count. */
  readonly meter: SharedArrayBuffer;
  readonly #grants: GrantOptions;
  readonly #signal: AbortSignal | undefined;
  readonly #tempDirectory: string | undefined;
  readonly #onLog: OnLog | undefined;
  #info: Info | undefined;
  #ending: Promise<void> | undefined;

  /** @param info what is known of the plugin; undefined: `ask` finds it out */
  protected constructor(
    options: PluginHostOptions,
    payload: PluginPayload,
    instance: WorkerInstance<Control>,
    info: Info | undefined,
  ) {
    this.#info = info;
    this.plugin = payload.plugin;
    this.instance = instance;
    this.meter = payload.meter;
    this.#tempDirectory = payload.tempDirectory;
    this.#onLog = options.onLog;
    this.#grants = options.grants ?? {};
    this.#signal = options.signal;
  }

  /** What the plugin said of itself. */
  get info(): Info {
    if (this.#info === undefined)
      throw new HostError('ERR_INTERNAL', 'The plugin was not asked for its description yet.');
    return this.#info;
  }

  /**
   * Checks the configuration against the plugin's schemas and hands it over, with defaults for what is missing.
   * @throws ConfigError with all faults; PluginInitError with the plugin's own message when it refuses.
   */
  async init(config: ConfigSource = {}): Promise<void> {
    const { configSchemas } = this.info;
    const [items, grants] = prepareConfig(configSchemas, config, this.#grants);
    await this.called('init', this.#control.call('init', items, grants));
    if (!isDeepStrictEqual(items, resolveConfig(configSchemas, {}))) await this.configured();
  }

  /** Ends the instance and removes its temporary directory. Idempotent. */
  close(): Promise<void> {
    return this.end();
  }

  /** The same as `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Asks the plugin about itself, unless that is known; an instance that fails to answer is ended. */
  protected async ask(): Promise<void> {
    if (this.#info !== undefined) return;
    try {
      this.#info = await this.called('info', this.#describedInfo());
    } catch (error) {
      await this.end();
      throw error;
    }
  }

  async #describedInfo(): Promise<Info> {
    const info = (await this.#control.call('open')) as Info;
    requireClaims(info);
    return info;
  }

  /** The plugin has taken a configuration that is not the one of its defaults. */
  protected async configured(): Promise<void> {}

  /** @internal Ends the instance, once. */
  protected end(): Promise<void> {
    this.#ending ??= this.instance.close().then(() => this.#removeTemporaryDirectory());
    return this.#ending;
  }

  /** A failure to remove it is reported and does not fail the session: everything was delivered. */
  async #removeTemporaryDirectory(): Promise<void> {
    const message = this.#tempDirectory === undefined ? undefined : await removeTemporaryDirectory(this.#tempDirectory);
    if (message === undefined) return;
    const line: LogLine = { source: 'host', level: 'warn', message, time: Date.now() };
    reportLogs({ plugin: this.plugin, lines: [line], dropped: 0 }, this.#onLog);
  }

  /** A plugin that does not return from it is ended with the session's signal, too. */
  protected called<Value>(phase: PluginPhase, call: Promise<Value>): Promise<Value> {
    return untilAborted(withContext(this.plugin, phase, call), this.#signal, () => void this.instance.destroy());
  }

  /** The calls that both kinds have. */
  get #control(): WorkerInstance<PluginControl<Info>> {
    return this.instance as unknown as WorkerInstance<PluginControl<Info>>;
  }
}

/** Returns the plugin's API version. */
function requireKind(component: CompiledComponent, expected: PluginKind, plugin: string): string {
  try {
    const { kind, apiVersion } = identifyPlugin(component);
    if (kind === expected) return apiVersion;
    throw new PluginInvalidError(`The plugin is a ${NAMES[kind]}; expected a ${NAMES[expected]}.`);
  } catch (error) {
    throw addContext(error, { plugin });
  }
}

const NAMES: Readonly<Record<PluginKind, string>> = { parser: 'parser', bytesource: 'byte-source' };
