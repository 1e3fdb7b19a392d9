/** What a session delivers, and what can be stored and read again (docs/batch-format.md). */
export type { Attachment, AttachmentJson } from './attachment.js';
export { Batch, type BatchJson } from './batch.js';
export { BatchError, type BatchErrorCode } from './batch-error.js';
export { EntryKind } from './batch-format.js';
export { COLUMN_SEPARATOR } from './column-separator.js';
export { Item, type ItemJson, type ItemKind } from './item.js';
export type { FailureDetails, GapRecord, RecordedError, RestartRecord, StreamRecord } from './stream-record.js';
