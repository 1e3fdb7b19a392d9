/** What the packages that come with this one need beside what is public. Without a promise: any of it may change in any version. */

export { decompressor } from '../shared/compressed/decompress.js';
export { InputPieces } from '../shared/compressed/input-pieces.js';
export { compressionOf } from '../shared/compression.js';
export { expandFiles } from '../shared/expand-files.js';
export type { FilePosition, Resumption } from '../shared/file-position.js';
export { FILE_POSITION } from '../shared/file-position-table.js';
export { COMPRESSION_CHOICES, compressionChoice, type HandedDescriptor } from '../shared/files-options.js';
export { hasPrint, headPrint, tailPrint } from '../shared/fingerprint.js';
export { freshAt } from '../shared/fresh-event.js';
export { RECORD } from '../shared/record-options.js';
export { Recorder, RecordNames } from '../shared/recorder.js';
export type { NumberedEvent, SegmentMessage, SourceEvent } from '../shared/source-messages.js';
export {
  BUILT_IN_SOURCES,
  builtInSource,
  type FoundKind,
  foundSource,
  SOURCE_KINDS,
  SOURCES,
  type SourceRow,
} from '../shared/source-table.js';
export { decompressedStream } from './decompressed-stream.js';
export { type SourceEnd, SourceHost, type SourceHostParts } from './source-host.js';
