/** Spools in directories: what a session delivered, kept as it is (docs/spool-format.md). */
export type { SpoolFrame } from './portable/block-content.js';
export type { BlockEntry } from './portable/block-entry.js';
export type { FrameHeader } from './portable/frame-header.js';
export type { SpoolBatch, SpoolFollowOptions, SpoolReadOptions, SpoolRow, Waiting } from './portable/reading.js';
export { RowSet } from './portable/row-set.js';
export type { SpoolAbout } from './portable/segment-header.js';
export { type DamagedStretch, SpoolError, type SpoolErrorCode } from './portable/spool-error.js';
export { SpoolReader } from './portable/spool-reader.js';
export type { RangeSource, SpoolStore } from './portable/spool-store.js';
export { columnNumber, type FoundRange, searchRanges } from './search/found-ranges.js';
export type { SearchOptions, SearchQuery, SearchSummary, SpoolSearch } from './search/search-types.js';
export { type SearchedSession, type SessionSearchOptions, searchSession } from './search/session-search.js';
export { type SpoolSearchOptions, searchSpool } from './search/spool-search.js';
export { Spool } from './spool.js';
export { type SpooledSession, type SpoolSessionOptions, sourcedBytes, spoolSession } from './spool-session.js';
export type { SpoolOptions } from './writer/spool-options.js';
export { SpoolWriter } from './writer/spool-writer.js';
