/**
 * Steps over the instructions of a core module's functions, to find what they use of WebAssembly beyond what every Node has,
 * and what it would take to compile them. Nothing is validated: V8 does that. It runs over every byte of a plugin's code, so
 * what is frequent is done in one loop over a table.
 * Format: https://webassembly.github.io/spec/core/binary/instructions.html
 */
import { PluginInvalidError } from '../../shared/errors.js';
import type { ByteCursor } from './byte-cursor.js';
import { type FeatureUse, moduleRefusal } from './core-features.js';
import { ATOMIC, BULK, EFFECTS, GC, IMMEDIATES, Immediates, Opcode, VECTOR } from './core-opcodes.js';
import { type FunctionType, readHeapType, readValueType } from './core-types.js';

const I = Immediates;
/** Of a block: it takes and leaves nothing. The types that are one byte are behind it. */
const NO_TYPE = 0x40;
/** Kinds of clauses of a `try_table`: those that name a tag come first. */
const LAST_CATCH_WITH_TAG = 0x01;
/** Of an alignment: the memory is not the first one, its index follows. */
const HAS_MEMORY_INDEX = 0x40;
const NO_PARAMETERS: FunctionType = { parameters: 0, results: 0 };

export interface FunctionSpaces {
  readonly uses: FeatureUse;
  /** By the index of the type; undefined for those of GC. */
  readonly types: readonly (FunctionType | undefined)[];
  /** The index of each function's type, those of the imported ones first. */
  readonly functions: readonly number[];
}

export class InstructionWalk {
  readonly #spaces: FunctionSpaces;
  /** Operands on the stack; in code that is not reached, those that were there before. Never less than there are. */
  #height = 0;
  /** Of the blocks around: the height at their beginning, and how many results they leave. */
  readonly #heights: number[] = [];
  readonly #results: number[] = [];
  #locals = 0;
  #branchValues = 0;
  #loops = 0;

  constructor(spaces: FunctionSpaces) {
    this.#spaces = spaces;
  }

  /**
   * Steps over the instructions of one function, up to the end of `body`, where the last of them has to end.
   *
   * @param locals of the function, its parameters included
   * @returns how many values there are at all of its blocks and branches together, and how many loops. At each block V8 notes
   * where every local and operand is, which is some 30 bytes for each of these values, and it takes the square of the loops to
   * optimise them. A function is compiled when it is first called, in one go that no time limit interrupts.
   */
  walk(body: ByteCursor, locals: number): { readonly branchValues: number; readonly loops: number } {
    this.#height = 0;
    this.#locals = locals;
    this.#branchValues = 0;
    this.#loops = 0;
    this.#heights.length = 0;
    this.#results.length = 0;
    const { bytes, end } = body;
    let at = body.position;
    let height = 0;
    while (at < end) {
      const opcode = bytes[at++] as number;
      const immediates = IMMEDIATES[opcode] as number;
      height += EFFECTS[opcode] as number;
      if (immediates === I.one) {
        while ((bytes[at++] as number) >= 0x80);
      } else if (immediates === I.memory) {
        at = skipMemory(bytes, at);
      } else if (immediates !== I.none) {
        body.position = at;
        this.#height = height;
        this.#walkOther(opcode, immediates, body);
        height = this.#height;
        at = body.position;
      }
    }
    if (at > end || bytes[end - 1] !== Opcode.end)
      throw new PluginInvalidError('The binary is damaged: a function ends in the middle of an instruction.');
    body.position = at;
    return { branchValues: this.#branchValues, loops: this.#loops };
  }

  /** What is less frequent: read by a cursor, which stands behind the opcode. */
  #walkOther(opcode: number, immediates: number, body: ByteCursor): void {
    if (immediates === I.elseOrEnd) this.#elseOrEnd(opcode);
    else if (immediates === I.block) {
      if (opcode === Opcode.loop) this.#loops++;
      this.#begin(this.#readBlockType(body));
    } else if (immediates === I.branch) {
      this.#countBranch(1);
      skip(body, 1);
      if (opcode === Opcode.branch) this.#leave();
    } else if (immediates === I.call) this.#call(opcode, body);
    else if (immediates === I.leave) this.#leave();
    else if (immediates === I.branchTable) {
      const count = body.count() + 1;
      this.#countBranch(count);
      skip(body, count);
      this.#leave();
    } else if (immediates === I.fourBytes) body.part(4);
    else if (immediates === I.eightBytes) body.part(8);
    else this.#walkRare(opcode, immediates, body);
  }

  #walkRare(opcode: number, immediates: number, body: ByteCursor): void {
    const { uses } = this.#spaces;
    if (immediates === I.types) for (let left = body.count(); left > 0; left--) readValueType(body, uses);
    else if (immediates === I.heapType) readHeapType(body, uses);
    else if (immediates === I.bulk) this.#height += walkBulk(body, uses);
    else if (immediates === I.vector) this.#height += walkVector(body, uses);
    else if (immediates === I.atomic) this.#height += walkAtomic(body);
    else if (immediates === I.gc) this.#height += walkGc(opcode, body, uses);
    else if (immediates === I.tryTable) this.#tryTable(body);
    else if (immediates === I.exception) {
      uses.add('exceptions');
      if (opcode === Opcode.throw) skip(body, 1);
      this.#leave();
    } else if (immediates === I.functionReference) {
      uses.add('functionReferences');
      this.#countBranch(1);
      if (opcode !== Opcode.refAsNonNull) skip(body, 1);
    } else if (immediates === I.legacyException) uses.add('legacyExceptions');
    else throw unknownInstruction([opcode]);
  }

  #begin({ parameters, results }: FunctionType): void {
    this.#countBranch(1);
    this.#heights.push(this.#height - parameters);
    this.#results.push(results);
  }

  #elseOrEnd(opcode: number): void {
    const height = this.#heights.at(-1) ?? 0;
    this.#countBranch(1);
    this.#height = height;
    if (opcode === Opcode.else) return;
    this.#height += this.#results.pop() ?? 0;
    this.#heights.pop();
  }

  /** What follows is not reached before the next end of a block. */
  #leave(): void {
    this.#height = this.#heights.at(-1) ?? 0;
  }

  #countBranch(times: number): void {
    this.#branchValues += times * (this.#locals + Math.max(this.#height, 0));
  }

  #call(opcode: number, body: ByteCursor): void {
    const { types, functions, uses } = this.#spaces;
    const index = body.u32();
    let type = index;
    if (opcode === Opcode.call || opcode === Opcode.returnCall) type = functions[index] ?? -1;
    else {
      this.#height--;
      if (opcode === Opcode.callIndirect || opcode === Opcode.returnCallIndirect) skip(body, 1);
      else uses.add('functionReferences');
    }
    const { parameters, results } = types[type] ?? NO_PARAMETERS;
    this.#height += results - parameters;
    if (opcode === Opcode.returnCall || opcode === Opcode.returnCallIndirect || opcode === Opcode.returnCallReference)
      this.#leave();
  }

  #tryTable(body: ByteCursor): void {
    this.#spaces.uses.add('exceptions');
    this.#begin(this.#readBlockType(body));
    const count = body.count();
    this.#countBranch(count);
    for (let left = count; left > 0; left--) skip(body, body.byte() <= LAST_CATCH_WITH_TAG ? 2 : 1);
  }

  #readBlockType(body: ByteCursor): FunctionType {
    const type = body.clone().byte();
    if (type < NO_TYPE || type >= 0x80) return this.#spaces.types[body.s33()] ?? NO_PARAMETERS;
    if (type === NO_TYPE) body.byte();
    else readValueType(body, this.#spaces.uses);
    return { parameters: 0, results: type === NO_TYPE ? 0 : 1 };
  }
}

/** Steps over one instruction of a constant expression, whose opcode was read, if it is not one of the simple ones. */
export function walkReferenceConstant(opcode: number, section: ByteCursor, uses: FeatureUse): void {
  if (opcode === Opcode.refNull) readHeapType(section, uses);
  else if (opcode === Opcode.gc) walkGc(opcode, section, uses);
  else if (opcode === Opcode.vector) walkVector(section, uses);
  else throw unknownInstruction([opcode]);
}

function skipMemory(bytes: Uint8Array, start: number): number {
  let at = start;
  const more = (bytes[at] as number) & HAS_MEMORY_INDEX;
  while ((bytes[at++] as number) >= 0x80);
  if (more !== 0) while ((bytes[at++] as number) >= 0x80);
  while ((bytes[at++] as number) >= 0x80);
  return at;
}

function walkBulk(body: ByteCursor, uses: FeatureUse): number {
  const number = body.u32();
  const immediates = BULK.immediates[number];
  if (number >= BULK.firstWide && number <= BULK.lastWide) uses.add('wideArithmetic');
  else if (immediates === undefined) throw unknownInstruction([Opcode.bulk, number]);
  else skip(body, immediates);
  return BULK.effects[number] ?? 0;
}

function walkVector(body: ByteCursor, uses: FeatureUse): number {
  const number = body.u32();
  const effect = VECTOR.effects[number];
  if (effect === undefined) throw unknownInstruction([Opcode.vector, number]);
  if (number <= VECTOR.lastMemory || (number >= VECTOR.loadLane && number <= VECTOR.lastLoad)) {
    body.position = skipMemory(body.bytes, body.position);
    if (number >= VECTOR.loadLane && number <= VECTOR.lastLane) body.byte();
  } else if (number === VECTOR.constant || number === VECTOR.shuffle) body.part(16);
  else if (number >= VECTOR.extractLane && number <= VECTOR.lastReplaceLane) body.byte();
  else if (number >= VECTOR.relaxed) uses.add('relaxedSimd');
  return effect;
}

/** Of memories that are not shared these are plain loads and stores. */
function walkAtomic(body: ByteCursor): number {
  const number = body.u32();
  const effect = ATOMIC.effects[number];
  if (effect === undefined || (number > ATOMIC.fence && number < ATOMIC.firstLoad))
    throw unknownInstruction([Opcode.atomic, number]);
  if (number === ATOMIC.fence) body.byte();
  else body.position = skipMemory(body.bytes, body.position);
  return effect;
}

function walkGc(opcode: number, body: ByteCursor, uses: FeatureUse): number {
  uses.add('gc');
  if (opcode !== Opcode.gc) return 0;
  const number = body.u32();
  const immediates = GC.immediates[number];
  if (immediates === undefined) throw unknownInstruction([opcode, number]);
  skip(body, immediates);
  return GC.effects[number] ?? 0;
}

/** Steps over numbers. */
function skip(body: ByteCursor, count: number): void {
  for (let left = count; left > 0; left--) body.leb128();
}

function unknownInstruction(codes: readonly number[]): PluginInvalidError {
  return moduleRefusal(`the instruction ${codes.map((code) => `0x${code.toString(16)}`).join(' ')}`);
}
