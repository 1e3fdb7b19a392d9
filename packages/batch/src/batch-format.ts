/**
 * The numbers of the batch format, version 1. docs/batch-format.md is its definition; this is that page as constants for
 * the writers (worker side, and the lifter in AssemblyScript) and the reader (main side).
 */

export const BATCH_VERSION = 1;

export const BatchFlag = { ascii: 1 } as const;

/** Element 7 when the entries differ in their number of strings. */
export const VARYING_STRINGS = 0xffff_ffff;

/** What one entry is. */
export const EntryKind = {
  skipped: 0,
  line: 1,
  columns: 2,
  attachment: 3,
  lineAndAttachment: 4,
  columnsAndAttachment: 5,
} as const;
export type EntryKind = (typeof EntryKind)[keyof typeof EntryKind];

/** Indexes of the elements of the outer array. */
export const BatchElement = {
  version: 0,
  flags: 1,
  entries: 2,
  items: 3,
  offset: 4,
  bytes: 5,
  skippedBytes: 6,
  stringsPerEntry: 7,
  kinds: 9,
  consumed: 11,
  stringCounts: 13,
  textEnds: 15,
  unitEnds: 17,
  attachments: 19,
  text: 21,
} as const;

export const BATCH_ELEMENTS = 22;

/** Bytes before the first label: array header 3, two fixints, three uint 32, three uint 64. */
export const BATCH_HEADER_BYTES = 47;

/** Offsets in bytes of the header's fixed-width integers (of the value, behind its type byte). */
export const BatchHeader = {
  version: 3,
  flags: 4,
  entries: 6,
  items: 11,
  offset: 16,
  bytes: 25,
  skippedBytes: 34,
  stringsPerEntry: 43,
} as const;
