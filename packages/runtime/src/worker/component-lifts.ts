/** Finds out how each exported function of a component is lifted: string encoding, memory, realloc, post-return. */
import type { DirectExport } from '../shared/component.js';
import { PluginInvalidError } from '../shared/errors.js';
import type { ByteCursor } from './byte-cursor.js';
import { AliasTarget, CoreSort, Sort } from './component-types.js';
import { Section } from './component-walk.js';

const Canon = { lift: 0x00, lower: 0x01, resourceNew: 0x02, resourceDrop: 0x03, resourceRep: 0x04 } as const;
const CanonOption = { utf8: 0x00, utf16: 0x01, latin1: 0x02, memory: 0x03, realloc: 0x04, postReturn: 0x05 } as const;

interface CoreAlias {
  readonly instance: number;
  readonly name: string;
}

interface Lift {
  readonly function: number;
  readonly memory: number | undefined;
  readonly realloc: number | undefined;
  readonly postReturn: number | undefined;
}

/** Follows the core index spaces of the outermost component, section by section. */
export class ComponentLifts {
  /** Undefined where an entry is not an alias of a core export. */
  readonly #functions: (CoreAlias | undefined)[] = [];
  readonly #memories: (CoreAlias | undefined)[] = [];
  readonly #lifts: Lift[] = [];
  #understood = true;
  #utf8Only = true;

  read(id: number, section: ByteCursor): void {
    if (id === Section.alias && this.#understood) this.#understood = this.#readAliases(section);
    else if (id === Section.canon && this.#understood) this.#understood = this.#readCanons(section);
  }

  /** By the end of the core function's name (`parse`); empty when there was something that is not understood. */
  direct(): Map<string, DirectExport> {
    const direct = new Map<string, DirectExport>();
    // In the middle of a direct call the plugin would call imports whose strings only the bindings can read.
    if (!this.#understood || !this.#utf8Only) return direct;
    for (const lift of this.#lifts) {
      const callee = this.#functions[lift.function];
      const memory = lift.memory === undefined ? undefined : this.#memories[lift.memory];
      const realloc = lift.realloc === undefined ? undefined : this.#functions[lift.realloc];
      const postReturn = lift.postReturn === undefined ? undefined : this.#functions[lift.postReturn];
      if (callee === undefined || memory === undefined) continue;
      if (lift.realloc !== undefined && realloc === undefined) continue;
      if (lift.postReturn !== undefined && postReturn === undefined) continue;
      if ([memory, realloc, postReturn].some((part) => part !== undefined && part.instance !== callee.instance))
        continue;
      // Both conventions of the component tools: `interface#name`, and the newer `cm32p2|interface|name`.
      const name = callee.name.split(/[#|]/).at(-1) ?? callee.name;
      direct.set(name, {
        coreFunction: callee.name,
        memory: memory.name,
        realloc: realloc?.name,
        postReturn: postReturn?.name,
      });
    }
    return direct;
  }

  /** Whether all strings that cross are UTF-8. */
  get utf8Only(): boolean {
    return this.#utf8Only;
  }

  #readAliases(section: ByteCursor): boolean {
    for (let left = section.count(); left > 0; left--) {
      const sort = section.byte();
      const coreSort = sort === Sort.core ? section.byte() : undefined;
      const target = section.byte();
      const instance = section.u32();
      if (target === AliasTarget.outer) {
        section.u32();
      } else if (target === AliasTarget.export || target === AliasTarget.coreExport) {
        const alias = { instance, name: section.name() };
        if (coreSort === CoreSort.function) this.#functions.push(alias);
        if (coreSort === CoreSort.memory) this.#memories.push(alias);
      } else {
        return false;
      }
    }
    return true;
  }

  #readCanons(section: ByteCursor): boolean {
    for (let left = section.count(); left > 0; left--) {
      const kind = section.byte();
      if (kind === Canon.lift || kind === Canon.lower) {
        if (section.byte() !== 0) return false;
        const target = section.u32();
        const options = readOptions(section);
        if (options === undefined) return false;
        if (options.encoding !== CanonOption.utf8) this.#utf8Only = false;
        if (kind === Canon.lower) {
          this.#functions.push(undefined);
        } else {
          section.u32();
          this.#lifts.push({ function: target, ...options });
        }
      } else if (kind === Canon.resourceNew || kind === Canon.resourceDrop || kind === Canon.resourceRep) {
        section.u32();
        this.#functions.push(undefined);
      } else {
        return false;
      }
    }
    return true;
  }
}

function readOptions(section: ByteCursor): (Omit<Lift, 'function'> & { encoding: number }) | undefined {
  let encoding: number = CanonOption.utf8;
  let memory: number | undefined;
  let realloc: number | undefined;
  let postReturn: number | undefined;
  for (let left = section.u32(); left > 0; left--) {
    const option = section.byte();
    if (option === CanonOption.latin1)
      throw new PluginInvalidError("The component's strings are latin1+utf16, of which no bindings can be made.", {
        help: 'Build the plugin with strings that are UTF-8, or UTF-16.',
      });
    if (option === CanonOption.utf8 || option === CanonOption.utf16) encoding = option;
    else if (option === CanonOption.memory) memory = section.u32();
    else if (option === CanonOption.realloc) realloc = section.u32();
    else if (option === CanonOption.postReturn) postReturn = section.u32();
    else return undefined;
  }
  return { encoding, memory, realloc, postReturn };
}
