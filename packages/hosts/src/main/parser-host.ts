/** One parser plugin in a worker of its own, up to the point where it is configured and can be given input. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CompiledComponent,
  createRingMemory,
  PluginError,
  PluginInvalidError,
  type RingMemory,
  type RingShape,
  type WorkerInstance,
  WorkerPool,
  type WorkerPoolOptions,
} from '@chipmunk-host/runtime';
import type { ConfigInput, ConfigSchema, LogLevel } from '../shared/config-schema.js';
import type { LogRecord, ParserControl, ParserEvent, ParserPayload } from '../shared/messages.js';
import type { ParserInfo } from '../shared/plugin-info.js';
import { resolveConfig } from '../shared/resolve-config.js';
import { identifyPlugin } from './plugin-kind.js';

/** The program of the pool's workers: spawned here, defined there. */
const PARSER_WORKER = new URL('../worker/parser.worker.js', import.meta.url);

const DEFAULT_RING: RingShape = { slots: 4, slotBytes: 1024 * 1024 };
/** How far the worker's private part of the shared memory may grow; address space until it is used. */
const MAX_STAGE_BYTES = 1024 * 1024 * 1024;
const DEFAULT_OUTPUT_BYTES = 1024 * 1024 * 1024;

/** A pool whose workers can run parser plugins. Close it when no session is needed any more. */
export function createParserPool(options: Omit<WorkerPoolOptions, 'program'> = {}): WorkerPool {
  return new WorkerPool({ ...options, program: PARSER_WORKER });
}

export interface ParserHostOptions {
  readonly component: CompiledComponent;
  readonly pool: WorkerPool;
  /** Name or path of the plugin, for messages. Default: the beginning of its content hash. */
  readonly plugin?: string;
  /** What the plugin is told to log, and the least of what is passed on. Default `warn`. */
  readonly logLevel?: LogLevel;
  /** Told what the plugin logs. `dropped` counts lines lost before this one because they came too fast. */
  readonly onLog?: (record: LogRecord, dropped: number) => void;
  /** Called once when all workers are in use and the plugin has to wait for one. */
  readonly onWaiting?: () => void;
  /** Slots of the batch ring. Default 4 of 1 MiB: what a consumer that stops can keep waiting. */
  readonly ring?: RingShape;
  /** Bytes that the items of one `parse` call may have. Default 1 GiB; 0 means no limit. */
  readonly outputBytes?: number;
  /** Calls `parse` through the bindings even where it could be called directly: slower, with the same items. Default false. */
  readonly bindingsOnly?: boolean;
  readonly signal?: AbortSignal;
}

/** Values by id, or a function that makes them when the plugin's schemas are known (see `configFromStrings`). */
export type ConfigSource =
  | Readonly<Record<string, ConfigInput>>
  | ((schemas: readonly ConfigSchema[]) => Readonly<Record<string, ConfigInput>>);

export class ParserHost implements AsyncDisposable {
  readonly plugin: string;
  readonly info: ParserInfo;
  readonly ring: RingMemory;
  readonly logLevel: LogLevel;
  readonly instance: WorkerInstance<ParserControl>;
  /** Bytes of the input; undefined until the worker has opened it. */
  totalBytes: number | undefined;
  readonly #tempDirectory: string;
  #closing: Promise<void> | undefined;

  private constructor(
    plugin: string,
    info: ParserInfo,
    ring: RingMemory,
    logLevel: LogLevel,
    instance: WorkerInstance<ParserControl>,
    tempDirectory: string,
  ) {
    this.plugin = plugin;
    this.info = info;
    this.ring = ring;
    this.logLevel = logLevel;
    this.instance = instance;
    this.#tempDirectory = tempDirectory;
  }

  /**
   * Instantiates the plugin in a worker and asks it about itself.
   * @throws PluginInvalidError when the component is no parser plugin, PluginTrapError when it fails to start.
   */
  static async open(options: ParserHostOptions): Promise<ParserHost> {
    const plugin = options.plugin ?? options.component.hash.slice(0, 12);
    const { apiVersion } = requireParser(options.component, plugin);
    const ring = createRingMemory(options.ring ?? DEFAULT_RING, MAX_STAGE_BYTES);
    const tempDirectory = join(tmpdir(), `chipmunk-host-${randomUUID()}`);
    const logLevel = options.logLevel ?? 'warn';
    const payload: ParserPayload = {
      component: options.component,
      apiVersion,
      tempDirectory,
      ring,
      logLevel,
      options: { outputBytes: options.outputBytes ?? DEFAULT_OUTPUT_BYTES, bindingsOnly: options.bindingsOnly ?? false },
    };
    let host: ParserHost | undefined;
    const onEvent = (event: unknown) => {
      const known = event as ParserEvent;
      if (known.kind === 'log') reportLogs(known, options.onLog);
      else if (host !== undefined) host.totalBytes = known.totalBytes;
    };
    const instance = await options.pool.start<ParserControl, ParserPayload>(payload, {
      onEvent,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.onWaiting === undefined ? {} : { onWaiting: options.onWaiting }),
    });
    try {
      const info = await named(plugin, instance.call('open'));
      host = new ParserHost(plugin, info, ring, logLevel, instance, tempDirectory);
      return host;
    } catch (error) {
      await instance.close();
      await rm(tempDirectory, { recursive: true, force: true });
      throw error;
    }
  }

  /**
   * Checks the configuration against the plugin's schemas and hands it over, with defaults for what is missing.
   * @throws ConfigError with all faults; PluginInitError with the plugin's own message when it refuses.
   */
  async init(config: ConfigSource = {}): Promise<void> {
    const input = typeof config === 'function' ? config(this.info.configSchemas) : config;
    const items = resolveConfig(this.info.configSchemas, input);
    await named(this.plugin, this.instance.call('init', items));
  }

  /** Ends the instance and removes its temporary directory. Again is harmless. */
  close(): Promise<void> {
    this.#closing ??= this.instance.close().then(() => rm(this.#tempDirectory, { recursive: true, force: true }));
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

function reportLogs(event: ParserEvent & { kind: 'log' }, onLog: ParserHostOptions['onLog']): void {
  let { dropped } = event;
  for (const record of event.records) {
    onLog?.(record, dropped);
    dropped = 0;
  }
}

/** Adds the plugin's name to an error that passes. */
export async function named<Value>(plugin: string, call: Promise<Value>): Promise<Value> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof PluginError) error.plugin ??= plugin;
    throw error;
  }
}
