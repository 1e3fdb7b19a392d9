/**
 * The program of a worker that runs one byte-source instance. Spawned by main/byte-source-host.ts in a worker of the pool; it
 * returns when the main thread calls `close`, and the worker is then free for the next instance.
 */
import {
  ChunkWriter,
  HostError,
  type InstanceTask,
  PluginError,
  serveControl,
  type WasiGrants,
  withinTimeLimit,
} from '@chipmunk-host/runtime/worker';
import { loadByteSourceRoom } from '../api/byte-source-rooms.js';
import type {
  ByteSourceControl,
  ByteSourceEvent,
  ByteSourceOutcome,
  ByteSourcePayload,
} from '../shared/byte-source-messages.js';
import type { ConfigItem } from '../shared/config-schema.js';
import type { ByteSourceInfo } from '../shared/plugin-info.js';
import type { ByteSourceFactory, ByteSourceRoom } from './byte-source-room.js';
import { LogBuffer } from './log-buffer.js';
import { PluginSandbox } from './plugin-sandbox.js';
import { RunStatusWriter } from './run-status.js';
import { SourcePump } from './source-pump.js';

export default function runByteSource({
  controlPort,
  eventPort,
  payload,
}: InstanceTask<ByteSourcePayload>): Promise<void> {
  const worker = new ByteSourceWorker(payload, (event) => eventPort.postMessage(event));
  return new Promise((closed) => {
    const control: ByteSourceControl = {
      open: () => worker.open(),
      init: (config, grants) => worker.init(config, grants),
      run: () => worker.run(),
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

class ByteSourceWorker {
  readonly #payload: ByteSourcePayload;
  readonly #sandbox: PluginSandbox;
  readonly #ring: ChunkWriter;
  #make: ByteSourceFactory | undefined;
  #plugin: ByteSourceRoom | undefined;

  constructor(payload: ByteSourcePayload, post: (event: ByteSourceEvent) => void) {
    this.#payload = payload;
    const logs = new LogBuffer(payload.logLevel, (records, dropped) => post({ kind: 'log', records, dropped }));
    const { component, tempDirectory } = payload;
    this.#sandbox = new PluginSandbox({ component, tempDirectory, logs });
    this.#ring = new ChunkWriter(payload.ring);
  }

  async open(): Promise<ByteSourceInfo> {
    this.#make = await loadByteSourceRoom(this.#payload.apiVersion, this.#payload.component);
    return this.#guarded(() => {
      this.#plugin = this.#instantiate({});
      return this.#plugin.info();
    });
  }

  /** The instance that was asked about itself had no grants: one that can use them takes its place. */
  init(config: readonly ConfigItem[], grants: WasiGrants): void {
    this.#guarded(() => {
      if (this.#sandbox.usesGrants) this.#plugin = this.#instantiate(grants);
      this.#opened().init(config, this.#payload.logLevel);
    });
  }

  /** An error is passed on in the ring, behind the bytes that came before it, and then thrown. */
  async run(): Promise<ByteSourceOutcome> {
    const pump = new SourcePump({
      plugin: this.#opened(),
      ring: this.#ring,
      status: new RunStatusWriter(this.#payload.status),
      deadlineMs: this.#payload.options.deadlineMs,
      onTurn: () => this.#sandbox.flush(),
    });
    try {
      return await pump.run();
    } catch (thrown) {
      const error = this.#named(thrown, pump.bytes);
      this.#sandbox.flush();
      await this.#ring.fail(error);
      throw error;
    } finally {
      this.#sandbox.flush();
      this.#ring.close();
    }
  }

  close(): void {
    this.#sandbox.close();
  }

  #named(thrown: unknown, bytes: number): unknown {
    const { plugin } = this.#payload;
    if (thrown instanceof PluginError) {
      thrown.plugin ??= plugin;
      thrown.phase ??= 'read';
      return thrown;
    }
    if (!(thrown instanceof HostError)) return thrown;
    return new HostError(thrown.code, `The byte-source '${plugin}' failed after ${bytes} bytes: ${thrown.message}`);
  }

  #guarded<Result>(work: () => Result): Result {
    try {
      return withinTimeLimit(this.#payload.options.deadlineMs, work);
    } finally {
      this.#sandbox.flush();
    }
  }

  #instantiate(grants: WasiGrants): ByteSourceRoom {
    if (this.#make === undefined) throw new Error('The control call came before `open`.');
    return this.#make(this.#sandbox.renew(grants), this.#payload.options);
  }

  #opened(): ByteSourceRoom {
    if (this.#plugin === undefined) throw new Error('The control call came before `open`.');
    return this.#plugin;
  }
}
