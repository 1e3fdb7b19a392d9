/**
 * Where the fields of one `parse-return` lie in memory (canonical ABI, 32-bit), for both modules. The TypeScript side has the
 * same numbers in src/api/v0_1_0/lifter/parse-return-layout.ts.
 */

export const RECORD_BYTES: usize = 96;

/** Option byte: is there a value? */
export const VALUE_OPTION: usize = 0;
export const YIELD_CASE: usize = 8;
/** Yields: 0 is a message alone. */
export const YIELD_ATTACHMENT: u8 = 1;
export const YIELD_BOTH: u8 = 2;
/** Message: case byte, then pointer and length of the line or of the list of columns. */
export const MESSAGE_CASE: usize = 16;
export const MESSAGE_POINTER: usize = 20;
export const MESSAGE_LENGTH: usize = 24;
export const CONSUMED: usize = 88;

/** One column: pointer and length of a string. */
export const COLUMN_BYTES: usize = 8;

/** The attachment, when the yield has nothing else, and behind a message. */
export const ATTACHMENT_ALONE: usize = 16;
export const ATTACHMENT_SECOND: usize = 32;
/** One attachment: strings and lists are a pointer and a length, 4 bytes on; options a byte, and 4 bytes on the string. */
export const NAME: usize = 0;
export const SIZE: usize = 8;
export const CREATED_OPTION: usize = 16;
export const MODIFIED_OPTION: usize = 28;
export const MESSAGES: usize = 40;
export const DATA: usize = 48;

/** One index in the messages of an attachment. */
export const INDEX_BYTES: usize = 8;

/** Kinds of entries in a batch. */
export const SKIPPED: u8 = 0;
export const LINE: u8 = 1;
export const COLUMNS: u8 = 2;
export const ATTACHMENT: u8 = 3;
/** Columns that were joined into a line. */
export const JOINED_COLUMNS: u8 = 10;
/** From the kind of a message to that of a message with an attachment. */
export const WITH_ATTACHMENT: u8 = 3;
