/**
 * Walks what a core module is filled with: globals, segments, and functions with their locals. All of it is counted, since a
 * few bytes of it can keep a compiler busy for minutes, and all features of WebAssembly that it uses are reported.
 * Format: https://webassembly.github.io/spec/core/binary/modules.html
 */
import type { ByteCursor } from './byte-cursor.js';
import { moduleRefusal } from './core-features.js';
import { type FunctionSpaces, type InstructionWalk, walkReferenceConstant } from './core-instructions.js';
import { Opcode } from './core-opcodes.js';
import { readReferenceType, readValueType } from './core-types.js';
import type { LimitTally } from './limit-tally.js';

/** add, sub and mul, of i32 and of i64. */
const ARITHMETIC: readonly number[] = [0x6a, 0x6b, 0x6c, 0x7c, 0x7d, 0x7e];
/** Bits of an element segment's kind. */
const Element = { notActive: 0x01, explicit: 0x02, expressions: 0x04, all: 0x07 } as const;
const DataKind = { active: 0, passive: 1, activeWithMemory: 2 } as const;

export interface ContentContext extends FunctionSpaces {
  readonly tally: LimitTally;
  /** How many globals are imported, which come first. */
  importedGlobals: number;
}

export function walkGlobal(section: ByteCursor, context: ContentContext): void {
  readValueType(section, context.uses);
  section.byte();
  walkConstant(section, context);
}

export function walkElement(section: ByteCursor, context: ContentContext): void {
  const kind = section.u32();
  if (kind > Element.all) throw moduleRefusal(`an element segment of kind ${kind}`);
  const isActive = (kind & Element.notActive) === 0;
  const isExplicit = (kind & Element.explicit) !== 0;
  if (isActive) {
    if (isExplicit) section.u32();
    walkConstant(section, context);
  }
  const hasExpressions = (kind & Element.expressions) !== 0;
  if (!isActive || isExplicit) {
    if (hasExpressions) readReferenceType(section, context.uses);
    else section.byte();
  }
  const count = section.count();
  context.tally.add('moduleElementEntries', count);
  for (let left = count; left > 0; left--) {
    if (hasExpressions) walkConstant(section, context);
    else section.u32();
  }
}

export function walkData(section: ByteCursor, context: ContentContext): void {
  const kind = section.u32();
  if (kind > DataKind.activeWithMemory) throw moduleRefusal(`a data segment of kind ${kind}`);
  if (kind === DataKind.activeWithMemory) section.u32();
  if (kind !== DataKind.passive) walkConstant(section, context);
  section.part(section.u32());
}

/** @param type of the function, by its index */
export function walkFunction(section: ByteCursor, type: number, walk: InstructionWalk, context: ContentContext): void {
  const { uses, tally, types } = context;
  const bytes = section.u32();
  tally.require('functionBytes', bytes);
  const body = section.part(bytes);
  let locals = 0;
  for (let groups = body.count(); groups > 0; groups--) {
    locals += body.u32();
    readValueType(body, uses);
  }
  tally.require('functionLocals', locals);
  tally.add('moduleLocals', locals);
  const { branchValues, loops } = walk.walk(body, locals + (types[type]?.parameters ?? 0));
  tally.require('functionBranchValues', branchValues);
  tally.require('functionLoops', loops);
}

function walkConstant(section: ByteCursor, { uses, tally, importedGlobals }: ContentContext): void {
  const start = section.position;
  for (let opcode = section.byte(); opcode !== Opcode.end; opcode = section.byte()) {
    if (opcode === Opcode.i32Constant || opcode === Opcode.i64Constant) section.leb128();
    else if (opcode === Opcode.f32Constant) section.part(4);
    else if (opcode === Opcode.f64Constant) section.part(8);
    else if (opcode === Opcode.refFunction) section.u32();
    else if (opcode === Opcode.globalGet) {
      if (section.u32() >= importedGlobals) uses.add('globalConstants');
    } else if (ARITHMETIC.includes(opcode)) uses.add('extendedConstants');
    else walkReferenceConstant(opcode, section, uses);
    tally.require('constantBytes', section.position - start);
  }
}
