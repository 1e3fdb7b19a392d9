/** What instances of both kinds of plugin have in common: how they are made, and how their failures are reported. */
import {
  type CompiledComponent,
  ComponentInstance,
  type EnvironmentError,
  LiftBounds,
  type PluginError,
  PluginInvalidError,
} from '@chipmunk-host/runtime/internal/worker';
import type { AdapterContext } from '../../contract/parser-adapter.js';
import { bindingsImports, replaceHostFunction } from './host-functions.js';
import { asPluginError, classifyTrap, requireNoExit } from './plugin-failure.js';

/** Makes an instance at once, with its bindings for one exported interface. @throws PluginError when it fails to start */
export type Instantiate<Bindings> = (context: AdapterContext) => {
  instance: ComponentInstance;
  bindings: Bindings;
  /** What the bindings may make of what the plugin returns: every call of them stands in its `within`. */
  bounds: LiftBounds;
};

/** What takes time is done once; what is returned makes an instance at once, as often as it is called. */
export function loadPlugin<Bindings>(component: CompiledComponent, interfaceName: string): Instantiate<Bindings> {
  const wasi = component.imports.find((name) => name.startsWith('wasi:'));
  if (!component.utf8Only && wasi !== undefined)
    throw new PluginInvalidError(
      `The component's strings are UTF-16, and it imports ${wasi}, which takes only UTF-8.`,
      {
        help: 'Build the plugin with strings that are UTF-8.',
      },
    );
  const instantiate = ComponentInstance.load(component);
  return (context) => {
    let instance: ComponentInstance;
    const bounds = new LiftBounds();
    try {
      instance = instantiate({
        imports: { ...bindingsImports(context, bounds), ...context.wasi?.bindingsImports(component.imports) },
        replaceCoreImport: (module, name, caller) =>
          (component.utf8Only ? replaceHostFunction(context, module, name, caller) : undefined) ??
          context.wasi?.replaceCoreImport(module, name, caller),
        bounds,
      });
    } catch (error) {
      throw asPluginError(error);
    }
    const bindings = instance.exports[interfaceName] as Bindings | undefined;
    if (bindings === undefined) throw new PluginInvalidError(`The component does not export ${interfaceName}.`);
    return { instance, bindings, bounds };
  };
}

/** Calls of one instance: the first failure is made a PluginError or an EnvironmentError, and every later call fails with it. */
export class PluginCalls {
  readonly #context: AdapterContext;
  readonly #memory: { readonly limit: number; bytes(): number };
  /** Set when the plugin failed in a way after which its memory is in no known state. */
  #dead: PluginError | EnvironmentError | undefined;

  constructor(context: AdapterContext, memory: { readonly limit: number; bytes(): number }) {
    this.#context = context;
    this.#memory = memory;
  }

  /** @param isOrdinary tells errors that say nothing of the plugin's state: they are passed on as they are */
  run<Result>(action: () => Result, isOrdinary: (error: unknown) => boolean = () => false): Result {
    if (this.#dead !== undefined) throw this.#dead;
    try {
      const result = action();
      requireNoExit(this.#context.wasi?.exitCode);
      return result;
    } catch (error) {
      if (isOrdinary(error)) throw error;
      this.#dead = classifyTrap(asPluginError(error), {
        memoryBytes: this.#memory.bytes(),
        memoryLimit: this.#memory.limit,
        lastLines: this.#context.lastLines(),
      });
      throw this.#dead;
    }
  }
}
