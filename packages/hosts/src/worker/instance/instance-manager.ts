/**
 * Keeps the one instance of a worker, whatever the plugin's kind: makes it, asks it about itself, initialises it, and replaces
 * it by a fresh one with the same configuration.
 */
import { Activity, type RunStatusWriter, type WasiGrants } from '@chipmunk-host/runtime/internal/worker';
import type { AdapterContext } from '../../api/contract/parser-adapter.js';
import type { ConfigItem, LogLevel } from '../../shared/config/config-schema.js';
import { freeDiscarded } from './discarded-memory.js';
import type { PluginSandbox } from './plugin-sandbox.js';

interface PluginAdapter<Info> {
  /** Bytes of the plugin's memory, as far as it can be seen; 0 where not. */
  readonly memoryBytes: number;
  info(): Info;
  init(config: readonly ConfigItem[], logLevel: LogLevel): void;
}

export interface InstanceManagerParts<Room> {
  readonly sandbox: PluginSandbox;
  readonly status: RunStatusWriter;
  readonly logLevel: LogLevel;
  /** Does once what takes time; what it comes to makes an instance at once, as often as it is called. */
  load(): Promise<(context: AdapterContext) => Room>;
}

/** Where a loop finds the plugin's instance. */
export interface InstanceSlot<Room> {
  /** The instance of now: not to be kept, since it is replaced. */
  readonly room: Room;
  /** Of its memory, as far as that can be seen; 0 where not, or where there is no instance. */
  readonly memoryBytes: number;
  /** The same when it had been initialised. */
  readonly startBytes: number;
  /** Another one takes the place of the instance. @throws PluginError when it fails to start or in its `init` */
  replace(): Promise<void>;
}

export class InstanceManager<Info, Room extends PluginAdapter<Info>> implements InstanceSlot<Room> {
  readonly #parts: InstanceManagerParts<Room>;
  #make: ((context: AdapterContext) => Room) | undefined;
  #room: Room | undefined;
  #startBytes = 0;
  #config: readonly ConfigItem[] = [];
  #grants: WasiGrants = {};

  constructor(parts: InstanceManagerParts<Room>) {
    this.#parts = parts;
  }

  /** What the plugin was configured with. */
  get config(): readonly ConfigItem[] {
    return this.#config;
  }

  /** The instance of now: not to be kept, since it is replaced. */
  get room(): Room {
    if (this.#room === undefined) throw new Error('An instance is used that is not there: not yet, or no more.');
    return this.#room;
  }

  get memoryBytes(): number {
    return this.#room?.memoryBytes ?? 0;
  }

  get startBytes(): number {
    return this.#startBytes;
  }

  /** @throws PluginError when the plugin fails to start or to answer */
  async open(): Promise<Info> {
    await this.#load();
    return this.#watched(() => {
      this.#room = this.#instantiate();
      this.#parts.status.phase('info');
      return this.#room.info();
    });
  }

  /**
   * Makes the instance, unless `open` did. The one that was asked about itself had no grants: one that can use them takes its place.
   * @throws PluginError when the plugin fails to start or in its `init`
   */
  async init(config: readonly ConfigItem[], grants: WasiGrants): Promise<void> {
    this.#config = config;
    this.#grants = grants;
    if (this.#room !== undefined && this.#parts.sandbox.usesGrants) await this.#discard();
    await this.#load();
    this.#initialise();
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
    this.#room = undefined;
    await this.#parts.sandbox.clear();
    await freeDiscarded(memoryBytes);
  }

  #initialise(): void {
    const room = this.#watched(() => {
      const room = this.#room ?? this.#instantiate();
      this.#parts.status.phase('init');
      room.init(this.#config, this.#parts.logLevel);
      return room;
    });
    this.#room = room;
    this.#startBytes = room.memoryBytes;
  }

  #instantiate(): Room {
    if (this.#make === undefined) throw new Error('The plugin is to be instantiated before it was loaded.');
    this.#parts.status.phase('instantiate');
    return this.#make(this.#parts.sandbox.renew(this.#grants));
  }

  /** Lets the supervisor see for how long the plugin is at work. */
  #watched<Result>(work: () => Result): Result {
    const { sandbox, status } = this.#parts;
    status.enter(Activity.plugin);
    try {
      return work();
    } catch (error) {
      throw sandbox.failure(error);
    } finally {
      status.enter(Activity.idle);
      sandbox.flush();
    }
  }
}
