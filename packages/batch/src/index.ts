/** What a session delivers, and what can be stored and read again (docs/batch-format.md). */
export type { Attachment, AttachmentJson } from './attachment.js';
export { Batch, type BatchJson } from './batch.js';
export { BatchError, type BatchErrorCode } from './batch-error.js';
export {
  BATCH_ELEMENTS,
  BATCH_HEADER_BYTES,
  BATCH_VERSION,
  BatchElement,
  BatchFlag,
  BatchHeader,
  EntryKind,
  VARYING_STRINGS,
} from './batch-format.js';
export { COLUMN_SEPARATOR } from './column-separator.js';
export { Item, type ItemJson, type ItemKind } from './item.js';
export {
  type FailureDetails,
  type GapRecord,
  RECORD_ARRAY_HEADER,
  RECORD_HEADER_BYTES,
  RECORD_LENGTH_TYPE,
  type RecordedError,
  type RestartRecord,
  type StreamRecord,
} from './stream-record.js';
