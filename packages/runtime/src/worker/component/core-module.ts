/**
 * Walks a core module: bounds, counts and names, the features that it uses, and what it will take when it is instantiated.
 * Whether what is inside of functions and segments is right is left to V8, which checks it when it compiles.
 * Format: https://webassembly.github.io/spec/core/binary/modules.html
 */
import type { LimitName } from '../../shared/component/component-limits.js';
import { PluginInvalidError } from '../../shared/errors.js';
import type { ByteCursor } from './byte-cursor.js';
import { type ContentContext, walkData, walkElement, walkFunction, walkGlobal } from './core-contents.js';
import { type FeatureUse, moduleRefusal } from './core-features.js';
import { InstructionWalk } from './core-instructions.js';
import { type FunctionType, readReferenceType, readValueType, walkTypeEntry } from './core-types.js';
import { addFootprint, type Footprint, NOTHING } from './footprint.js';
import type { LimitTally } from './limit-tally.js';
import { readCoreName } from './safe-names.js';

/** `\0asm` and version 1. */
const HEADER: readonly number[] = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
export const MODULE_HEADER_BYTES = HEADER.length;
export const CoreSection = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;
const ImportKind = { function: 0x00, table: 0x01, memory: 0x02, global: 0x03, tag: 0x04 } as const;
const SizeFlag = { maximum: 0x01, shared: 0x02, wide: 0x04 } as const;
/** Marks a table with an initial value, which is of typed function references. */
const TABLE_WITH_VALUE = 0x40;

/** Sections that begin with a count, by id. */
const COUNTED: ReadonlyMap<number, LimitName> = new Map<number, LimitName>([
  [CoreSection.type, 'moduleTypes'],
  [CoreSection.import, 'moduleImports'],
  [CoreSection.function, 'moduleFunctions'],
  [CoreSection.table, 'moduleTables'],
  [CoreSection.memory, 'moduleMemories'],
  [CoreSection.global, 'moduleGlobals'],
  [CoreSection.export, 'moduleExports'],
  [CoreSection.element, 'moduleElements'],
  [CoreSection.code, 'moduleFunctions'],
  [CoreSection.data, 'moduleData'],
  [CoreSection.tag, 'moduleTags'],
]);
/** Counts that begin anew in each module. */
const OF_EACH_MODULE: readonly LimitName[] = [
  'moduleSections',
  'moduleTypeParts',
  'moduleElementEntries',
  'moduleLocals',
];

/** Size of a memory (in pages) or of a table (in elements). */
export interface SizeRange {
  readonly initial: number;
  readonly maximum: number | undefined;
}

/** Checks a core module, at whose header the cursor stands, and says what one instance of it takes. */
export function walkCoreModule(cursor: ByteCursor, tally: LimitTally, uses: FeatureUse): Footprint {
  if (HEADER.some((byte) => cursor.byte() !== byte)) throw moduleRefusal('it begins with another header');
  for (const limit of OF_EACH_MODULE) tally.reset(limit);
  const context: ModuleContext = { tally, uses, types: [], functions: [], importedGlobals: 0, memories: 0 };
  let footprint: Footprint = { ...NOTHING, coreInstances: 1 };
  while (!cursor.done) {
    tally.add('moduleSections');
    const id = cursor.byte();
    const section = cursor.part(cursor.u32());
    footprint = addFootprint(footprint, walkSection(id, section, context));
    if (!section.done)
      throw new PluginInvalidError(`The binary is damaged: core section ${id} is longer than its content.`);
  }
  return footprint;
}

interface ModuleContext extends ContentContext {
  readonly types: (FunctionType | undefined)[];
  readonly functions: number[];
  /** Imported or defined so far. */
  memories: number;
}

function walkSection(id: number, section: ByteCursor, context: ModuleContext): Partial<Footprint> {
  const { tally, uses } = context;
  if (id === CoreSection.custom) {
    tally.require('nameBytes', section.clone().u32());
    section.name();
    section.position = section.end;
    return {};
  }
  if (id === CoreSection.start) {
    section.u32();
    return {};
  }
  if (id === CoreSection.dataCount) {
    tally.require('moduleData', section.u32());
    return {};
  }
  const limit = COUNTED.get(id);
  if (limit === undefined) throw moduleRefusal(`section ${id}`);
  const count = section.count();
  tally.require(limit, count);
  if (id === CoreSection.type) repeat(count, () => walkTypeEntry(section, uses, tally, context.types));
  else if (id === CoreSection.import) repeat(count, () => walkImport(section, context));
  else if (id === CoreSection.function) repeat(count, () => context.functions.push(section.u32()));
  else if (id === CoreSection.export) repeat(count, () => walkExport(section, tally));
  else if (id === CoreSection.memory) {
    addMemories(count, context);
    return { memories: count, memoryPages: sum(count, () => readMemory(section)) };
  } else if (id === CoreSection.table)
    return { tables: count, tableElements: sum(count, () => readTable(section, uses)) };
  else if (id === CoreSection.global) repeat(count, () => walkGlobal(section, context));
  else if (id === CoreSection.element) {
    const before = tally.count('moduleElementEntries');
    repeat(count, () => walkElement(section, context));
    return { elementEntries: tally.count('moduleElementEntries') - before };
  } else if (id === CoreSection.data) repeat(count, () => walkData(section, context));
  else if (id === CoreSection.code) walkCode(section, count, context);
  else repeat(count, () => readTag(section, uses));
  return {};
}

function walkCode(section: ByteCursor, count: number, context: ModuleContext): void {
  const walk = new InstructionWalk(context);
  const imported = context.functions.length - count;
  for (let index = 0; index < count; index++)
    walkFunction(section, context.functions[imported + index] ?? -1, walk, context);
}

function walkImport(section: ByteCursor, context: ModuleContext): void {
  const { tally, uses } = context;
  readCoreName(section, tally);
  readCoreName(section, tally);
  const kind = section.byte();
  if (kind === ImportKind.function) context.functions.push(section.u32());
  else if (kind === ImportKind.table) readTable(section, uses);
  else if (kind === ImportKind.memory) {
    addMemories(1, context);
    readMemory(section);
  } else if (kind === ImportKind.global) {
    context.importedGlobals++;
    readValueType(section, uses);
    section.byte();
  } else if (kind === ImportKind.tag) readTag(section, uses);
  else throw moduleRefusal(`an import of kind ${kind}`);
}

function addMemories(count: number, context: ModuleContext): void {
  context.memories += count;
  if (context.memories > 1) context.uses.add('multipleMemories');
}

function readTag(section: ByteCursor, uses: FeatureUse): void {
  uses.add('exceptions');
  section.byte();
  section.u32();
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
function readMemory(section: ByteCursor): SizeRange {
  return readSize(section, 'memory');
}

/** The type of a table, whose references may be of any type. */
function readTable(section: ByteCursor, uses: FeatureUse): SizeRange {
  readTableElement(section, uses);
  return readSize(section, 'table');
}

/** The type of a table's elements, in front of its size. */
export function readTableElement(section: ByteCursor, uses: FeatureUse): void {
  const type = section.clone().byte();
  if (type === TABLE_WITH_VALUE) throw moduleRefusal('a table with an initial value');
  readReferenceType(section, uses);
}

export function readSize(section: ByteCursor, of: 'memory' | 'table'): SizeRange {
  const flags = section.byte();
  if ((flags & SizeFlag.shared) !== 0) throw moduleRefusal(`a shared ${of}`);
  if ((flags & SizeFlag.wide) !== 0) throw moduleRefusal(`a 64-bit ${of}`);
  if ((flags & ~SizeFlag.maximum) !== 0) throw moduleRefusal(`a ${of} with flags ${flags}`);
  return { initial: section.u32(), maximum: flags === SizeFlag.maximum ? section.u32() : undefined };
}

function repeat(count: number, entry: () => void): void {
  for (let left = count; left > 0; left--) entry();
}

function sum(count: number, entry: () => SizeRange): number {
  let total = 0;
  for (let left = count; left > 0; left--) total += entry().initial;
  return total;
}
