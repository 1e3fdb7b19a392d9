/** From a component's binary to a compiled component, in whichever thread it is called; compile.worker.ts is where it is. */
import type { CompiledComponent } from '../../shared/component/component.js';
import { describe, PluginInvalidError } from '../../shared/errors.js';
import type { CompileJob } from '../../shared/instance/messages.js';
import { readComponent } from '../component/component-binary.js';
import { LimitTally } from '../component/limit-tally.js';
import { requireSafeModule } from '../component/safe-names.js';
import { ArtefactCache } from './artefact-cache.js';
import { bindingsScript, requireSyntax } from './bindings-script.js';
import { withoutLongNames } from './function-names.js';
import { capSizes, growthAllowance } from './size-cap.js';
import { moduleNumber, type Transpiled, toolchain, transpile } from './transpile.js';

/** A staging folder as old as this belongs to a process that was killed. */
const STALE_STAGING_MS = 60 * 60 * 1000;

/** @throws PluginInvalidError, PluginMemoryError; `warnings` receives what went wrong without harm. */
export async function compileComponent(job: CompileJob, warnings: string[]): Promise<CompiledComponent> {
  const { hash, limits, caps } = job;
  const outline = readComponent(job.bytes, limits, job.allow);
  const allowance = growthAllowance(outline.footprint, caps);
  const { script, coreModules } = await transpileOnce(job, warnings);
  const modules = new Map<string, WebAssembly.Module>();
  for (const [name, content] of coreModules) {
    // What is kept on disk has no caps in it, so that it serves whatever the caps are.
    const module = await compileModule(name, withoutLongNames(capSizes(content, allowance)));
    // The modules that the bindings are about are those that the transpiler took out of the binary, so these are asked again.
    requireSafeModule(module);
    modules.set(name, module);
  }
  const { imports, exports, direct, lowered, utf8Only } = outline;
  // The transpiler numbers modules in the order of the binary, and those that it adds come last.
  const addedModules = new Set([...modules.keys()].filter((name) => moduleNumber(name) > outline.coreModules));
  const { memoryBytes } = caps;
  return { hash, glue: script, modules, imports, exports, direct, lowered, addedModules, utf8Only, memoryBytes };
}

interface Runnable extends Pick<Transpiled, 'coreModules'> {
  readonly script: string;
}

async function transpileOnce(job: CompileJob, warnings: string[]): Promise<Runnable> {
  const cache = job.cacheDirectory === undefined ? undefined : new ArtefactCache(job.cacheDirectory, toolchain());
  const kept = cache?.read(job.hash, warnings);
  const transpiled = kept ?? (await transpile(job.bytes, job.limits));
  new LimitTally(job.limits).require('glueBytes', transpiled.glue.length);
  const script = bindingsScript(transpiled.glue);
  const { coreModules } = transpiled;
  if (kept !== undefined) return { script, coreModules };
  requireSyntax(script);
  cache?.sweep(STALE_STAGING_MS);
  cache?.write(job.hash, transpiled, warnings);
  return { script, coreModules };
}

async function compileModule(name: string, content: Uint8Array): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(content as Uint8Array<ArrayBuffer>);
  } catch (error) {
    throw new PluginInvalidError(`The component's module ${name} is not valid: ${describe(error)}`, { cause: error });
  }
}
