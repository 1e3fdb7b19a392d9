/** Searches batches that lie in memory of its own, where wasm can look at them: for all plans of a search, while their bytes are near. */
import { type BatchLayout, EntryKind, readBatchLayout } from '@chipmunk-host/batch/internal';
import { RowSelector, type Selection, selectionBytes } from '@chipmunk-host/hosts/internal/select';
import { createWasmMemory } from '@chipmunk-host/runtime/internal/shared';

const PAGE_BYTES = 65_536;
/** Bytes that are searched at once, at least. */
const LEAST_BYTES = 1024 * 1024;
/** What wasm may read behind the end of what it searches. */
const READ_BEHIND = 64;

export class FrameSearcher {
  readonly #selections: readonly Selection[];
  #memory: WebAssembly.Memory | undefined;
  #selectors: readonly RowSelector[] = [];
  #capacity = 0;

  constructor(selections: readonly Selection[]) {
    this.#selections = selections;
  }

  /** Where the bytes go that are to be searched; what was there before is lost. */
  room(bytes: number): Uint8Array {
    if (bytes > this.#capacity || this.#memory === undefined) this.#prepare(bytes);
    return new Uint8Array((this.#memory as WebAssembly.Memory).buffer, 0, bytes);
  }

  /**
   * Searches the batch at `at`, a multiple of 8, of the bytes that `room` gave.
   * @param firstRow the number of its first item
   * @param found gets the rows of each plan
   * @throws BatchError `ERR_BATCH_FORMAT`, or an error of wasm, where the batch is damaged
   */
  search(at: number, byteLength: number, firstRow: number, found: readonly FoundRows[]): void {
    const { buffer } = this.#memory as WebAssembly.Memory;
    const layout = readBatchLayout(new Uint8Array(buffer, at, byteLength));
    for (const [index, selector] of this.#selectors.entries()) {
      const { bitsAt } = selector.select(at, layout, 0);
      collect(
        new Uint32Array(buffer, bitsAt, Math.ceil(layout.entries / 32)),
        buffer,
        at,
        layout,
        firstRow,
        found[index],
      );
    }
  }

  #prepare(bytes: number): void {
    let capacity = LEAST_BYTES;
    while (capacity < bytes) capacity *= 2;
    const each = selectionBytes(capacity);
    const selectorsAt = capacity + READ_BEHIND;
    const pages = Math.ceil((selectorsAt + each * this.#selections.length) / PAGE_BYTES) + 1;
    const descriptor = { initial: pages, maximum: pages, shared: true };
    // The old one is let go first.
    this.#memory = undefined;
    this.#selectors = [];
    const memory = createWasmMemory(descriptor, 'batches that are searched') as WebAssembly.Memory;
    this.#selectors = this.#selections.map(
      (selection, index) => new RowSelector(memory, selectorsAt + index * each, selection),
    );
    this.#memory = memory;
    this.#capacity = capacity;
  }
}

/** Rows that were found, one behind the other. */
export class FoundRows {
  #rows = new Float64Array(64);
  #count = 0;

  add(row: number): void {
    if (this.#count === this.#rows.length) {
      const grown = new Float64Array(this.#count * 2);
      grown.set(this.#rows);
      this.#rows = grown;
    }
    this.#rows[this.#count++] = row;
  }

  /** All of them, in memory of their own. */
  take(): Float64Array {
    return this.#rows.slice(0, this.#count);
  }
}

/** From entries that are marked to numbers of rows: items are counted, and what was skipped or left out is not. */
function collect(
  words: Uint32Array,
  buffer: ArrayBufferLike,
  at: number,
  { entries, items, kinds }: BatchLayout,
  firstRow: number,
  found: FoundRows | undefined,
): void {
  const kindOf = entries === items ? undefined : new Uint8Array(buffer, at + kinds, entries);
  let row = firstRow;
  let counted = 0;
  for (let word = 0; word < words.length; word++) {
    for (let bits = words[word] as number; bits !== 0; bits &= bits - 1) {
      const entry = word * 32 + 31 - Math.clz32(bits & -bits);
      if (kindOf === undefined) row = firstRow + entry;
      else for (; counted < entry; counted++) if (isItem(kindOf[counted] as number)) row++;
      found?.add(row);
    }
  }
}

function isItem(kind: number): boolean {
  return kind !== EntryKind.skipped && kind !== EntryKind.filtered;
}
