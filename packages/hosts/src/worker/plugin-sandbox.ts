/** What an instance finds around it: its log, its temporary directory and its WASI, anew for each instance. */
import { mkdirSync, rmSync } from 'node:fs';
import type { CompiledComponent, WasiGrants, WasiHost } from '@chipmunk-host/runtime/worker';
import type { LogLimits } from '../shared/log-limits.js';
import type { LogBuffer } from './log-buffer.js';
import type { RoomContext } from './parser-room.js';

export interface SandboxParts {
  readonly component: CompiledComponent;
  /** Where the temporary directory will be, if the plugin asks for one; undefined: it gets none. */
  readonly tempDirectory: string | undefined;
  readonly logs: LogBuffer;
  readonly logLimits: LogLimits;
}

export class PluginSandbox {
  readonly #parts: SandboxParts;
  /** Loaded only for plugins that use it: it takes 1.5 MB of a worker. */
  #makeWasi: typeof WasiHost | undefined;
  #wasi: WasiHost | undefined;

  constructor(parts: SandboxParts) {
    this.#parts = parts;
  }

  /** Whether what is granted makes any difference to the plugin. */
  get usesGrants(): boolean {
    return this.#parts.component.imports.some((name) => name.startsWith('wasi:'));
  }

  /** Loads what the plugin needs. Before the first instance. */
  async load(): Promise<void> {
    if (this.usesGrants) this.#makeWasi = (await import('@chipmunk-host/runtime/worker/wasi')).WasiHost;
  }

  /**
   * For the next instance. What the one before held open is closed, and what it left in its temporary directory removed.
   * @throws HostError `ERR_CONFIG` when a granted directory cannot be opened
   */
  renew(grants: WasiGrants): RoomContext {
    const { tempDirectory, logs } = this.#parts;
    this.#wasi?.close();
    if (tempDirectory !== undefined) rmSync(tempDirectory, { recursive: true, force: true });
    logs.forgetLastLines();
    this.#wasi = this.usesGrants ? this.#createWasi(grants) : undefined;
    return {
      log: (level, message) => logs.add(level, message),
      tempDirectory: () => {
        if (tempDirectory === undefined) throw new Error('The temporary directory is denied to this plugin.');
        mkdirSync(tempDirectory, { recursive: true, mode: 0o700 });
        return tempDirectory;
      },
      lastLines: () => logs.lastLines(),
      wasi: this.#wasi,
    };
  }

  /** Passes on the line that the plugin has begun to write, and what it has logged. */
  flush(): void {
    this.#wasi?.flush();
    this.#parts.logs.flush();
  }

  close(): void {
    this.#wasi?.flush();
    this.#wasi?.close();
    this.#parts.logs.end();
  }

  #createWasi(grants: WasiGrants): WasiHost {
    const { tempDirectory, logs, logLimits } = this.#parts;
    if (this.#makeWasi === undefined) throw new Error('An instance is made before what it needs is loaded.');
    return new this.#makeWasi(
      {
        ...(tempDirectory === undefined
          ? {}
          : { temporaryDirectory: { guestPath: tempDirectory, hostPath: tempDirectory } }),
        ...grants,
      },
      { outputBytesPerSecond: logLimits.outputBytesPerSecond },
      {
        onOutput: (stream, line) => logs.addOutput(stream, line),
        onOutputDropped: (stream, bytes) => logs.addDroppedOutput(stream, bytes),
      },
    );
  }
}
