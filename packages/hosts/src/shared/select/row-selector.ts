/**
 * Finds the rows of a batch that a session selects, in the bytes of the batch: a table of bits for the encoder, or for the batch that is
 * made of them.
 */
import { type BatchLayout, VARYING_STRINGS } from '@chipmunk-host/batch/internal';
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

interface PlacedTest extends SelectionTest {
  readonly at: number;
  readonly compiled: CompiledPattern | undefined;
}

export class RowSelector {
  readonly wasm: SelectionExports;
  readonly #memory: WebAssembly.Memory;
  readonly #plan: SelectionPlan;
  readonly #tests: readonly PlacedTest[];
  readonly #bitsAt: number;
  #joined = new Uint8Array(4096);

  /** @param at where `selectionBytes` of the memory are its own: a multiple of 8 */
  constructor(memory: WebAssembly.Memory, at: number, { plan, engine }: Selection) {
    this.#memory = memory;
    this.#plan = plan;
    this.#bitsAt = at + MOST_NEEDLE_BYTES;
    this.wasm = instantiateSelection(memory);
    let end = at;
    this.#tests = plan.tests.map((test) => {
      new Uint8Array(memory.buffer, end, test.bytes.length).set(test.bytes);
      end += test.bytes.length;
      const compiled = test.pattern === undefined ? undefined : engine?.compile(test.pattern);
      return { ...test, at: end - test.bytes.length, compiled };
    });
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
    this.wasm.open(
      at + kinds,
      at + consumed,
      stringsPerEntry === VARYING_STRINGS ? at + stringCounts : 0,
      stringsPerEntry,
      times === undefined ? 0 : at + times,
      at + textEnds,
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

  #mark({ column, how, at, bytes, compiled }: PlacedTest, batch: number, layout: BatchLayout, bits: number): void {
    if (bytes.length === 0 && column === undefined) this.wasm.markItems(bits);
    else if (column !== undefined) this.wasm.markColumn(column, how, at, bytes.length, bits);
    else if (how === Comparison.prefix) this.wasm.markColumn(0, how, at, bytes.length, bits);
    else this.wasm.markContaining(at, bytes.length, bits);
    if (compiled !== undefined) this.#test(compiled, column, batch, layout, bits);
  }

  /** Takes the marks of those entries away in which the pattern is not found. */
  #test(pattern: CompiledPattern, column: number | undefined, batch: number, layout: BatchLayout, bits: number): void {
    const { buffer } = this.#memory;
    const { entries, stringsPerEntry, strings } = layout;
    const marks = new Uint8Array(buffer, bits, bitBytes(entries));
    const ends = new Uint32Array(buffer, batch + layout.textEnds, strings);
    const counts = new Uint32Array(
      buffer,
      batch + layout.stringCounts,
      stringsPerEntry === VARYING_STRINGS ? entries : 0,
    );
    // The engine reads memory of its own thread faster.
    const text = new Uint8Array(buffer, batch + layout.text, layout.textBytes).slice();
    const firstOf = (entry: number) =>
      stringsPerEntry !== VARYING_STRINGS ? entry * stringsPerEntry : entry === 0 ? 0 : (counts[entry - 1] as number);
    const stringAt = (string: number) => text.subarray(string === 0 ? 0 : ends[string - 1], ends[string]);
    for (let entry = 0; entry < entries; entry++) {
      const byte = marks[entry >> 3] as number;
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
