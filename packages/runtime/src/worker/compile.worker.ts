/**
 * Compiles one component and ends. Spawned by main/compile.ts, one worker for each component: a transpiler that a hostile
 * binary has brought down, or keeps busy for ever, is thrown away with its thread.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { CompiledComponent } from '../shared/component.js';
import { describe, PluginInvalidError, serializeError } from '../shared/errors.js';
import type { CompileReply, CompileRequest } from '../shared/messages.js';
import { ArtefactCache } from './artefact-cache.js';
import { readComponent } from './component-binary.js';
import { moduleNames, requireSafeNames } from './safe-names.js';
import { type Transpiled, toolchain, transpile } from './transpile.js';

/** A staging folder as old as this belongs to a process that was killed. */
const STALE_STAGING_MS = 60 * 60 * 1000;

const { bytes, hash, cacheDirectory } = workerData as CompileRequest;
const warnings: string[] = [];
try {
  const component = await compile();
  parentPort?.postMessage({ kind: 'compiled', component, warnings } satisfies CompileReply);
} catch (error) {
  parentPort?.postMessage({ kind: 'failed', error: serializeError(error), warnings } satisfies CompileReply);
}

async function compile(): Promise<CompiledComponent> {
  const outline = readComponent(bytes);
  requireSafeNames([...outline.imports, ...outline.exports]);
  const { glue, coreModules } = await transpileOnce();
  const modules = new Map<string, WebAssembly.Module>();
  for (const [name, content] of coreModules) {
    const module = await compileModule(name, content);
    requireSafeNames(moduleNames(module));
    modules.set(name, module);
  }
  return { hash, glue, modules, ...outline };
}

async function transpileOnce(): Promise<Transpiled> {
  if (cacheDirectory === undefined) return transpile(bytes);
  const cache = new ArtefactCache(cacheDirectory, toolchain());
  const kept = cache.read(hash, warnings);
  if (kept !== undefined) return kept;
  const transpiled = await transpile(bytes);
  cache.sweep(STALE_STAGING_MS);
  cache.write(hash, transpiled, warnings);
  return transpiled;
}

async function compileModule(name: string, content: Uint8Array): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(content as Uint8Array<ArrayBuffer>);
  } catch (error) {
    throw new PluginInvalidError(`The component's module ${name} is not valid: ${describe(error)}`, { cause: error });
  }
}
