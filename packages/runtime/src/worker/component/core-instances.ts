/** The core instances of one component instance, as its bindings make them, with the host's functions put in below the bindings. */
import type { CompiledComponent, CoreExport, LoweredImport } from '../../shared/component/component.js';
import type { CoreCaller, CoreFunction, CoreImportReplacement, Realloc } from './core-calls.js';

export class CoreInstances {
  readonly #component: CompiledComponent;
  /** In the order in which the component makes them; without those that the transpiler added. */
  readonly #instances: WebAssembly.Instance[] = [];
  /** One for all functions that were lowered with the same memory and allocator. */
  readonly #callers = new Map<string, CoreCaller>();
  readonly #added: ReadonlySet<WebAssembly.Module>;

  constructor(component: CompiledComponent) {
    this.#component = component;
    this.#added = new Set(
      [...component.modules].filter(([name]) => component.addedModules.has(name)).map(([, module]) => module),
    );
  }

  /** The next one. */
  add(
    module: WebAssembly.Module,
    imports: WebAssembly.Imports = {},
    replace: CoreImportReplacement,
  ): WebAssembly.Instance {
    if (this.#added.has(module)) return new WebAssembly.Instance(module, imports);
    const lowered = this.#component.lowered[this.#instances.length];
    const instance = new WebAssembly.Instance(module, this.#replaced(imports, lowered, replace));
    this.#instances.push(instance);
    return instance;
  }

  function(place: CoreExport | undefined): CoreFunction | undefined {
    const found = this.#export(place);
    return typeof found === 'function' ? (found as CoreFunction) : undefined;
  }

  memory(place: CoreExport | undefined): WebAssembly.Memory | undefined {
    const found = this.#export(place);
    return found instanceof WebAssembly.Memory ? found : undefined;
  }

  #export(place: CoreExport | undefined): WebAssembly.ExportValue | undefined {
    return place === undefined ? undefined : this.#instances[place.instance]?.exports[place.name];
  }

  #replaced(
    imports: WebAssembly.Imports,
    lowered: ReadonlyMap<string, ReadonlyMap<string, LoweredImport>> | undefined,
    replace: CoreImportReplacement,
  ): WebAssembly.Imports {
    const standIn = (function_: LoweredImport | undefined) =>
      function_ && replace(function_.interface, function_.function, this.#caller(function_));
    return Object.fromEntries(
      Object.entries(imports).map(([module, names]) => {
        const functions = lowered?.get(module);
        return [
          module,
          Object.fromEntries(
            Object.entries(names).map(([name, value]) => [name, standIn(functions?.get(name)) ?? value]),
          ),
        ];
      }),
    );
  }

  /** Memory and allocator are looked for when they are needed: their instances may be made later. */
  #caller({ memory, realloc }: LoweredImport): CoreCaller {
    const key = JSON.stringify([memory, realloc]);
    let caller = this.#callers.get(key);
    if (caller === undefined) {
      caller = {
        memory: () => this.memory(memory),
        realloc: () => this.function(realloc) as Realloc | undefined,
      };
      this.#callers.set(key, caller);
    }
    return caller;
  }
}
