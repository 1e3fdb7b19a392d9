/**
 * Walks the types that a component declares. Their names become names in the bindings, so every one is checked; their indices
 * are left to the transpiler.
 * Format: https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md#type-definitions
 */
import { PluginInvalidError } from '../../shared/errors.js';
import type { ByteCursor } from './byte-cursor.js';
import type { LimitTally } from './limit-tally.js';
import { readCoreName, readExternName, readLabel } from './safe-names.js';

const Type = {
  resource: 0x3f,
  function: 0x40,
  component: 0x41,
  instance: 0x42,
  asyncFunction: 0x43,
  map: 0x63,
  errorContext: 0x64,
  future: 0x65,
  stream: 0x66,
  fixedList: 0x67,
  borrow: 0x68,
  own: 0x69,
  result: 0x6a,
  option: 0x6b,
  enum: 0x6d,
  flags: 0x6e,
  tuple: 0x6f,
  list: 0x70,
  variant: 0x71,
  record: 0x72,
} as const;
/** `string` to `bool`: the types that are one byte. */
const PRIMITIVES = { first: 0x73, last: 0x7f } as const;
const Declaration = { coreType: 0x00, type: 0x01, alias: 0x02, import: 0x03, export: 0x04 } as const;

export const Sort = { core: 0x00, function: 0x01, value: 0x02, type: 0x03, component: 0x04, instance: 0x05 } as const;
export const CoreSort = { function: 0x00, memory: 0x02, module: 0x11 } as const;
export const AliasTarget = { export: 0x00, coreExport: 0x01, outer: 0x02 } as const;

/** What an alias, an import or an export stands for: its sort, the core sort if that is `core`. */
export interface SortPair {
  readonly sort: number;
  readonly coreSort: number | undefined;
}

/** Reads one type definition; `depth` counts the types and components around it. */
export function walkType(section: ByteCursor, tally: LimitTally, depth: number): void {
  tally.add('types');
  const kind = section.byte();
  if (kind === Type.function || kind === Type.asyncFunction) walkFunction(section, tally);
  else if (kind === Type.component || kind === Type.instance) {
    tally.require('nesting', depth + 1);
    parts(section, tally, () => walkDeclaration(section, tally, depth + 1));
  } else if (kind === Type.resource) {
    section.byte();
    optional(section, () => section.u32());
  } else if (!isPrimitive(kind)) walkValueType(kind, section, tally);
}

function walkValueType(kind: number, section: ByteCursor, tally: LimitTally): void {
  const labelled = () => {
    readLabel(section, tally);
  };
  if (kind === Type.record)
    parts(section, tally, () => {
      labelled();
      section.s33();
    });
  else if (kind === Type.variant)
    parts(section, tally, () => {
      labelled();
      optional(section, () => section.s33());
      // Once an index of the case that this one refines; always 0 today.
      section.byte();
    });
  else if (kind === Type.flags || kind === Type.enum) parts(section, tally, labelled);
  else if (kind === Type.tuple) parts(section, tally, () => section.s33());
  else if (kind === Type.list || kind === Type.option) section.s33();
  else if (kind === Type.own || kind === Type.borrow) section.u32();
  else if (kind === Type.stream || kind === Type.future) optional(section, () => section.s33());
  else if (kind === Type.result) {
    optional(section, () => section.s33());
    optional(section, () => section.s33());
  } else if (kind === Type.map) {
    section.s33();
    section.s33();
  } else if (kind === Type.fixedList) {
    section.s33();
    // The bindings write such a list out element by element.
    tally.add('typeParts', section.u32());
  } else if (kind !== Type.errorContext) throw notUnderstood(`a type of kind 0x${kind.toString(16)}`);
}

function walkFunction(section: ByteCursor, tally: LimitTally): void {
  parts(section, tally, () => {
    readLabel(section, tally);
    section.s33();
  });
  if (section.byte() === 0x00) section.s33();
  else
    parts(section, tally, () => {
      readLabel(section, tally);
      section.s33();
    });
}

function walkDeclaration(section: ByteCursor, tally: LimitTally, depth: number): void {
  const kind = section.byte();
  if (kind === Declaration.type) walkType(section, tally, depth);
  else if (kind === Declaration.alias) readAlias(section, tally);
  else if (kind === Declaration.import || kind === Declaration.export) {
    readImportOrExportName(section, tally);
    readDescription(section);
  } else throw notUnderstood(`a declaration of kind ${kind}`);
}

export interface Alias extends SortPair {
  readonly target: number;
  /** Of the instance, or for outer aliases how many components further out. */
  readonly index: number;
  /** What it is called there; undefined for outer aliases, which have `outerIndex`. */
  readonly name: string | undefined;
  readonly outerIndex: number | undefined;
}

export function readAlias(section: ByteCursor, tally: LimitTally): Alias {
  tally.add('aliases');
  const sorts = readSort(section);
  const target = section.byte();
  const index = section.u32();
  if (target === AliasTarget.outer) return { ...sorts, target, index, name: undefined, outerIndex: section.u32() };
  if (target !== AliasTarget.export && target !== AliasTarget.coreExport)
    throw notUnderstood(`an alias of kind ${target}`);
  const name = (target === AliasTarget.coreExport ? readCoreName : readExternName)(section, tally);
  return { ...sorts, target, index, name, outerIndex: undefined };
}

export function readSort(section: ByteCursor): SortPair {
  const sort = section.byte();
  return { sort, coreSort: sort === Sort.core ? section.byte() : undefined };
}

/** The name of an import or export, behind a byte that once told plain names from interfaces. */
export function readImportOrExportName(section: ByteCursor, tally: LimitTally): string {
  const form = section.byte();
  if (form > 0x01) throw notUnderstood(`a name of kind ${form}`);
  return readExternName(section, tally);
}

/** What an import is, or an export is said to be. */
export function readDescription(section: ByteCursor): SortPair {
  const sorts = readSort(section);
  if (sorts.sort === Sort.value) throw notUnderstood('a value');
  // Of a type either what it equals (with an index), or that it is a resource of its own.
  if (sorts.sort !== Sort.type || section.byte() === 0x00) section.u32();
  return sorts;
}

function parts(section: ByteCursor, tally: LimitTally, part: () => void): void {
  const count = section.count();
  tally.add('typeParts', count);
  for (let left = count; left > 0; left--) part();
}

function optional(section: ByteCursor, value: () => void): void {
  const presence = section.byte();
  if (presence > 0x01) throw notUnderstood(`an optional part of kind ${presence}`);
  if (presence === 0x01) value();
}

function isPrimitive(kind: number): boolean {
  return kind >= PRIMITIVES.first && kind <= PRIMITIVES.last;
}

export function notUnderstood(what: string): PluginInvalidError {
  return new PluginInvalidError(`The component uses a form that this host does not support: ${what}.`);
}
