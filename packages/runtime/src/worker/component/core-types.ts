/**
 * Reads the types of a core module: of values, of references, and those that it declares.
 * Format: https://webassembly.github.io/spec/core/binary/types.html
 */
import type { ByteCursor } from './byte-cursor.js';
import { type FeatureUse, moduleRefusal } from './core-features.js';
import type { LimitTally } from './limit-tally.js';

const Reference = { exception: 0x69, external: 0x6f, function: 0x70, noException: 0x74, typed: 0x64, nullable: 0x63 };
/** i31, any, eq, struct and array, and the bottoms of the hierarchies: `array` to `any`, `none` to `nofunc`. */
const GC_REFERENCES = { first: 0x6a, last: 0x6e, firstBottom: 0x71, lastBottom: 0x73 } as const;
const Composite = { function: 0x60, struct: 0x5f, array: 0x5e, sub: 0x50, subFinal: 0x4f, group: 0x4e } as const;
/** `v128` to `i32`. */
const NUMBERS = { first: 0x7b, last: 0x7f } as const;
/** i16 and i8, only in fields. */
const PACKED = { first: 0x77, last: 0x78 } as const;

/** A value type. */
export function readValueType(section: ByteCursor, uses: FeatureUse): void {
  const type = section.byte();
  if (type >= NUMBERS.first && type <= NUMBERS.last) return;
  readNamedReference(type, section, uses);
}

/** The type of a table's or a segment's elements. */
export function readReferenceType(section: ByteCursor, uses: FeatureUse): void {
  readNamedReference(section.byte(), section, uses);
}

function readNamedReference(type: number, section: ByteCursor, uses: FeatureUse): void {
  if (type === Reference.typed || type === Reference.nullable) {
    uses.add('functionReferences');
    readHeapType(section, uses);
  } else useReference(type, uses);
}

/** What a reference points at: one of the format's own, or a type of the module. */
export function readHeapType(section: ByteCursor, uses: FeatureUse): void {
  const type = section.s33();
  if (type >= 0) uses.add('functionReferences');
  else useReference(type & 0x7f, uses);
}

function useReference(type: number, uses: FeatureUse): void {
  if (type === Reference.function || type === Reference.external) return;
  if (type === Reference.exception || type === Reference.noException) uses.add('exceptions');
  else if (
    (type >= GC_REFERENCES.first && type <= GC_REFERENCES.last) ||
    (type >= GC_REFERENCES.firstBottom && type <= GC_REFERENCES.lastBottom)
  )
    uses.add('gc');
  else throw moduleRefusal(`a value of the type 0x${type.toString(16)}`);
}

/** How many values a function, or a block, takes and leaves. */
export interface FunctionType {
  readonly parameters: number;
  readonly results: number;
}

/**
 * Reads one entry of the section of types: a type, or with GC a group of them. Each is added to `types`, undefined if it is not
 * one of functions.
 */
export function walkTypeEntry(
  section: ByteCursor,
  uses: FeatureUse,
  tally: LimitTally,
  types: (FunctionType | undefined)[],
): void {
  let count = 1;
  if (section.clone().byte() === Composite.group) {
    section.byte();
    uses.add('gc');
    count = section.count();
    tally.add('moduleTypeParts', count);
  }
  for (let left = count; left > 0; left--) types.push(walkSubType(section, uses, tally));
}

function walkSubType(section: ByteCursor, uses: FeatureUse, tally: LimitTally): FunctionType | undefined {
  let form = section.byte();
  if (form === Composite.sub || form === Composite.subFinal) {
    uses.add('gc');
    for (let left = section.count(); left > 0; left--) section.u32();
    form = section.byte();
  }
  if (form === Composite.function) {
    const parameters = values(section, uses, tally);
    return { parameters, results: values(section, uses, tally) };
  }
  if (form !== Composite.struct && form !== Composite.array)
    throw moduleRefusal(`a type of the form 0x${form.toString(16)}`);
  uses.add('gc');
  const count = form === Composite.array ? 1 : section.count();
  tally.add('moduleTypeParts', count);
  for (let left = count; left > 0; left--) readField(section, uses);
  return undefined;
}

function values(section: ByteCursor, uses: FeatureUse, tally: LimitTally): number {
  const count = section.count();
  tally.add('moduleTypeParts', count);
  for (let left = count; left > 0; left--) readValueType(section, uses);
  return count;
}

function readField(section: ByteCursor, uses: FeatureUse): void {
  const type = section.clone().byte();
  if (type >= PACKED.first && type <= PACKED.last) section.byte();
  else readValueType(section, uses);
  section.byte();
}
