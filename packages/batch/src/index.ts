/** What a session delivers, and what can be stored and read again (docs/batch-format.md). */
export type { Attachment, AttachmentJson } from './attachment.js';
export { Batch, type BatchJson } from './batch.js';
export { BatchError, type BatchErrorCode } from './batch-error.js';
export { EntryKind, HEAD_BYTES } from './batch-format.js';
export { COLUMN_SEPARATOR } from './column-separator.js';
export { type ElementHead, readHead } from './element-head.js';
export type { Header, HeaderValue, SourceInfo } from './element-prefix.js';
export { Gap, Restart } from './gap-and-restart.js';
export { Item, type ItemJson, type ItemKind } from './item.js';
export { readElement, readStream, type StreamElement } from './read-stream.js';
export type {
  FailureDetails,
  GapRecord,
  RecordedError,
  RestartRecord,
  SourceNoticeRecord,
  StreamRecord,
} from './record-fields.js';
export { safeFileName } from './safe-file-name.js';
export { SourceNotice } from './source-notice.js';
export { timeText } from './time-text.js';
