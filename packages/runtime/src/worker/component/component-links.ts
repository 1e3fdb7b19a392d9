/**
 * Finds out how the core modules of a component will be connected: which of their imports are functions of the host, which memory
 * and allocator each of these was lowered with, and how each exported function is lifted. It does what instantiating the
 * component does, in the same order, with names in the place of values.
 */
import type { CoreExport, DirectExport, LoweredImport } from '../../shared/component/component.js';
import { COMPONENT_HEADER } from '../../shared/component/component-header.js';
import type { ByteCursor } from './byte-cursor.js';
import { type Canon, readCanon } from './component-canons.js';
import { AliasTarget, CoreSort, notUnderstood, readDescription, readSort, Sort } from './component-types.js';
import { Section } from './component-walk.js';

const Form = { instantiate: 0x00, exports: 0x01 } as const;
/** A function or type that is imported into the outermost component; directly, if the interface is empty. */
interface Imported {
  readonly interface: string;
  readonly name: string;
}

type CoreItem = { readonly export: CoreExport } | { readonly lowered: LoweredImport } | undefined;
/** One that is made of a module has its place in the order, another what it hands on. */
type CoreInstance = number | ReadonlyMap<string, CoreItem>;
/** An imported interface, or what an instance hands on. */
type Instance = string | ReadonlyMap<string, Item>;
type Item = {
  readonly function?: Imported | undefined;
  readonly type?: Imported | undefined;
  readonly instance?: Instance;
};

interface Definition {
  readonly content: ByteCursor;
  readonly scope: Scope;
}

export interface ComponentLinks {
  /** For each core instance, in the order in which they are made: the host's functions among its imports, by module and name. */
  readonly lowered: readonly ReadonlyMap<string, ReadonlyMap<string, LoweredImport>>[];
  /** By the end of the core function's name (`parse`). */
  readonly direct: ReadonlyMap<string, DirectExport>;
  readonly utf8Only: boolean;
}

interface Output {
  readonly lowered: Map<string, Map<string, LoweredImport>>[];
  readonly direct: Map<string, DirectExport>;
  utf8Only: boolean;
}

/** @param cursor at the header of the outermost component, which was walked before */
export function linkComponent(cursor: ByteCursor): ComponentLinks {
  const output: Output = { lowered: [], direct: new Map(), utf8Only: true };
  new Scope(undefined, undefined, output).run(cursor);
  // In the middle of a direct call the plugin would call imports whose strings only the bindings can read.
  return output.utf8Only ? output : { ...output, direct: new Map() };
}

/** One instance of a component under way: its index spaces. */
class Scope {
  readonly #parent: Scope | undefined;
  /** What it was given to import; undefined for the outermost component. */
  readonly #given: ReadonlyMap<string, Item> | undefined;
  readonly #output: Output;
  readonly #coreFunctions: CoreItem[] = [];
  readonly #coreMemories: CoreItem[] = [];
  readonly #coreInstances: CoreInstance[] = [];
  readonly #functions: (Imported | undefined)[] = [];
  readonly #types: (Imported | undefined)[] = [];
  readonly #instances: Instance[] = [];
  readonly #components: Definition[] = [];
  readonly #exports = new Map<string, Item>();

  constructor(parent: Scope | undefined, given: ReadonlyMap<string, Item> | undefined, output: Output) {
    this.#parent = parent;
    this.#given = given;
    this.#output = output;
  }

  run(cursor: ByteCursor): ReadonlyMap<string, Item> {
    cursor.part(COMPONENT_HEADER.length);
    while (!cursor.done) {
      const id = cursor.byte();
      const section = cursor.part(cursor.u32());
      if (id === Section.component) this.#components.push({ content: section, scope: this });
      else if (id === Section.coreInstance) each(section, () => this.#coreInstances.push(this.#coreInstance(section)));
      else if (id === Section.instance) each(section, () => this.#instances.push(this.#instance(section)));
      else if (id === Section.alias) each(section, () => this.#alias(section));
      // What a type is made of does not matter: a resource that the component has itself is not the host's.
      else if (id === Section.type) this.#skipTypes(section);
      else if (id === Section.canon) each(section, () => this.#canon(readCanon(section)));
      else if (id === Section.import) each(section, () => this.#import(section));
      else if (id === Section.export) each(section, () => this.#export(section));
    }
    return this.#exports;
  }

  #skipTypes(section: ByteCursor): void {
    for (let left = section.count(); left > 0; left--) this.#types.push(undefined);
  }

  #coreInstance(section: ByteCursor): CoreInstance {
    const form = section.byte();
    if (form === Form.exports) {
      const items = new Map<string, CoreItem>();
      each(section, () => {
        const name = section.name();
        const sort = section.byte();
        items.set(name, this.#coreItem(sort, section.u32()));
      });
      return items;
    }
    section.u32();
    const lowered = new Map<string, Map<string, LoweredImport>>();
    each(section, () => {
      const module = section.name();
      section.byte();
      const given = this.#coreInstances[section.u32()];
      if (typeof given !== 'object') return;
      const functions = [...given].flatMap(([name, item]): [string, LoweredImport][] =>
        item !== undefined && 'lowered' in item ? [[name, item.lowered]] : [],
      );
      if (functions.length > 0) lowered.set(module, new Map(functions));
    });
    return this.#output.lowered.push(lowered) - 1;
  }

  #coreItem(sort: number, index: number): CoreItem {
    if (sort === CoreSort.function) return this.#coreFunctions[index];
    return sort === CoreSort.memory ? this.#coreMemories[index] : undefined;
  }

  #instance(section: ByteCursor): Instance {
    const form = section.byte();
    const component = form === Form.instantiate ? this.#components[section.u32()] : undefined;
    const items = new Map<string, Item>();
    each(section, () => {
      if (form === Form.exports) section.byte();
      const name = section.name();
      const { sort } = readSort(section);
      items.set(name, this.#item(sort, section.u32()));
    });
    return component === undefined
      ? items
      : new Scope(component.scope, items, this.#output).run(component.content.clone());
  }

  #item(sort: number, index: number): Item {
    const instance = sort === Sort.instance ? this.#instances[index] : undefined;
    return {
      function: sort === Sort.function ? this.#functions[index] : undefined,
      type: sort === Sort.type ? this.#types[index] : undefined,
      ...(instance === undefined ? {} : { instance }),
    };
  }

  #alias(section: ByteCursor): void {
    const { sort, coreSort } = readSort(section);
    const target = section.byte();
    const index = section.u32();
    if (target === AliasTarget.outer) {
      const outer = section.u32();
      const scope = this.#outward(index);
      if (sort === Sort.type) this.#types.push(scope.#types[outer]);
      const component = scope.#components[outer];
      if (sort === Sort.component && component !== undefined) this.#components.push(component);
      return;
    }
    const name = section.name();
    if (target === AliasTarget.coreExport) this.#aliasCore(coreSort, this.#coreInstances[index], name);
    else this.#add(sort, itemOf(this.#instances[index], name));
  }

  #aliasCore(sort: number | undefined, instance: CoreInstance | undefined, name: string): void {
    const item = typeof instance === 'number' ? { export: { instance, name } } : instance?.get(name);
    if (sort === CoreSort.function) this.#coreFunctions.push(item);
    else if (sort === CoreSort.memory) this.#coreMemories.push(item);
  }

  #outward(levels: number): Scope {
    if (levels === 0) return this;
    if (this.#parent === undefined) throw notUnderstood('an alias from further out than the outermost component');
    return this.#parent.#outward(levels - 1);
  }

  /** Gives an item the next index of its sort. */
  #add(sort: number, item: Item): void {
    if (sort === Sort.function) this.#functions.push(item.function);
    else if (sort === Sort.type) this.#types.push(item.type);
    else if (sort === Sort.instance) this.#instances.push(item.instance ?? new Map());
  }

  #import(section: ByteCursor): void {
    section.byte();
    const name = section.name();
    const { sort } = readDescription(section);
    const imported = { interface: '', name };
    this.#add(sort, this.#given?.get(name) ?? { function: imported, type: imported, instance: name });
  }

  #export(section: ByteCursor): void {
    section.byte();
    const name = section.name();
    const { sort } = readSort(section);
    const item = this.#item(sort, section.u32());
    if (section.byte() === 0x01) readDescription(section);
    this.#exports.set(name, item);
    this.#add(sort, item);
  }

  #canon(canon: Canon): void {
    if (canon.kind === 'lift') {
      if (!canon.isUtf8) this.#output.utf8Only = false;
      if (this.#parent === undefined) this.#addDirect(canon);
      this.#functions.push(undefined);
    } else if (canon.kind === 'lower') {
      if (!canon.isUtf8) this.#output.utf8Only = false;
      const imported = this.#functions[canon.function];
      this.#coreFunctions.push(
        imported && {
          lowered: {
            interface: imported.interface,
            function: imported.name,
            memory: exportOf(this.#memory(canon.memory)),
            realloc: exportOf(this.#function(canon.realloc)),
          },
        },
      );
    } else {
      const resource = canon.kind === 'resource-drop' ? this.#types[canon.type] : undefined;
      this.#coreFunctions.push(
        resource && {
          lowered: {
            interface: resource.interface,
            function: `[resource-drop]${resource.name}`,
            memory: undefined,
            realloc: undefined,
          },
        },
      );
    }
  }

  #addDirect(lift: Canon & { kind: 'lift' }): void {
    const coreFunction = exportOf(this.#function(lift.coreFunction));
    const memory = exportOf(this.#memory(lift.memory));
    const realloc = exportOf(this.#function(lift.realloc));
    const postReturn = exportOf(this.#function(lift.postReturn));
    if (coreFunction === undefined || memory === undefined) return;
    if (lift.realloc !== undefined && realloc === undefined) return;
    if (lift.postReturn !== undefined && postReturn === undefined) return;
    // Both conventions of the component tools: `interface#name`, and the newer `cm32p2|interface|name`.
    const name = coreFunction.name.split(/[#|]/).at(-1) ?? coreFunction.name;
    this.#output.direct.set(name, { coreFunction, memory, realloc, postReturn });
  }

  #function(index: number | undefined): CoreItem {
    return index === undefined ? undefined : this.#coreFunctions[index];
  }

  #memory(index: number | undefined): CoreItem {
    return index === undefined ? undefined : this.#coreMemories[index];
  }
}

function itemOf(instance: Instance | undefined, name: string): Item {
  if (typeof instance !== 'string') return instance?.get(name) ?? {};
  const imported = { interface: instance, name };
  return { function: imported, type: imported };
}

function exportOf(item: CoreItem): CoreExport | undefined {
  return item !== undefined && 'export' in item ? item.export : undefined;
}

function each(section: ByteCursor, entry: () => void): void {
  for (let left = section.count(); left > 0; left--) entry();
}
