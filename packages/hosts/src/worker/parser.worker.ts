/**
 * The program of a worker that runs one parser instance. Spawned by main/parser-host.ts through the worker pool, once for
 * each session; it returns when the main thread calls `close`, and the worker is then free for the next instance.
 */
import {
  type InstanceTask,
  type PluginPhase,
  PluginTimeoutError,
  RingWriter,
  serveControl,
  type WasiGrants,
  withinTimeLimit,
} from '@chipmunk-host/runtime/worker';
import { loadParserRoom } from '../api/rooms.js';
import type { ConfigItem } from '../shared/config-schema.js';
import type { ParserControl, ParserEvent, ParserPayload, RunOutcome, RunRequest } from '../shared/messages.js';
import { freeDiscarded } from './discarded-memory.js';
import { LogBuffer } from './log-buffer.js';
import type { ParserFactory, ParserRoom } from './parser-room.js';
import { PluginSandbox } from './plugin-sandbox.js';
import { ProducerLoop } from './producer-loop.js';
import { Quarantine } from './quarantine.js';
import { RunStatusWriter } from './run-status.js';
import { openSource } from './source-opening.js';

export default function runParser({ controlPort, eventPort, payload }: InstanceTask<ParserPayload>): Promise<void> {
  const worker = new ParserWorker(payload, (event) => eventPort.postMessage(event));
  return new Promise((closed) => {
    const control: ParserControl = {
      open: () => worker.open(),
      init: (config, grants) => worker.init(config, grants),
      run: (request) => worker.run(request),
      close() {
        worker.close();
        // The answer to this call is posted in this turn; the ports are closed in the next.
        setImmediate(() => {
          controlPort.close();
          eventPort.close();
          closed();
        });
      },
    };
    serveControl(controlPort, control);
  });
}

class ParserWorker {
  readonly #payload: ParserPayload;
  readonly #post: (event: ParserEvent) => void;
  readonly #logs: LogBuffer;
  readonly #sandbox: PluginSandbox;
  readonly #quarantine: Quarantine | undefined;
  readonly #ring: RingWriter;
  #make: ParserFactory | undefined;
  #plugin: ParserRoom | undefined;
  /** What the plugin is asked to do, for when it does not return. */
  #phase: PluginPhase = 'instantiate';
  #config: readonly ConfigItem[] = [];
  #grants: WasiGrants = {};

  constructor(payload: ParserPayload, post: (event: ParserEvent) => void) {
    this.#payload = payload;
    this.#post = post;
    this.#logs = new LogBuffer(payload.logLevel, (records, dropped) => post({ kind: 'log', records, dropped }));
    this.#sandbox = new PluginSandbox({ ...payload, logs: this.#logs });
    this.#quarantine = this.#openQuarantine();
    this.#ring = new RingWriter(payload.ring);
  }

  async open() {
    this.#make = await loadParserRoom(this.#payload.apiVersion, this.#payload.component);
    return this.#guarded(() => {
      this.#plugin = this.#instantiate();
      this.#phase = 'info';
      return this.#plugin.info();
    });
  }

  /** The instance that was asked about itself had no grants: one that can use them takes its place. */
  async init(config: readonly ConfigItem[], grants: WasiGrants): Promise<void> {
    this.#config = config;
    this.#grants = grants;
    if (this.#sandbox.usesGrants) {
      const discardedBytes = this.#plugin?.memoryBytes ?? 0;
      this.#plugin = undefined;
      await freeDiscarded(discardedBytes);
    }
    this.#plugin = this.#guarded(() => {
      const plugin = this.#plugin ?? this.#instantiate();
      this.#phase = 'init';
      plugin.init(this.#config, this.#payload.logLevel);
      return plugin;
    });
  }

  async run(request: RunRequest): Promise<RunOutcome> {
    try {
      return await this.#produce(request);
    } finally {
      this.#sandbox.flush();
      this.#ring.close();
    }
  }

  close(): void {
    this.#sandbox.close();
  }

  async #produce({ source: request, window, recovery, offset, failures }: RunRequest): Promise<RunOutcome> {
    const source = openSource(request);
    if (source.size !== undefined) this.#post({ kind: 'source-opened', totalBytes: source.size });
    try {
      const loop = new ProducerLoop(this.#opened(), {
        source,
        ring: this.#ring,
        window,
        plugin: this.#payload.plugin,
        recovery,
        deadlineMs: this.#payload.options.deadlineMs,
        offset,
        failures,
        status: new RunStatusWriter(this.#payload.status),
        freshPlugin: (discardedBytes) => this.#fresh(discardedBytes),
        onTurn: () => this.#logs.flush(),
        lastLines: () => this.#logs.lastLines(),
        onLostInput: (from, byteLength, error) =>
          this.#quarantine?.keep(from, byteLength, error, (into) => source.read(into, from)),
      });
      return await loop.run();
    } finally {
      await source.close();
    }
  }

  async #fresh(discardedBytes: number): Promise<ParserRoom> {
    this.#plugin = undefined;
    await freeDiscarded(discardedBytes);
    await this.init(this.#config, this.#grants);
    return this.#opened();
  }

  #instantiate(): ParserRoom {
    if (this.#make === undefined) throw new Error('The control call came before `open`.');
    this.#phase = 'instantiate';
    return this.#make(this.#payload.ring, this.#sandbox.renew(this.#grants), this.#payload.options);
  }

  #openQuarantine(): Quarantine | undefined {
    const { quarantineDirectory, plugin, component, apiVersion, logLevel } = this.#payload;
    if (quarantineDirectory === undefined) return undefined;
    const circumstances = () => ({ plugin, hash: component.hash, apiVersion, logLevel, config: this.#config });
    return new Quarantine(quarantineDirectory, circumstances, (message) => this.#logs.addOwn(message));
  }

  #guarded<Result>(work: () => Result): Result {
    try {
      return withinTimeLimit(this.#payload.options.deadlineMs, work);
    } catch (error) {
      if (error instanceof PluginTimeoutError) error.phase ??= this.#phase;
      throw error;
    } finally {
      this.#sandbox.flush();
    }
  }

  #opened(): ParserRoom {
    if (this.#plugin === undefined) throw new Error('The control call came before `open`.');
    return this.#plugin;
  }
}
