/**
 * Walks a component with everything nested in it, before the transpiler sees it: that sections lie within their bounds and
 * hold what they say, that nothing is there in numbers that no plugin needs, and that every name is harmless. Whatever is
 * not understood is refused. It also adds up what an instance of the component takes, nested instances included.
 */
import { COMPONENT_HEADER } from '../../shared/component/component-header.js';
import { PluginInvalidError } from '../../shared/errors.js';
import type { ByteCursor } from './byte-cursor.js';
import { readCanon } from './component-canons.js';
import {
  AliasTarget,
  CoreSort,
  notUnderstood,
  readAlias,
  readDescription,
  readImportOrExportName,
  readSort,
  Sort,
  type SortPair,
  walkType,
} from './component-types.js';
import type { FeatureUse } from './core-features.js';
import { walkCoreModule } from './core-module.js';
import { addFootprint, type Footprint, NOTHING } from './footprint.js';
import type { LimitTally } from './limit-tally.js';
import { readCoreName, readExternName } from './safe-names.js';

export const Section = {
  custom: 0,
  coreModule: 1,
  coreInstance: 2,
  component: 4,
  instance: 5,
  alias: 6,
  type: 7,
  canon: 8,
  import: 10,
  export: 11,
} as const;
const InstanceForm = { instantiate: 0x00, exports: 0x01 } as const;

export interface ComponentOutline {
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  readonly footprint: Footprint;
  /** Core modules, those of nested components included. */
  readonly coreModules: number;
}

/** Checks the component, at whose header the cursor stands. */
export function walkComponent(cursor: ByteCursor, tally: LimitTally, uses: FeatureUse): ComponentOutline {
  return new ComponentWalk(tally, uses, undefined).walk(cursor);
}

class ComponentWalk {
  readonly #tally: LimitTally;
  readonly #uses: FeatureUse;
  readonly #parent: ComponentWalk | undefined;
  readonly #depth: number;
  /** What one instance takes, in the order of the index spaces. */
  readonly #modules: Footprint[] = [];
  readonly #components: Footprint[] = [];
  readonly #imports: string[] = [];
  readonly #exports: string[] = [];
  #footprint: Footprint = { ...NOTHING, instances: 1 };

  constructor(tally: LimitTally, uses: FeatureUse, parent: ComponentWalk | undefined) {
    this.#tally = tally;
    this.#uses = uses;
    this.#parent = parent;
    this.#depth = parent === undefined ? 0 : parent.#depth + 1;
    tally.require('nesting', this.#depth);
  }

  walk(cursor: ByteCursor): ComponentOutline {
    if (COMPONENT_HEADER.some((byte) => cursor.byte() !== byte))
      throw notUnderstood('a nested binary of another version');
    while (!cursor.done) {
      this.#tally.add('sections');
      const id = cursor.byte();
      const section = cursor.part(cursor.u32());
      this.#walkSection(id, section);
      if (!section.done)
        throw new PluginInvalidError(`The binary is damaged: section ${id} is longer than its content.`);
    }
    return {
      imports: this.#imports,
      exports: this.#exports,
      footprint: this.#footprint,
      coreModules: this.#tally.count('coreModules'),
    };
  }

  #walkSection(id: number, section: ByteCursor): void {
    if (id === Section.custom) this.#skipCustom(section);
    else if (id === Section.coreModule) this.#walkModule(section);
    else if (id === Section.component) this.#walkNested(section);
    else if (id === Section.coreInstance) each(section, () => this.#walkCoreInstance(section));
    else if (id === Section.instance) each(section, () => this.#walkInstance(section));
    else if (id === Section.alias) each(section, () => this.#walkAlias(section));
    else if (id === Section.type) each(section, () => walkType(section, this.#tally, this.#depth));
    else if (id === Section.canon) this.#walkCanons(section);
    else if (id === Section.import) each(section, () => this.#walkImport(section));
    else if (id === Section.export) each(section, () => this.#walkExport(section));
    else throw notUnderstood(`section ${id}`);
  }

  #skipCustom(section: ByteCursor): void {
    this.#tally.require('nameBytes', section.clone().u32());
    section.name();
    section.position = section.end;
  }

  #walkModule(section: ByteCursor): void {
    this.#tally.add('coreModules');
    this.#modules.push(walkCoreModule(section, this.#tally, this.#uses));
  }

  #walkNested(section: ByteCursor): void {
    this.#tally.add('components');
    this.#components.push(new ComponentWalk(this.#tally, this.#uses, this).walk(section).footprint);
  }

  #walkCoreInstance(section: ByteCursor): void {
    const form = section.byte();
    if (form === InstanceForm.instantiate) {
      this.#take(this.#modules[section.u32()], 'a core module');
      this.#links(section, () => {
        readCoreName(section, this.#tally);
        section.byte();
        section.u32();
      });
    } else if (form === InstanceForm.exports) {
      this.#take({ ...NOTHING, coreInstances: 1 }, 'a core instance');
      this.#links(section, () => {
        readCoreName(section, this.#tally);
        section.byte();
        section.u32();
      });
    } else throw notUnderstood(`a core instance of kind ${form}`);
  }

  #walkInstance(section: ByteCursor): void {
    const form = section.byte();
    if (form === InstanceForm.instantiate) {
      this.#take(this.#components[section.u32()], 'a component');
      this.#links(section, () => {
        readExternName(section, this.#tally);
        this.#refuseHigherOrder(readSort(section));
        section.u32();
      });
    } else if (form === InstanceForm.exports) {
      this.#take({ ...NOTHING, instances: 1 }, 'an instance');
      this.#links(section, () => {
        readImportOrExportName(section, this.#tally);
        this.#refuseHigherOrder(readSort(section));
        section.u32();
      });
    } else throw notUnderstood(`an instance of kind ${form}`);
  }

  #walkAlias(section: ByteCursor): void {
    const alias = readAlias(section, this.#tally);
    if (!isHigherOrder(alias)) return;
    if (alias.target !== AliasTarget.outer || alias.outerIndex === undefined) throw higherOrder();
    const footprint = this.#outward(alias.index).#space(alias)[alias.outerIndex];
    if (footprint === undefined) throw notUnderstood('an alias of a component or core module that is not there');
    this.#space(alias).push(footprint);
  }

  /** What is in a `canon` has no names, and takes nothing when instantiated. */
  #walkCanons(section: ByteCursor): void {
    const count = section.count();
    this.#tally.add('functions', count);
    for (let left = count; left > 0; left--) readCanon(section);
  }

  #walkImport(section: ByteCursor): void {
    this.#tally.add('imports');
    this.#imports.push(readImportOrExportName(section, this.#tally));
    this.#refuseHigherOrder(readDescription(section));
  }

  #walkExport(section: ByteCursor): void {
    this.#tally.add('exports');
    this.#exports.push(readImportOrExportName(section, this.#tally));
    this.#refuseHigherOrder(readSort(section));
    section.u32();
    const described = section.byte();
    if (described > 0x01) throw notUnderstood(`an export of kind ${described}`);
    if (described === 0x01) readDescription(section);
  }

  #links(section: ByteCursor, link: () => void): void {
    const count = section.count();
    this.#tally.add('links', count);
    for (let left = count; left > 0; left--) link();
  }

  #take(footprint: Footprint | undefined, what: string): void {
    if (footprint === undefined) throw notUnderstood(`an instance of ${what} that is not there`);
    this.#footprint = addFootprint(this.#footprint, footprint);
    this.#tally.require('coreInstances', this.#footprint.coreInstances);
    this.#tally.require('instances', this.#footprint.instances);
    this.#tally.require('elementEntries', this.#footprint.elementEntries);
  }

  /** The component `levels` further out. */
  #outward(levels: number): ComponentWalk {
    if (levels === 0) return this;
    if (this.#parent === undefined) throw notUnderstood('an alias from further out than the outermost component');
    return this.#parent.#outward(levels - 1);
  }

  #space({ sort }: SortPair): Footprint[] {
    return sort === Sort.component ? this.#components : this.#modules;
  }

  #refuseHigherOrder(sorts: SortPair): void {
    if (isHigherOrder(sorts)) throw higherOrder();
  }
}

/** Components and core modules as values: no tool that builds plugins passes them, and what they would take cannot be counted. */
function isHigherOrder({ sort, coreSort }: SortPair): boolean {
  return sort === Sort.component || (sort === Sort.core && coreSort === CoreSort.module);
}

function higherOrder(): PluginInvalidError {
  return notUnderstood('a component or core module that is passed on as a value');
}

function each(section: ByteCursor, entry: () => void): void {
  for (let left = section.count(); left > 0; left--) entry();
}
