/**
 * The program of a worker that runs one byte-source instance. Spawned by main/byte-source-host.ts in a worker of the pool; it
 * returns when the main thread calls `close`, and the worker is then free for the next instance.
 */
import { mkdirSync } from 'node:fs';
import {
  ChunkWriter,
  HostError,
  type InstanceTask,
  PluginError,
  serveControl,
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
import type { ByteSourceRoom } from './byte-source-room.js';
import { LogBuffer } from './log-buffer.js';
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
      init: (config) => worker.init(config),
      run: () => worker.run(),
      close() {
        worker.flushLogs();
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
  readonly #logs: LogBuffer;
  readonly #ring: ChunkWriter;
  #plugin: ByteSourceRoom | undefined;

  constructor(payload: ByteSourcePayload, post: (event: ByteSourceEvent) => void) {
    this.#payload = payload;
    this.#logs = new LogBuffer(payload.logLevel, (records, dropped) => post({ kind: 'log', records, dropped }));
    this.#ring = new ChunkWriter(payload.ring);
  }

  async open(): Promise<ByteSourceInfo> {
    const { apiVersion, component, options } = this.#payload;
    const make = await loadByteSourceRoom(apiVersion, component);
    return this.#guarded(() => {
      const context = {
        log: this.#logs.add.bind(this.#logs),
        tempDirectory: () => this.#createTempDirectory(),
        lastLines: () => this.#logs.lastLines(),
      };
      this.#plugin = make(context, options);
      return this.#plugin.info();
    });
  }

  init(config: readonly ConfigItem[]): void {
    this.#guarded(() => this.#opened().init(config, this.#payload.logLevel));
  }

  /** An error is passed on in the ring, behind the bytes that came before it, and then thrown. */
  async run(): Promise<ByteSourceOutcome> {
    const pump = new SourcePump({
      plugin: this.#opened(),
      ring: this.#ring,
      status: new RunStatusWriter(this.#payload.status),
      deadlineMs: this.#payload.options.deadlineMs,
      onTurn: () => this.flushLogs(),
    });
    try {
      return await pump.run();
    } catch (thrown) {
      const error = this.#named(thrown, pump.bytes);
      this.flushLogs();
      await this.#ring.fail(error);
      throw error;
    } finally {
      this.flushLogs();
      this.#ring.close();
    }
  }

  flushLogs(): void {
    this.#logs.flush();
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
      this.flushLogs();
    }
  }

  #opened(): ByteSourceRoom {
    if (this.#plugin === undefined) throw new Error('The control call came before `open`.');
    return this.#plugin;
  }

  #createTempDirectory(): string {
    mkdirSync(this.#payload.tempDirectory, { recursive: true, mode: 0o700 });
    return this.#payload.tempDirectory;
  }
}
