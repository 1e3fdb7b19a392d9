/**
 * Keeps the one instance of a worker, whatever the plugin's kind: makes it, asks it about itself, initialises it, and replaces
 * it by a fresh one with the same configuration.
 */
import {
  Activity,
  addContext,
  HostError,
  type PluginPhase,
  type RunStatusWriter,
  type WasiGrants,
} from '@chipmunk-host/runtime/internal/worker';
import type { AdapterContext } from '../../api/contract/parser-adapter.js';
import type { ConfigItem, LogLevel } from '../../shared/config/config-schema.js';
import type { InstanceMeterWriter } from '../../shared/protocol/instance-meter.js';
import type { PluginSandbox } from './plugin-sandbox.js';

/** Less than this is left to V8: collecting takes some 30 ms. */
const WORTHWHILE_BYTES = 8 * 1024 * 1024;

export interface PluginAdapter<Info> {
  /** Bytes of the plugin's memory, as far as it can be seen; 0 where not. */
  readonly memoryBytes: number;
  info(): Info;
  init(config: readonly ConfigItem[], logLevel: LogLevel): void;
}

export interface InstanceManagerParts<Adapter> {
  /** Name or path, for errors. */
  readonly plugin: string;
  readonly sandbox: PluginSandbox;
  readonly status: RunStatusWriter;
  readonly meter: InstanceMeterWriter;
  readonly logLevel: LogLevel;
  /** Does once what takes time; what it comes to makes an instance at once, as often as it is called. */
  load(): Promise<(context: AdapterContext) => Adapter>;
}

/** Where a loop finds the plugin's instance. */
export interface InstanceSlot<Adapter> {
  /** The instance of now: not to be kept, since it is replaced. */
  readonly adapter: Adapter;
  /** Of its memory, as far as that can be seen; 0 where not, or where there is no instance. */
  readonly memoryBytes: number;
  /** The same when it had been initialised. */
  readonly startBytes: number;
  /** Another one takes the place of the instance. @throws PluginError when it fails to start or in its `init` */
  replace(): Promise<void>;
}

export class InstanceManager<Info, Adapter extends PluginAdapter<Info>> implements InstanceSlot<Adapter> {
  readonly #parts: InstanceManagerParts<Adapter>;
  #make: ((context: AdapterContext) => Adapter) | undefined;
  #adapter: Adapter | undefined;
  #startBytes = 0;
  #config: readonly ConfigItem[] = [];
  #grants: WasiGrants = {};
  #phase: PluginPhase = 'instantiate';

  constructor(parts: InstanceManagerParts<Adapter>) {
    this.#parts = parts;
  }

  /** What the plugin was configured with. */
  get config(): readonly ConfigItem[] {
    return this.#config;
  }

  /** The instance of now: not to be kept, since it is replaced. */
  get adapter(): Adapter {
    if (this.#adapter === undefined)
      throw new HostError('ERR_INTERNAL', 'The instance does not exist: not yet, or no longer.');
    return this.#adapter;
  }

  get memoryBytes(): number {
    return this.#adapter?.memoryBytes ?? 0;
  }

  get startBytes(): number {
    return this.#startBytes;
  }

  /** @throws PluginError when the plugin fails to start or to answer */
  async open(): Promise<Info> {
    await this.#load();
    return this.#watched(() => {
      this.#adapter = this.#instantiate();
      this.#enter('info');
      return this.#adapter.info();
    });
  }

  /**
   * Makes the instance, unless `open` did. The one that was asked about itself had no grants: one that can use them takes its place.
   * @throws PluginError when the plugin fails to start or in its `init`
   */
  async init(config: readonly ConfigItem[], grants: WasiGrants): Promise<void> {
    this.#config = config;
    this.#grants = grants;
    if (this.#adapter !== undefined && this.#parts.sandbox.usesGrants) await this.#discard();
    await this.#load();
    this.#initialise();
  }

  /** Asks the instance of now. @throws PluginError when it fails to answer */
  ask<Answer>(question: (adapter: Adapter) => Answer): Answer {
    return this.#watched(() => {
      this.#enter('info');
      return question(this.adapter);
    });
  }

  async #load(): Promise<void> {
    if (this.#make === undefined) [this.#make] = await Promise.all([this.#parts.load(), this.#parts.sandbox.load()]);
  }

  /** Another one takes the place of the instance. @throws PluginError when it fails to start or in its `init` */
  async replace(): Promise<void> {
    await this.#discard();
    this.#initialise();
  }

  async #discard(): Promise<void> {
    const { memoryBytes } = this;
    this.#adapter = undefined;
    await this.#parts.sandbox.clear();
    await freeDiscarded(memoryBytes);
  }

  #initialise(): void {
    const adapter = this.#watched(() => {
      const adapter = this.#adapter ?? this.#instantiate();
      this.#enter('init');
      adapter.init(this.#config, this.#parts.logLevel);
      return adapter;
    });
    this.#adapter = adapter;
    this.#startBytes = adapter.memoryBytes;
    this.#parts.meter.memory(this.#startBytes);
  }

  #instantiate(): Adapter {
    if (this.#make === undefined)
      throw new HostError('ERR_INTERNAL', 'The plugin is instantiated before it was loaded.');
    this.#enter('instantiate');
    return this.#make(this.#parts.sandbox.renew(this.#grants));
  }

  #enter(phase: PluginPhase): void {
    this.#phase = phase;
    this.#parts.status.phase(phase);
  }

  /** Lets the supervisor see for how long the plugin is at work. */
  #watched<Result>(work: () => Result): Result {
    const { plugin, sandbox, status, meter } = this.#parts;
    const startedAt = performance.now();
    status.enter(Activity.plugin);
    try {
      return work();
    } catch (error) {
      throw addContext(sandbox.failure(error), { plugin, phase: this.#phase });
    } finally {
      status.enter(Activity.idle);
      meter.started(performance.now() - startedAt);
      sandbox.flush();
    }
  }
}

/**
 * Frees the memory of an instance that nothing refers to any more before the next one takes its own: V8 itself would not hurry,
 * and the memories of several instances in a row would add up.
 * @param byteLength of the memory that could be freed
 */
export async function freeDiscarded(byteLength: number): Promise<void> {
  if (byteLength < WORTHWHILE_BYTES || !process.features.inspector) return;
  const { Session } = await import('node:inspector');
  const session = new Session();
  session.connect();
  try {
    // The one way to have garbage collected at once that needs no flag of the process.
    await new Promise((resolve) => session.post('HeapProfiler.collectGarbage', resolve));
  } finally {
    session.disconnect();
  }
}
