export * from '../shared/index.js';
export { type Progress, type SessionStatus, type SessionSummary } from './ingest-progress.js';
export type { IngestOptions } from './ingest-options.js';
export { IngestSession } from './ingest-session.js';
export { type ConfigSource, createParserPool, ParserHost, type ParserHostOptions } from './parser-host.js';
export { identifyPlugin, type PluginIdentity } from './plugin-kind.js';
export type { Attachment } from './attachment.js';
export { Batch } from './batch.js';
export { COLUMN_SEPARATOR, Item, type ItemKind } from './item.js';
