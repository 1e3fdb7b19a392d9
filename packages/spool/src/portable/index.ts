/** Reads spools in any JavaScript runtime, from whatever gives ranges of bytes. */
export type { SpoolFrame } from './block-content.js';
export type { BlockEntry } from './block-entry.js';
export type { FrameHeader } from './frame-header.js';
export type { SpoolBatch, SpoolFollowOptions, SpoolReadOptions, SpoolRow, Waiting } from './reading.js';
export { RowSet } from './row-set.js';
export type { SpoolAbout } from './segment-header.js';
export { type DamagedStretch, SpoolError, type SpoolErrorCode } from './spool-error.js';
export { SpoolReader } from './spool-reader.js';
export type { RangeSource, SpoolStore } from './spool-store.js';
