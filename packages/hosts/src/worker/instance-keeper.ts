/**
 * Keeps the one instance of a worker, whatever the plugin's kind: makes it, asks it about itself, initialises it, and replaces
 * it by a fresh one with the same configuration. Each step is under the plugin's time limit.
 */
import { type PluginPhase, PluginTimeoutError, type WasiGrants, withinTimeLimit } from '@chipmunk-host/runtime/worker';
import type { ConfigItem, LogLevel } from '../shared/config-schema.js';
import { freeDiscarded } from './discarded-memory.js';
import type { RoomContext } from './parser-room.js';
import type { PluginSandbox } from './plugin-sandbox.js';
import type { RunStatusWriter } from './run-status.js';

interface PluginRoom<Info> {
  /** Bytes of the plugin's memory, as far as it can be seen; 0 where not. */
  readonly memoryBytes: number;
  info(): Info;
  init(config: readonly ConfigItem[], logLevel: LogLevel): void;
}

export interface KeeperParts<Room> {
  readonly sandbox: PluginSandbox;
  readonly status: RunStatusWriter;
  readonly logLevel: LogLevel;
  /** Time limit on one call of the plugin, in milliseconds; 0 means none. */
  readonly deadlineMs: number;
  /** Does once what takes time; what it comes to makes an instance at once, as often as it is called. */
  load(): Promise<(context: RoomContext) => Room>;
}

export class InstanceKeeper<Info, Room extends PluginRoom<Info>> {
  readonly #parts: KeeperParts<Room>;
  #make: ((context: RoomContext) => Room) | undefined;
  #room: Room | undefined;
  /** What the plugin is asked to do, for when it does not return. */
  #phase: PluginPhase = 'instantiate';
  #config: readonly ConfigItem[] = [];
  #grants: WasiGrants = {};

  constructor(parts: KeeperParts<Room>) {
    this.#parts = parts;
  }

  /** What the plugin was configured with. */
  get config(): readonly ConfigItem[] {
    return this.#config;
  }

  get room(): Room {
    if (this.#room === undefined) throw new Error('The control call came before `open`.');
    return this.#room;
  }

  /** @throws PluginError when the plugin fails to start or to answer */
  async open(): Promise<Info> {
    [this.#make] = await Promise.all([this.#parts.load(), this.#parts.sandbox.load()]);
    return this.#guarded(() => {
      this.#room = this.#instantiate();
      this.#phase = 'info';
      return this.#room.info();
    });
  }

  /** The instance that was asked about itself had no grants: one that can use them takes its place. */
  async init(config: readonly ConfigItem[], grants: WasiGrants): Promise<void> {
    this.#config = config;
    this.#grants = grants;
    if (this.#parts.sandbox.usesGrants) {
      const discardedBytes = this.#room?.memoryBytes ?? 0;
      this.#room = undefined;
      await freeDiscarded(discardedBytes);
    }
    this.#initialise();
  }

  /**
   * An instance that takes the place of the one before, which the caller does not keep either.
   * @param discardedBytes of the memory of that one
   * @throws PluginError when it fails to start or in its `init`
   */
  async fresh(discardedBytes: number): Promise<Room> {
    this.#room = undefined;
    await freeDiscarded(discardedBytes);
    return this.#initialise();
  }

  #initialise(): Room {
    const room = this.#guarded(() => {
      const room = this.#room ?? this.#instantiate();
      this.#phase = 'init';
      room.init(this.#config, this.#parts.logLevel);
      return room;
    });
    this.#room = room;
    return room;
  }

  #instantiate(): Room {
    if (this.#make === undefined) throw new Error('The control call came before `open`.');
    this.#phase = 'instantiate';
    return this.#make(this.#parts.sandbox.renew(this.#grants));
  }

  #guarded<Result>(work: () => Result): Result {
    const { deadlineMs, sandbox, status } = this.#parts;
    status.begin();
    try {
      return withinTimeLimit(deadlineMs, work);
    } catch (error) {
      if (error instanceof PluginTimeoutError) error.phase ??= this.#phase;
      throw error;
    } finally {
      status.end();
      sandbox.flush();
    }
  }
}
