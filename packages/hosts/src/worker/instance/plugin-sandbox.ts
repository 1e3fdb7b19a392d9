/** What an instance finds around it: its log, its temporary directory and its WASI, anew for each instance. */
import {
  type CompiledComponent,
  describe,
  EnvironmentError,
  HostError,
  makeFolderSync,
  PluginError,
  type WasiGrants,
  type WasiHost,
} from '@chipmunk-host/runtime/internal/worker';
import type { AdapterContext } from '../../api/contract/parser-adapter.js';
import type { LogLimits } from '../../shared/protocol/log-limits.js';
import type { PluginLog } from './plugin-log.js';

export interface SandboxParts {
  readonly component: CompiledComponent;
  /** Where the temporary directory will be, if the plugin asks for one; undefined: it gets none. */
  readonly tempDirectory: string | undefined;
  readonly log: PluginLog;
  readonly logLimits: LogLimits;
}

/** What the plugin gets instead of the path of its temporary directory. */
const DENIED = 'The temporary directory is denied to this plugin.';
const WRITABLE = 'Set TMPDIR to a directory that this user may write to.';

export class PluginSandbox {
  readonly #parts: SandboxParts;
  /** Why an instance gets no temporary directory; undefined when it may have one. */
  #noDirectory: string | undefined;
  /** Why a temporary directory that the plugin asked for could not be made; undefined when none failed. */
  #fault: string | undefined;
  /** Loaded only for plugins that use it: it takes 1.5 MB of a worker. */
  #makeWasi: typeof WasiHost | undefined;
  #wasi: WasiHost | undefined;

  constructor(parts: SandboxParts) {
    this.#parts = parts;
    this.#noDirectory = parts.tempDirectory === undefined ? DENIED : undefined;
  }

  /** Whether what is granted makes any difference to the plugin. */
  get usesGrants(): boolean {
    return this.#parts.component.imports.some((name) => name.startsWith('wasi:'));
  }

  /** Loads what the plugin needs. Before the first instance. */
  async load(): Promise<void> {
    if (this.usesGrants) this.#makeWasi = (await import('@chipmunk-host/runtime/internal/worker/wasi')).WasiHost;
  }

  /**
   * When an instance is given up: what it held open is closed, and what it left in its temporary directory removed. The next
   * one must not find that: when it cannot be removed, there is no temporary directory any more.
   */
  async clear(): Promise<void> {
    const { tempDirectory, log } = this.#parts;
    this.#wasi?.close();
    if (tempDirectory === undefined) return;
    try {
      // Loaded only when an instance is given up: with what it needs of Node, it takes 1 MB of a worker.
      const { removeTree } = await import('../../shared/tree-removal.js');
      await removeTree(tempDirectory);
    } catch (error) {
      this.#noDirectory = `The temporary directory ${tempDirectory} could not be emptied: ${describe(error)}`;
      log.addOwn(`${this.#noDirectory} The plugin goes on without one.`);
    }
  }

  /**
   * For the next instance.
   * @throws HostError `ERR_CONFIG` when a granted directory cannot be opened
   */
  renew(grants: WasiGrants): AdapterContext {
    const { log } = this.#parts;
    this.#wasi?.close();
    log.forgetLastLines();
    this.#wasi = this.usesGrants ? this.#createWasi(grants) : undefined;
    return {
      log: (level, message) => {
        log.add(level, message);
        log.flushEarly();
      },
      tempDirectory: () => this.#makeDirectory(),
      lastLines: () => log.lastLines(),
      wasi: this.#wasi,
    };
  }

  /** What an instance's failure to start is put down to: the machine, when it kept the temporary directory from it. */
  failure(error: unknown): unknown {
    if (this.#fault === undefined || !(error instanceof PluginError)) return error;
    return new EnvironmentError(`The plugin did not start. ${this.#fault}`, { cause: error, help: WRITABLE });
  }

  /** Passes on the line that the plugin has begun to write, and what it has logged. */
  flush(): void {
    this.#wasi?.flush();
    this.#parts.log.flush();
  }

  close(): void {
    this.#wasi?.flush();
    this.#wasi?.close();
    this.#parts.log.end();
  }

  /** @throws Error that the plugin receives */
  #makeDirectory(): string {
    const { tempDirectory } = this.#parts;
    if (tempDirectory === undefined || this.#noDirectory !== undefined) throw new Error(this.#noDirectory ?? DENIED);
    try {
      makeFolderSync(tempDirectory, 0o700);
      return tempDirectory;
    } catch (cause) {
      throw new Error(this.#tellFault(cause), { cause });
    }
  }

  /** The machine's fault and not the plugin's, which may not say what it was. Told once: a plugin may ask over and over. */
  #tellFault(cause: unknown): string {
    const { tempDirectory, log } = this.#parts;
    const message = `The temporary directory ${tempDirectory} cannot be made: ${describe(cause)}`;
    if (this.#fault === undefined) log.addOwn(`${message}. ${WRITABLE}`);
    this.#fault = message;
    return message;
  }

  #createWasi(grants: WasiGrants): WasiHost {
    const { tempDirectory, log, logLimits } = this.#parts;
    if (this.#makeWasi === undefined) throw new HostError('ERR_INTERNAL', 'The sandbox is used before it was loaded.');
    return new this.#makeWasi(
      {
        ...(tempDirectory === undefined || this.#noDirectory !== undefined
          ? {}
          : { temporaryDirectory: { guestPath: tempDirectory, hostPath: tempDirectory } }),
        ...grants,
      },
      { outputBytesPerSecond: logLimits.outputBytesPerSecond },
      {
        onOutput: (stream, line) => {
          log.addOutput(stream, line);
          log.flushEarly();
        },
        onOutputDropped: (stream, bytes) => log.addDroppedOutput(stream, bytes),
        onTemporaryDirectoryFault: (error) => this.#tellFault(error),
      },
    );
  }
}
