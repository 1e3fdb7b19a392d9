/** Instantiates a compiled component in this thread, by its bindings, and hands out its exports in both ways of calling. */
import { Script } from 'node:vm';
import type { CompiledComponent } from '../../shared/component/component.js';
import type { WasmMemory } from '../../shared/component/wasm-types.js';
import { PluginTrapError } from '../../shared/errors.js';
import type { CoreImportReplacement, Realloc } from '../component/core-calls.js';
import { CoreInstances } from '../component/core-instances.js';
import { type BindingsBounds, LiftBounds } from './lift-bounds.js';

/** An exported function called on the core instance, and what is needed to pass arguments and read results. */
export interface DirectFunction {
  readonly call: (...args: (number | bigint)[]) => number;
  readonly memory: WasmMemory;
  /** Undefined where the arguments need no memory. */
  readonly realloc: Realloc | undefined;
  readonly postReturn: ((result: number) => void) | undefined;
}

export interface InstantiateOptions {
  /** Functions for the component's imports, as the bindings call them: by interface, then by camelCase name. */
  readonly imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly replaceCoreImport: CoreImportReplacement;
  /** What the bindings ask before they allocate by a length of the plugin's: of this instance alone. Default: bounds of its own. */
  readonly bounds?: BindingsBounds;
}

interface Glue {
  instantiate(
    bounds: BindingsBounds,
    getCoreModule: (name: string) => WebAssembly.Module,
    imports: InstantiateOptions['imports'],
    instantiateCore: (module: WebAssembly.Module, imports?: WebAssembly.Imports) => WebAssembly.Instance,
  ): Readonly<Record<string, unknown>>;
}

/** Frames that errors of this thread have: V8's own ten are all taken by the machinery of a Rust panic. */
const STACK_FRAMES = 50;

/** Glue that this thread has run, by component hash: parsed and compiled once. */
const ranGlue = new Map<string, Glue>();

export class ComponentInstance {
  /** The exports through the bindings: by interface name, then by camelCase function name. */
  readonly exports: Readonly<Record<string, unknown>>;
  readonly #component: CompiledComponent;
  readonly #cores: CoreInstances;

  private constructor(component: CompiledComponent, exports: Readonly<Record<string, unknown>>, cores: CoreInstances) {
    this.exports = exports;
    this.#component = component;
    this.#cores = cores;
  }

  static create(component: CompiledComponent, options: InstantiateOptions): ComponentInstance {
    return ComponentInstance.load(component)(options);
  }

  /** Runs the component's glue, once a thread; what is returned instantiates, as often as it is called. */
  static load(component: CompiledComponent): (options: InstantiateOptions) => ComponentInstance {
    const glue = runGlue(component);
    Error.stackTraceLimit = Math.max(Error.stackTraceLimit, STACK_FRAMES);
    return (options) => ComponentInstance.#instantiate(component, glue, options);
  }

  static #instantiate(component: CompiledComponent, glue: Glue, options: InstantiateOptions): ComponentInstance {
    const cores = new CoreInstances(component);
    const exports = glue.instantiate(
      options.bounds ?? new LiftBounds(),
      (name) => requireModule(component, name),
      options.imports,
      (module, imports) => cores.add(module, imports, options.replaceCoreImport),
    );
    return new ComponentInstance(component, exports, cores);
  }

  /** An exported function on its core instance; undefined when only the bindings can call it. */
  direct(name: string): DirectFunction | undefined {
    const direct = this.#component.direct.get(name);
    if (direct === undefined) return undefined;
    const call = this.#cores.function(direct.coreFunction);
    const memory = this.#cores.memory(direct.memory);
    if (call === undefined || memory === undefined) return undefined;
    return {
      call: call as DirectFunction['call'],
      memory,
      realloc: this.#cores.function(direct.realloc) as DirectFunction['realloc'],
      postReturn: this.#cores.function(direct.postReturn) as DirectFunction['postReturn'],
    };
  }
}

function runGlue(component: CompiledComponent): Glue {
  let glue = ranGlue.get(component.hash);
  if (glue === undefined) {
    const script = new Script(component.glue, { filename: `bindings-${component.hash.slice(0, 12)}.js` });
    glue = script.runInThisContext() as Glue;
    ranGlue.set(component.hash, glue);
  }
  return glue;
}

function requireModule(component: CompiledComponent, name: string): WebAssembly.Module {
  const module = component.modules.get(name);
  if (module === undefined)
    throw new PluginTrapError(`The bindings ask for a module '${name}' that the component lacks.`);
  return module;
}
