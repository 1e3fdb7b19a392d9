/** Runs a plugin in the current thread, for the plugin's own tests: nothing isolates it or limits what it takes. */
import { transpileBytes } from '@bytecodealliance/jco-transpile';
import type { ByteSourceExports, LogLevel, ParserExports } from './plugin-values.js';
import { wasiFiles } from './wasi-files.js';

/** A message that the plugin logged. */
export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
}

export interface PluginInstance<Exports> {
  /** The plugin's functions. A `result` that is an error is thrown as it is. */
  readonly exports: Exports;
  /**
   * The times of the items that the last `parse` returned, as the host asks for them: one for each, the least s64 for none, or none at
   * all. Undefined where the plugin gives no times.
   */
  readonly itemTimes: (() => BigInt64Array) | undefined;
  /** What the plugin has logged so far. */
  readonly log: readonly LogLine[];
}

export interface InstanceOptions {
  /** What `temp-directory` returns; throw for an error. Default: an error that there is none. */
  readonly tempDirectory?: (() => string) | undefined;
  /** Directories that the plugin may read, by the paths that it knows them by. Default: none. */
  readonly directories?: Readonly<Record<string, string>> | undefined;
}

/**
 * Starts a parser plugin.
 *
 * @param component as `buildPlugin` returns it, or the bytes of a `.wasm` file
 * @throws {Error} when the component is no parser of API version 0.1.0
 */
export async function loadParser(
  component: Uint8Array,
  options?: InstanceOptions,
): Promise<PluginInstance<ParserExports>> {
  return load(component, 'chipmunk:parser/parser@0.1.0', options);
}

/**
 * Starts a byte-source plugin; give it the files that it reads as `directories`.
 *
 * @param component as `buildPlugin` returns it, or the bytes of a `.wasm` file
 * @throws {Error} when the component is no byte-source of API version 0.1.0
 */
export async function loadByteSource(
  component: Uint8Array,
  options?: InstanceOptions,
): Promise<PluginInstance<ByteSourceExports>> {
  return load(component, 'chipmunk:bytesource/byte-source@0.1.0', options);
}

const TIMES = 'chipmunk-host:rows/times@0.1.0';

/** What the bindings' generator writes. */
interface Glue {
  instantiate(
    getModule: (path: string) => WebAssembly.Module,
    imports: Record<string, Record<string, unknown>>,
    instantiateCore: (module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance,
  ): Readonly<Record<string, unknown>>;
}

async function load<Exports>(
  component: Uint8Array,
  exported: string,
  { tempDirectory = noDirectory, directories = {} }: InstanceOptions = {},
): Promise<PluginInstance<Exports>> {
  const { files } = await transpileBytes(component, {
    name: 'plugin',
    instantiation: 'sync',
    emitTypescriptDeclarations: false,
    noComponentErrorWrapping: true,
  });
  const glue: Glue = await import(`data:text/javascript;base64,${base64(strict(files['plugin.js']))}`);
  const log: LogLine[] = [];
  const interfaces = glue.instantiate(
    (path) => new WebAssembly.Module(Uint8Array.from(files[path] ?? [])),
    {
      'chipmunk:shared/logging': { log: (level: LogLevel, message: string) => void log.push({ level, message }) },
      'chipmunk:shared/sandbox': { tempDirectory },
      ...wasiFiles(directories),
    },
    (module, imports) => new WebAssembly.Instance(module, imports),
  );
  const exports = interfaces[exported] as Exports | undefined;
  if (exports === undefined) throw new Error(`the component does not export ${exported}`);
  const times = interfaces[TIMES] as { getItemTimes(): BigInt64Array } | undefined;
  return { exports, itemTimes: times?.getItemTimes, log };
}

/** The bindings would drop a byte-order mark and replace invalid text; a plugin's tests have to see both. */
function strict(glue: Uint8Array = new Uint8Array()): string {
  const text = Buffer.from(glue).toString('utf8');
  return text.replaceAll('new TextDecoder()', "new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })");
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

function noDirectory(): string {
  throw 'there is no temporary directory';
}
