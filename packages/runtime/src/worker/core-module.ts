/**
 * Walks the section table of a core module: bounds, counts and names, and what it will take when it is instantiated.
 * What is inside of functions and segments is left to V8, which checks it when it compiles.
 * Format: https://webassembly.github.io/spec/core/binary/modules.html
 */
import type { LimitName } from '../shared/component-limits.js';
import { PluginInvalidError } from '../shared/errors.js';
import type { ByteCursor } from './byte-cursor.js';
import { addFootprint, type Footprint, NOTHING } from './footprint.js';
import type { LimitTally } from './limit-tally.js';
import { readCoreName } from './safe-names.js';

/** `\0asm` and version 1. */
const HEADER: readonly number[] = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
export const MODULE_HEADER_BYTES = HEADER.length;
export const CoreSection = { custom: 0, import: 2, table: 4, memory: 5, export: 7, start: 8, dataCount: 12 } as const;
const ImportKind = { function: 0x00, table: 0x01, memory: 0x02, global: 0x03, tag: 0x04 } as const;
const SizeFlag = { maximum: 0x01, shared: 0x02, wide: 0x04 } as const;
/** References whose type follows: `ref null heaptype`, `ref heaptype`. */
const TYPED_REFERENCES: readonly number[] = [0x63, 0x64];
/** Marks a table with an initial value, which is of typed function references. */
const TABLE_WITH_VALUE = 0x40;

/** Sections that begin with a count, by id. */
const COUNTED: ReadonlyMap<number, LimitName> = new Map([
  [1, 'moduleTypes'],
  [2, 'moduleImports'],
  [3, 'moduleFunctions'],
  [4, 'moduleTables'],
  [5, 'moduleMemories'],
  [6, 'moduleGlobals'],
  [7, 'moduleExports'],
  [9, 'moduleElements'],
  [10, 'moduleFunctions'],
  [11, 'moduleData'],
  [13, 'moduleTags'],
]);

/** Size of a memory (in pages) or of a table (in elements). */
export interface SizeRange {
  readonly initial: number;
  readonly maximum: number | undefined;
}

/** Checks a core module, at whose header the cursor stands, and says what one instance of it takes. */
export function walkCoreModule(cursor: ByteCursor, tally: LimitTally): Footprint {
  if (HEADER.some((byte) => cursor.byte() !== byte)) throw notUnderstood('it begins with another header');
  tally.reset('moduleSections');
  let footprint: Footprint = { ...NOTHING, coreInstances: 1 };
  while (!cursor.done) {
    tally.add('moduleSections');
    const id = cursor.byte();
    const section = cursor.part(cursor.u32());
    footprint = addFootprint(footprint, walkSection(id, section, tally));
  }
  return footprint;
}

function walkSection(id: number, section: ByteCursor, tally: LimitTally): Partial<Footprint> {
  if (id === CoreSection.custom) {
    tally.require('nameBytes', section.clone().u32());
    section.name();
    return {};
  }
  if (id === CoreSection.start) return {};
  if (id === CoreSection.dataCount) {
    tally.require('moduleData', section.u32());
    return {};
  }
  const limit = COUNTED.get(id);
  if (limit === undefined) throw notUnderstood(`section ${id}`);
  const count = section.count();
  tally.require(limit, count);
  if (id === CoreSection.import) repeat(count, () => walkImport(section, tally));
  else if (id === CoreSection.export) repeat(count, () => walkExport(section, tally));
  else if (id === CoreSection.memory) return { memories: count, memoryPages: sum(count, () => readMemory(section)) };
  else if (id === CoreSection.table) return { tables: count, tableElements: sum(count, () => readTable(section)) };
  return {};
}

function walkImport(section: ByteCursor, tally: LimitTally): void {
  readCoreName(section, tally);
  readCoreName(section, tally);
  const kind = section.byte();
  if (kind === ImportKind.function) section.u32();
  else if (kind === ImportKind.table) readTable(section);
  else if (kind === ImportKind.memory) readMemory(section);
  else if (kind === ImportKind.global) {
    readValueType(section);
    section.byte();
  } else if (kind === ImportKind.tag) {
    section.byte();
    section.u32();
  } else throw notUnderstood(`an import of kind ${kind}`);
}

function walkExport(section: ByteCursor, tally: LimitTally): void {
  readCoreName(section, tally);
  section.byte();
  section.u32();
}

/**
 * The type of a memory. Those that are shared or 64-bit wide are refused: a cap on them could be got around by another
 * thread, or is not one that V8 keeps in the same way.
 */
export function readMemory(section: ByteCursor): SizeRange {
  return readSize(section, 'memory');
}

/** The type of a table, whose references may be of any type. */
export function readTable(section: ByteCursor): SizeRange {
  readTableElement(section);
  return readSize(section, 'table');
}

/** The type of a table's elements, in front of its size. */
export function readTableElement(section: ByteCursor): void {
  const type = section.clone().byte();
  if (type === TABLE_WITH_VALUE) throw notUnderstood('a table with an initial value');
  readValueType(section);
}

export function readSize(section: ByteCursor, of: 'memory' | 'table'): SizeRange {
  const flags = section.byte();
  if ((flags & SizeFlag.shared) !== 0) throw notUnderstood(`a shared ${of}`);
  if ((flags & SizeFlag.wide) !== 0) throw notUnderstood(`a 64-bit ${of}`);
  if ((flags & ~SizeFlag.maximum) !== 0) throw notUnderstood(`a ${of} with flags ${flags}`);
  return { initial: section.u32(), maximum: flags === SizeFlag.maximum ? section.u32() : undefined };
}

function readValueType(section: ByteCursor): void {
  if (TYPED_REFERENCES.includes(section.byte())) section.s33();
}

function repeat(count: number, entry: () => void): void {
  for (let left = count; left > 0; left--) entry();
}

function sum(count: number, entry: () => SizeRange): number {
  let total = 0;
  for (let left = count; left > 0; left--) total += entry().initial;
  return total;
}

function notUnderstood(what: string): PluginInvalidError {
  return new PluginInvalidError(`The component has a core module that this host does not take: ${what}.`);
}
