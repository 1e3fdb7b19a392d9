/** Encodes the rows of a batch that lies in a shared wasm memory, into that memory. */
import { type BatchLayout, formatError, readBatchLayout, VARYING_STRINGS } from '@chipmunk-host/batch/internal';
import { CountedRows } from './counted-rows.js';
import { type EncoderExports, FillStatus, instantiateEncoder } from './encoder-module.js';
import type { RowCounts } from './row-counts.js';

/** What the encoder reads and writes behind the end of anything at most. */
export const ENCODER_SLACK = 64;
/** Less room than this may be too little for any step. */
export const LEAST_OUTPUT_BYTES = 2048;

export class RowEncoder {
  readonly #memory: WebAssembly.Memory;
  readonly #wasm: EncoderExports;
  readonly #counted: CountedRows;
  #layout: BatchLayout | undefined;
  #end = 0;

  /** @param planAt where the program of the plan lies, for as long as the encoder is used */
  constructor(memory: WebAssembly.Memory, planAt: number) {
    this.#memory = memory;
    this.#wasm = instantiateEncoder(memory);
    this.#counted = new CountedRows(this.#wasm);
    this.#wasm.usePlan(planAt);
  }

  /** Whether rows of the batch are left. */
  get isOpen(): boolean {
    return this.#layout !== undefined;
  }

  /** Whether the output stopped in the middle of a row. */
  get isInRow(): boolean {
    return this.#layout !== undefined && this.#wasm.status.value === FillStatus.inRow;
  }

  /**
   * Begins a batch, which lies at a multiple of 8 and stays there until all its rows are written.
   * @param selectionAt a bit for each entry, the lowest of a byte first: 1 for those that are written. 0: all are
   * @param end entries from here on are not looked at. Default: all are
   * @throws BatchError `ERR_BATCH_FORMAT`
   */
  open(at: number, byteLength: number, selectionAt = 0, end?: number): void {
    const layout = readBatchLayout(new Uint8Array(this.#memory.buffer, at, byteLength));
    this.#layout = layout;
    this.#counted.begin();
    this.#end = end ?? layout.entries;
    const { kinds, consumed, stringCounts, stringsPerEntry, times, textEnds, strings, text, textBytes } = layout;
    this.#wasm.open(
      at + kinds,
      at + consumed,
      stringsPerEntry === VARYING_STRINGS ? at + stringCounts : 0,
      stringsPerEntry,
      times === undefined ? 0 : at + times,
      at + textEnds,
      strings,
      at + text,
      textBytes,
      this.#end,
      at + layout.attachments,
      layout.attachmentCount,
      layout.offset,
      selectionAt,
    );
  }

  /**
   * Writes rows from `out` up to `end`, at least `LEAST_OUTPUT_BYTES` behind it. It ends between two rows, but for a row that does not
   * fit by itself (`isInRow`).
   * @returns the bytes written
   * @throws BatchError `ERR_BATCH_FORMAT` when the tables contradict each other
   */
  fill(out: number, end: number): number {
    const { status } = this.#wasm;
    const written = this.#wasm.fill(out, end) >>> 0;
    if (status.value === FillStatus.damaged) throw formatError('a row or a string lies outside of the tables');
    if (status.value === FillStatus.done) this.#finish();
    return written;
  }

  /** What the rows account for that were finished since this was last asked. */
  takeCounts(): RowCounts {
    return this.#counted.take();
  }

  /** Forgets the batch. */
  close(): void {
    this.#layout = undefined;
  }

  #finish(): void {
    const layout = this.#layout as BatchLayout;
    this.#layout = undefined;
    if (this.#end < layout.entries) return;
    this.#counted.requireAll(layout);
  }
}
