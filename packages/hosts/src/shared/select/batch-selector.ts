/** Selects rows of batches that somebody has, as a session does of its own: of each it makes a batch of the selected rows. */
import { type BatchLayout, readBatchLayout } from '@chipmunk-host/batch/internal';
import { createWasmMemory } from '@chipmunk-host/runtime/internal/shared';
import { RowSelector, type SelectedRows } from './row-selector.js';
import type { SelectOptions } from './select-options.js';
import { selectedBytes, writeSelected } from './selected-batch.js';
import { loadSelection, type Selection, selectionPlan } from './selection-plan.js';
import { bitBytes, selectionBytes } from './selection-space.js';

const PAGE_BYTES = 65_536;
/** Nothing lies at address 0. */
const BATCH_AT = 64;
/** What the modules may read behind a batch. */
const SLACK = 64;
const ITEM_KINDS = [1, 2, 3, 4, 5, 10, 13];

/** A memory with room for batches up to a size. */
interface Workplace {
  readonly memory: WebAssembly.Memory;
  readonly selector: RowSelector;
  readonly batchBytes: number;
  readonly outAt: number;
}

export class BatchSelector {
  readonly #selection: Selection;
  /** What `skip` and `limit` leave, counted here: of the first batch some rows may not count. */
  #toSkip: number;
  #left: number;
  #place: Workplace | undefined;

  private constructor(selection: Selection, skip: number, limit: number) {
    this.#selection = selection;
    this.#toSkip = skip;
    this.#left = limit;
  }

  /**
   * Also when everything is selected. `fromOffset` is the caller's.
   * @param captions of the columns
   * @throws HostError `ERR_INVALID_OPTION`
   */
  static async load(options: SelectOptions, captions: readonly string[]): Promise<BatchSelector> {
    const { skip = 0, limit = Number.POSITIVE_INFINITY, ...conditions } = options;
    const plan = await selectionPlan(conditions, captions);
    return new BatchSelector(await loadSelection(plan), skip, limit);
  }

  /** Whether `limit` was reached: nothing of what follows is selected. */
  get isDone(): boolean {
    return this.#left <= 0;
  }

  /**
   * The batch with its selected rows alone, and those that were left out accounted for, as of a session.
   * @param from of its items, so many are not selected
   * @returns bytes that stay valid
   * @throws BatchError `ERR_BATCH_FORMAT`; EnvironmentError when there is not enough memory
   */
  select(batch: Uint8Array, from = 0): Uint8Array {
    const { memory, selector, outAt } = this.#placeFor(batch.length);
    new Uint8Array(memory.buffer).set(batch, BATCH_AT);
    const layout = readBatchLayout(new Uint8Array(memory.buffer, BATCH_AT, batch.length));
    const rows = selector.select(BATCH_AT, layout, 0);
    const end = this.#window(memory, layout, rows, from);
    const { byteLength } = writeSelected(memory, selector, { ...rows, end }, BATCH_AT, layout, outAt);
    return new Uint8Array(memory.buffer).slice(outAt, outAt + byteLength);
  }

  /** Takes the marks of items away that are to be skipped, and finds where the limit is reached. @returns behind the last entry */
  #window(memory: WebAssembly.Memory, layout: BatchLayout, { bitsAt }: SelectedRows, from: number): number {
    const { entries } = layout;
    if (from === 0 && this.#toSkip === 0 && this.#left === Number.POSITIVE_INFINITY) return entries;
    const marks = new Uint8Array(memory.buffer, bitsAt, bitBytes(entries));
    const kinds = new Uint8Array(memory.buffer, BATCH_AT + layout.kinds, entries);
    let before = from;
    for (let entry = 0; entry < entries; entry++) {
      const bit = 1 << (entry & 7);
      const marked = ((marks[entry >> 3] as number) & bit) !== 0;
      const counts = before === 0 && marked;
      if (before > 0 && ITEM_KINDS.includes(kinds[entry] as number)) before--;
      if (counts && this.#toSkip === 0) {
        this.#left--;
        if (this.#left <= 0) return entry + 1;
      } else if (marked) {
        marks[entry >> 3] = (marks[entry >> 3] as number) & ~bit;
        if (counts) this.#toSkip--;
      }
    }
    return entries;
  }

  #placeFor(bytes: number): Workplace {
    if (this.#place !== undefined && this.#place.batchBytes >= bytes) return this.#place;
    const batchBytes = Math.ceil((bytes * 3) / 2);
    const selectorAt = aligned(BATCH_AT + batchBytes + SLACK);
    const outAt = aligned(selectorAt + selectionBytes(batchBytes));
    const pages = Math.ceil((outAt + selectedBytes(batchBytes)) / PAGE_BYTES) + 1;
    const descriptor = { initial: pages, maximum: pages, shared: true };
    const memory = createWasmMemory(descriptor, 'a batch of which items are selected') as WebAssembly.Memory;
    const selector = new RowSelector(memory, selectorAt, this.#selection);
    this.#place = { memory, selector, batchBytes, outAt };
    return this.#place;
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
