export * from '../shared/index.js';
export type { Attachment, AttachmentJson } from './attachment.js';
export { Batch, type BatchJson } from './batch.js';
export { type ByteSourceEnd, ByteSourceHost, type ByteSourceHostOptions } from './byte-source-host.js';
export { configuredPaths } from './config-grants.js';
export { allowedEnvironment, type Denials, isPathDenied } from './denials.js';
export {
  configSource,
  denials,
  FILE_SOURCE,
  PLUGIN_SOURCE_OPTIONS,
  SESSION_OPTIONS,
  STREAM_SOURCE,
} from './ingest-option-table.js';
export type { IngestOptions } from './ingest-options.js';
export type { Progress, SessionStatus, SessionSummary } from './ingest-progress.js';
export { IngestSession } from './ingest-session.js';
export { Item, type ItemJson, type ItemKind } from './item.js';
export type { ParallelConfig, ParallelOptions } from './parallel-options.js';
export { createParserPool, ParserHost, type ParserHostOptions } from './parser-host.js';
export type { OnLog, PluginLogRecord } from './plugin-call.js';
export { requireClaims } from './plugin-claims.js';
export type { ConfigSource, GrantOptions } from './plugin-config.js';
export { identifyPlugin, type PluginIdentity } from './plugin-kind.js';
export type { PluginSourceOptions } from './plugin-source.js';
export { type ReplayOutcome, readQuarantine, replay } from './replay.js';
export type { FileSource, SourceOptions, StreamInput } from './session-input.js';
export { SESSION_NOT_CLOSED, type SessionEnd } from './session-resources.js';
export { type ByteStream, StreamSource } from './stream-source.js';
export { type LeftoverDirectory, sweepTemporaryDirectories } from './temporary-directories.js';
