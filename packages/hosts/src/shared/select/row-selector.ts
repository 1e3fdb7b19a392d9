/**
 * Finds the rows of a batch that a session selects, in the bytes of the batch: a table of bits for the encoder, or for the batch that is
 * made of them.
 */
import { type BatchLayout, VARYING_STRINGS } from '@chipmunk-host/batch/internal';
import { byteCounts, countNeedle, type Needle, rarestPlaces } from './needle.js';
import type { CompiledPattern } from './pattern-engine.js';
import { instantiateSelection, type SelectionExports } from './selection-module.js';
import { Comparison, type Selection, type SelectionPlan, type SelectionTest } from './selection-plan.js';
import { bitBytes, MOST_NEEDLE_BYTES } from './selection-space.js';

const TAB = 9;

/** What is selected of a batch. */
export interface SelectedRows {
  /** Where the bits are: one for each entry, the lowest of a byte first. */
  readonly bitsAt: number;
  /** Entries from here on are not delivered: the limit was reached before them. */
  readonly end: number;
  /** Items that are left out since they are to be skipped (`skip`). */
  readonly dropped: number;
}

/** Of those batches that are opened one behind the other, the first of so many says which bytes are rare. */
const SAMPLED_BATCHES = 256;
const SAMPLE_BYTES = 8192;
/** How a needle is looked for (assembly/marks.ts). */
const How = { either: 1, wholeWord: 2 } as const;
const ANY_COLUMN = 0xffff_ffff;
/** Of the entries of a batch, the part from which on its text is copied as a whole for the engine. */
const MANY = 1 / 16;

interface PlacedTest extends SelectionTest {
  readonly at: number;
  /** For each list of needles. */
  readonly placed: readonly (readonly PlacedNeedle[])[];
  /** The list that is looked for. */
  chosen: number;
  readonly compiled: CompiledPattern | undefined;
}

interface PlacedNeedle {
  readonly needle: Needle;
  readonly at: number;
  readonly how: number;
  /** Whether it can be in ASCII. */
  readonly isAscii: boolean;
  /** Whether it is looked for only where the text is not ASCII. */
  readonly isBeyondAscii: boolean;
  places: readonly [first: number, second: number];
}

export class RowSelector {
  readonly wasm: SelectionExports;
  readonly #memory: WebAssembly.Memory;
  readonly #plan: SelectionPlan;
  readonly #tests: readonly PlacedTest[];
  readonly #bitsAt: number;
  #joined = new Uint8Array(4096);
  #opened = 0;

  /** @param at where `selectionBytes` of the memory are its own: a multiple of 8 */
  constructor(memory: WebAssembly.Memory, at: number, { plan, engine }: Selection) {
    this.#memory = memory;
    this.#plan = plan;
    this.#bitsAt = at + MOST_NEEDLE_BYTES;
    this.wasm = instantiateSelection(memory);
    let end = at;
    const place = (bytes: Uint8Array) => {
      new Uint8Array(memory.buffer, end, bytes.length).set(bytes);
      end += bytes.length;
      return end - bytes.length;
    };
    const placeNeedle = (needle: Needle, isBeyondAscii: boolean): PlacedNeedle => {
      const { bytes, others, wholeWord } = needle;
      const begin = place(bytes);
      if (others !== undefined) place(others);
      return {
        needle,
        at: begin,
        how: (others === undefined ? 0 : How.either) | (wholeWord ? How.wholeWord : 0),
        isAscii: bytes.every((byte, index) => Math.min(byte, others?.[index] ?? byte) < 0x80),
        isBeyondAscii,
        places: [0, bytes.length - 1],
      };
    };
    this.#tests = plan.tests.map((test) => ({
      ...test,
      at: place(test.bytes),
      placed: test.needles.map(({ needles, beyondAscii }) => [
        ...needles.map((needle) => placeNeedle(needle, false)),
        ...beyondAscii.map((needle) => placeNeedle(needle, true)),
      ]),
      chosen: 0,
      compiled: test.pattern === undefined ? undefined : engine?.compile(test.pattern),
    }));
  }

  /**
   * Opens the batch that lies at `at`, a multiple of 8, and says what is selected of it.
   * @param passed items that the conditions have let through before it, those that were to be skipped among them
   */
  select(at: number, layout: BatchLayout, passed: number): SelectedRows {
    this.#open(at, layout);
    const selected = this.#marked(0, at, layout, this.#tests[0]);
    for (const test of this.#tests.slice(1)) {
      const marked = this.#marked(1, at, layout, test);
      for (let word = 0; word < marked.length; word++) selected[word] = (selected[word] ?? 0) & (marked[word] ?? 0);
    }
    if (this.#plan.invert) {
      const items = this.#marked(1, at, layout, undefined);
      for (let word = 0; word < items.length; word++) selected[word] = (items[word] ?? 0) & ~(selected[word] ?? 0);
    }
    const { times } = this.#plan;
    if (times !== undefined) this.wasm.unmarkOutside(times.first, times.last, this.#bitsAt);
    return { bitsAt: this.#bitsAt, ...this.#window(layout.entries, passed) };
  }

  #open(at: number, layout: BatchLayout): void {
    const { kinds, consumed, stringCounts, stringsPerEntry, times, textEnds, unitEnds, text, textBytes } = layout;
    if (this.#opened++ % SAMPLED_BATCHES === 0)
      this.#choosePlaces(new Uint8Array(this.#memory.buffer, at + text, Math.min(textBytes, SAMPLE_BYTES)));
    this.wasm.open(
      at + kinds,
      at + consumed,
      stringsPerEntry === VARYING_STRINGS ? at + stringCounts : 0,
      stringsPerEntry,
      times === undefined ? 0 : at + times,
      at + textEnds,
      layout.strings,
      layout.ascii ? 0 : at + unitEnds,
      at + text,
      textBytes,
      layout.entries,
      layout.items,
      at + layout.attachments,
      layout.attachmentCount,
    );
  }

  /**
   * Marks items for which the test holds; without a test, all.
   * @param table number of the table of bits
   */
  #marked(table: 0 | 1, batch: number, layout: BatchLayout, test: PlacedTest | undefined): Uint32Array {
    const bytes = bitBytes(layout.entries);
    const bits = this.#bitsAt + table * bytes;
    const marked = new Uint32Array(this.#memory.buffer, bits, bytes / 4).fill(0);
    if (test === undefined) this.wasm.markItems(bits);
    else this.#mark(test, batch, layout, bits);
    return marked;
  }

  #choosePlaces(sample: Uint8Array): void {
    const counts = byteCounts(sample);
    for (const test of this.#tests) {
      for (const needle of test.placed.flat()) needle.places = rarestPlaces(needle.needle, counts);
      if (test.placed.length < 2) continue;
      const found = test.placed.map((list) =>
        list.reduce((sum, { needle, isBeyondAscii }) => sum + (isBeyondAscii ? 0 : countNeedle(needle, sample)), 0),
      );
      // Of those that are as rare, the first one is the longest.
      test.chosen = found.indexOf(Math.min(...found));
    }
  }

  #mark(test: PlacedTest, batch: number, layout: BatchLayout, bits: number): void {
    const { column, how, at, bytes, compiled, isSureInAscii = false } = test;
    const placed = test.placed[test.chosen];
    if (how !== Comparison.contains) this.wasm.markColumn(column ?? 0, how, at, bytes.length, bits);
    else if (placed !== undefined) this.#markContaining(placed, column ?? ANY_COLUMN, layout.ascii, bits);
    else if (column === undefined) this.wasm.markItems(bits);
    // All that have the column.
    else this.wasm.markColumn(column, Comparison.prefix, at, 0, bits);
    if (compiled !== undefined && !(isSureInAscii && layout.ascii)) this.#test(compiled, column, batch, layout, bits);
  }

  #markContaining(placed: readonly PlacedNeedle[], column: number, ascii: boolean, bits: number): void {
    for (const { needle, at, how, isAscii, isBeyondAscii, places } of placed) {
      if (ascii && (isBeyondAscii || !isAscii)) continue;
      this.wasm.markContaining(at, needle.bytes.length, places[0], places[1], how, column, bits);
    }
  }

  /** Takes the marks of those entries away in which the pattern is not found. */
  #test(pattern: CompiledPattern, column: number | undefined, batch: number, layout: BatchLayout, bits: number): void {
    const { buffer } = this.#memory;
    const { entries, stringsPerEntry, strings } = layout;
    const marks = new Uint8Array(buffer, bits, bitBytes(entries));
    const marked = countBits(marks);
    if (marked === 0) return;
    const ends = new Uint32Array(buffer, batch + layout.textEnds, strings);
    const counts = new Uint32Array(
      buffer,
      batch + layout.stringCounts,
      stringsPerEntry === VARYING_STRINGS ? entries : 0,
    );
    // The engine reads memory of its own thread faster.
    const shared = new Uint8Array(buffer, batch + layout.text, layout.textBytes);
    const isCopied = marked > entries * MANY;
    const text = isCopied ? shared.slice() : shared;
    const firstOf = (entry: number) =>
      stringsPerEntry !== VARYING_STRINGS ? entry * stringsPerEntry : entry === 0 ? 0 : (counts[entry - 1] as number);
    const stringAt = (string: number) => {
      const begin = string === 0 ? 0 : ends[string - 1];
      return isCopied ? text.subarray(begin, ends[string]) : text.slice(begin, ends[string]);
    };
    for (let entry = 0; entry < entries; entry++) {
      const byte = marks[entry >> 3] as number;
      if (byte === 0) {
        entry |= 7;
        continue;
      }
      if ((byte & (1 << (entry & 7))) === 0) continue;
      const first = firstOf(entry);
      const last = firstOf(entry + 1);
      const tested =
        column !== undefined
          ? stringAt(first + column)
          : last - first === 1
            ? stringAt(first)
            : this.#join(first, last, stringAt);
      if (!pattern.test(tested)) marks[entry >> 3] = byte & ~(1 << (entry & 7));
    }
  }

  #join(first: number, last: number, stringAt: (string: number) => Uint8Array): Uint8Array {
    let length = 0;
    for (let string = first; string < last; string++) {
      const bytes = stringAt(string);
      const needed = length + bytes.length + 1;
      if (needed > this.#joined.length) {
        const grown = new Uint8Array(needed * 2);
        grown.set(this.#joined.subarray(0, length));
        this.#joined = grown;
      }
      if (string > first) this.#joined[length++] = TAB;
      this.#joined.set(bytes, length);
      length += bytes.length;
    }
    return this.#joined.subarray(0, length);
  }

  /** Takes the marks of those items away that are to be skipped, and finds where the limit is reached. */
  #window(entries: number, passed: number): Pick<SelectedRows, 'end' | 'dropped'> {
    const { skip, limit } = this.#plan;
    let toDrop = Math.max(0, skip - passed);
    let left = limit - Math.max(0, passed - skip);
    if (toDrop === 0 && left === Number.POSITIVE_INFINITY) return { end: entries, dropped: 0 };
    const marks = new Uint8Array(this.#memory.buffer, this.#bitsAt, bitBytes(entries));
    let dropped = 0;
    for (let entry = 0; entry < entries; entry++) {
      const bit = 1 << (entry & 7);
      if (((marks[entry >> 3] as number) & bit) === 0) continue;
      if (toDrop > 0) {
        marks[entry >> 3] = (marks[entry >> 3] as number) & ~bit;
        toDrop--;
        dropped++;
      } else {
        left--;
        if (left <= 0) return { end: entry + 1, dropped };
      }
    }
    return { end: entries, dropped };
  }
}

function countBits(marks: Uint8Array): number {
  let count = 0;
  for (const byte of marks) for (let bits = byte; bits !== 0; bits &= bits - 1) count++;
  return count;
}
