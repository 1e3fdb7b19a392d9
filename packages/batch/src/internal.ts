/**
 * For the packages that come with this one: what they need of the format to write it, and to make reading quicker where they run. None of
 * it is promised to stay as it is.
 */
export { formatError } from './batch-error.js';
export { EntryCode, EntryKind, HEAD_BYTES, NO_TIME, VARYING_STRINGS } from './batch-format.js';
export { type BatchLayout, readBatchLayout } from './batch-layout.js';
export { COLUMN_SEPARATOR } from './column-separator.js';
export { encodeHead, type FullHead } from './element-head.js';
export { encodePrefix } from './element-prefix.js';
export { encodeFilteredCounts } from './filtered-counts.js';
export { hasMessageIndexes, shiftMessageIndexes } from './message-indexes.js';
export type { MsgpackValue } from './msgpack-value.js';
export { encodeValue, joinBytes } from './msgpack-writer.js';
export { type EncodedText, type TextDecoding, useTextDecoder } from './text-decoder.js';
