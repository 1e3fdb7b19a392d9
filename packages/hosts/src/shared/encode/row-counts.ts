/** What rows account for. */
export interface RowCounts {
  readonly items: number;
  /** Items that were not selected. */
  readonly filtered: number;
  /** Bytes of input that these were made of. */
  readonly filteredBytes: number;
  /** Bytes of input, with those of items that were not selected, and of what is in no item. */
  readonly bytes: number;
  readonly skippedBytes: number;
}

export const NO_ROWS: RowCounts = { items: 0, filtered: 0, filteredBytes: 0, bytes: 0, skippedBytes: 0 };
