/** What the rows of a batch account for, as the modules of wasm count them that go over it. */
import { type BatchLayout, formatError } from '@chipmunk-host/batch/internal';
import { u32 } from '../wasm-global.js';
import { NO_ROWS, type RowCounts } from './row-counts.js';

/** What a module counts from the beginning of a batch on. */
export interface CountExports {
  readonly items: WebAssembly.Global;
  readonly filtered: WebAssembly.Global;
  readonly filteredBytes: WebAssembly.Global;
  readonly bytes: WebAssembly.Global;
  readonly skippedBytes: WebAssembly.Global;
}

export class CountedRows {
  readonly #wasm: CountExports;
  #taken = NO_ROWS;

  constructor(wasm: CountExports) {
    this.#wasm = wasm;
  }

  /** For the batch that the module begins. */
  begin(): void {
    this.#taken = NO_ROWS;
  }

  /** What the rows account for that were finished since this was last asked. */
  take(): RowCounts {
    const { items, filtered, filteredBytes, bytes, skippedBytes } = this.#wasm;
    const now = {
      items: u32(items),
      filtered: u32(filtered),
      filteredBytes: filteredBytes.value as number,
      bytes: bytes.value as number,
      skippedBytes: skippedBytes.value as number,
    };
    const before = this.#taken;
    this.#taken = now;
    return {
      items: now.items - before.items,
      filtered: now.filtered - before.filtered,
      filteredBytes: now.filteredBytes - before.filteredBytes,
      bytes: now.bytes - before.bytes,
      skippedBytes: now.skippedBytes - before.skippedBytes,
    };
  }

  /** Compares what all rows came to with what the batch says of itself. @throws BatchError `ERR_BATCH_FORMAT` */
  requireAll(layout: BatchLayout): void {
    const { items, filtered, bytes } = this.#wasm;
    if (u32(items) + u32(filtered) !== layout.items || bytes.value !== layout.bytes)
      throw formatError('its tables and totals disagree');
  }
}
