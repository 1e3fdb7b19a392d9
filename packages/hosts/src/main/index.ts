export * from '../shared/index.js';
export type { Attachment } from './attachment.js';
export { Batch } from './batch.js';
export { type ByteSourceEnd, ByteSourceHost, type ByteSourceHostOptions } from './byte-source-host.js';
export type { IngestOptions } from './ingest-options.js';
export type { Progress, SessionStatus, SessionSummary } from './ingest-progress.js';
export { IngestSession } from './ingest-session.js';
export { COLUMN_SEPARATOR, Item, type ItemKind } from './item.js';
export {
  type ConfigSource,
  createParserPool,
  type GrantOptions,
  ParserHost,
  type ParserHostOptions,
} from './parser-host.js';
export { identifyPlugin, type PluginIdentity } from './plugin-kind.js';
export { type ReplayOutcome, readQuarantine, replay } from './replay.js';
export type { PluginSourceOptions, SourceOptions } from './session-input.js';
export { StreamSource } from './stream-source.js';
