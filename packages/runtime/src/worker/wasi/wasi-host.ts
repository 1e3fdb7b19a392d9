/**
 * WASI preview 2 for one plugin instance, as plain functions over the plugin's memory. They are put in below the bindings, which
 * would keep a record for each call that a plugin makes in the middle of a direct call. Everything is synchronous and runs in the
 * plugin's worker; what the plugin may see of the machine is what it was granted, which by default is nothing.
 */
import { randomUUID } from 'node:crypto';
import { PluginContractError } from '../../shared/errors.js';
import { DEFAULT_WASI_LIMITS, type WasiGrants, type WasiLimits } from '../../shared/wasi-grants.js';
import type { CoreCaller, CoreFunction } from '../component/core-calls.js';
import { OutputLines } from './cli/output-lines.js';
import { clockSource } from './clocks/clock-source.js';
import { inertInterface } from './denied/inert-imports.js';
import { DescriptorLedger } from './filesystem/descriptor-ledger.js';
import { grantedTrees } from './filesystem/granted-tree.js';
import { hostDirectoryOpener } from './filesystem/host-directory.js';
import { OpenFileCount } from './filesystem/open-file.js';
import { GuestMemory } from './guest-memory.js';
import { HandleTable } from './handle-table.js';
import { interfaceFunctions, wasiInterface } from './interface-names.js';
import { randomSource } from './random/random-source.js';
import type { CoreFunctions, WasiContext } from './wasi-context.js';

/** What one call has open for itself: two walks, each with the directory it is in and the next one, and a file looked at. */
const WALK_DESCRIPTORS = 8;

export type OutputStreamName = 'stdout' | 'stderr';

export interface WasiSinks {
  /** Takes one line, without its end. */
  onOutput(stream: OutputStreamName, line: string): void;
  /** Told how many bytes of output were over the bound and not passed on. */
  onOutputDropped(stream: OutputStreamName, bytes: number): void;
  /** Told each time that the temporary directory cannot be made; the plugin only gets the code of the error. */
  onTemporaryDirectoryFault?(error: unknown): void;
}

export class WasiHost {
  readonly #context: WasiContext;
  /** By what functions were lowered with, then by interface: each caller has a memory of its own. */
  readonly #callers = new WeakMap<CoreCaller, { memory: GuestMemory; interfaces: Map<string, CoreFunctions> }>();
  #exitCode: number | undefined;
  #isClosed = false;

  /** @throws HostError with ERR_CONFIG when a granted directory cannot be opened. */
  constructor(grants: WasiGrants, limits: Partial<WasiLimits>, sinks: WasiSinks) {
    const all = { ...DEFAULT_WASI_LIMITS, ...limits };
    const lines = (stream: OutputStreamName, keptLines: number) =>
      new OutputLines(
        { ...all, keptLines },
        {
          line: (text) => sinks.onOutput(stream, text),
          dropped: (bytes) => sinks.onOutputDropped(stream, bytes),
        },
      );
    const roots = (grants.directories?.length ?? 0) + (grants.temporaryDirectory === undefined ? 0 : 1);
    const ledger = new DescriptorLedger(roots + all.openFiles + WALK_DESCRIPTORS);
    this.#context = {
      grants,
      limits: all,
      handles: new HandleTable(all.handles),
      clock: clockSource(grants.clock),
      random: randomSource(grants.randomSeed),
      trees: grantedTrees(grants, hostDirectoryOpener(ledger), (error) => sinks.onTemporaryDirectoryFault?.(error)),
      openFiles: new OpenFileCount(all.openFiles),
      ledger,
      stdout: lines('stdout', 0),
      stderr: lines('stderr', all.stderrLines),
      identitySalt: grants.randomSeed === undefined ? randomUUID() : String(grants.randomSeed),
      onExit: (code) => {
        this.#exitCode = code;
      },
    };
  }

  /** Whether a component's import is an interface that this host has. */
  static supports(importName: string): boolean {
    const name = wasiInterface(importName);
    return name !== undefined && interfaceFunctions(name) !== undefined;
  }

  /** The stand-in for a function of an imported interface; undefined when it is not WASI. */
  replaceCoreImport(interfaceName: string, name: string, caller: CoreCaller): CoreFunction | undefined {
    const wasi = wasiInterface(interfaceName);
    if (wasi === undefined) return undefined;
    const functions = this.#functions(wasi, caller);
    return Object.hasOwn(functions, name) ? functions[name] : notKnown(interfaceName, name);
  }

  /** What the bindings look for at their start, for those of a component's imports that are WASI. */
  bindingsImports(importNames: readonly string[]): Record<string, Record<string, unknown>> {
    return Object.fromEntries(
      importNames
        .filter((name) => WasiHost.supports(name))
        .flatMap((name) => {
          const inert = inertInterface(name);
          // The bindings leave the version off.
          return [
            [name, inert],
            [name.replace(/@.*$/, ''), inert],
          ];
        }),
    );
  }

  /** What the plugin called `exit` with; undefined when it did not. A plugin can catch what `exit` throws and go on. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /** The last lines of stderr, the oldest first: a panic's message is among them. */
  lastStderrLines(): readonly string[] {
    return this.#context.stderr.lastLines();
  }

  /** Passes on lines that have no end yet. */
  flush(): void {
    this.#context.stdout.flush();
    this.#context.stderr.flush();
  }

  /** Passes on what is left of the output and closes everything that the plugin left open. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      this.flush();
      this.#context.handles.close();
      for (const tree of this.#context.trees) tree.close();
    } finally {
      this.#context.ledger.closeAll();
    }
  }

  #functions(wasi: string, caller: CoreCaller): CoreFunctions {
    let known = this.#callers.get(caller);
    if (known === undefined) {
      known = { memory: new GuestMemory(caller), interfaces: new Map() };
      this.#callers.set(caller, known);
    }
    let functions = known.interfaces.get(wasi);
    if (functions === undefined) {
      functions = interfaceFunctions(wasi)?.(this.#context, known.memory) ?? {};
      known.interfaces.set(wasi, functions);
    }
    return functions;
  }
}

/** A function that a later 0.2.x may have added: a plugin may import it, and is ended when it calls it. */
function notKnown(module: string, name: string): CoreFunction {
  return () => {
    throw new PluginContractError(`The plugin calls ${name} of ${module}, which this host does not have.`);
  };
}
