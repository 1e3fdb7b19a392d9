/**
 * The numbers of the batch format, versions 1 and 2. docs/batch-format.md is its definition; this is that page as constants for the
 * writers (worker side, and the lifter in AssemblyScript) and the readers.
 */

/** What is written. */
export const BATCH_VERSION = 2;

/** Element 1 of version 2. */
export const ELEMENT_TYPES = ['batch', 'gap', 'restart', 'source'] as const;
export type ElementType = (typeof ELEMENT_TYPES)[number];

/** How many elements the outer array has. */
export const ElementCount = { batch: 32, filteredBatch: 36, record: 18 } as const;
export const Version1ElementCount = { batch: 22, record: 3 } as const;

export const BatchFlag = {
  ascii: 1,
  /** Items were left out: entries of the kind `filtered` stand for them, and two more elements count them. */
  filtered: 2,
} as const;

/** The number of strings per entry of a batch whose entries differ in it. */
export const VARYING_STRINGS = 0xffff_ffff;

/** What one entry is. */
export const EntryKind = {
  skipped: 0,
  line: 1,
  columns: 2,
  attachment: 3,
  lineAndAttachment: 4,
  columnsAndAttachment: 5,
  /** Items that a selection left out, one behind the other. */
  filtered: 6,
} as const;
export type EntryKind = (typeof EntryKind)[keyof typeof EntryKind];

/** Added to the kind of an entry whose columns the plugin delivered joined into one line. Not in version 1. */
export const JOINED = 8;

/** What the table of kinds has for an entry that is not skipped. */
export const EntryCode = {
  line: EntryKind.line,
  columns: EntryKind.columns,
  attachment: EntryKind.attachment,
  lineAndAttachment: EntryKind.lineAndAttachment,
  columnsAndAttachment: EntryKind.columnsAndAttachment,
  joinedColumns: 10,
  joinedColumnsAndAttachment: 13,
} as const;
export type EntryCode = (typeof EntryCode)[keyof typeof EntryCode];

/** The time of an entry that has none. */
export const NO_TIME = -(2n ** 63n);

/** Bytes of version 1 before the first label: array header 3, two fixints, four uint 32, three uint 64. */
export const VERSION_1_HEADER_BYTES = 47;

/** Bytes that each element of a stream begins with, in version 2: see element-head.ts. */
export const HEAD_BYTES = 65;

/** Bytes of head, header and sources together, at most. */
export const MOST_PREFIX_BYTES = 65_536;
