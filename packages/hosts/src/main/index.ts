import './session/node-text.js';

export * from '@chipmunk-host/batch';
export { identifyPlugin, type PluginIdentity } from '../api/versions.js';
export * from '../shared/index.js';
export { configuredPaths } from './grants/config-grants.js';
export { allowedEnvironment, type Denials, isPathDenied } from './grants/denials.js';
export type { ConfigSource, GrantOptions } from './grants/plugin-config.js';
export { type LeftoverDirectory, sweepTemporaryDirectories } from './grants/temporary-directories.js';
export { type ByteSourceEnd, ByteSourceHost, type ByteSourceHostOptions } from './host/byte-source-host.js';
export { createParserPool, ParserHost, type ParserHostOptions } from './host/parser-host.js';
export type { OnLog, PluginLogLine } from './host/plugin-call.js';
export { requireClaims } from './host/plugin-claims.js';
export type { ParallelConfig, ParallelOptions } from './input/file-split.js';
export type { PluginSourceOptions } from './input/plugin-input.js';
export type { FileSource, SourceOptions, StreamInput } from './input/session-input.js';
export { type ByteStream, StreamReader } from './input/stream-input.js';
export {
  configSource,
  denials,
  FILE_SOURCE,
  PLUGIN_SOURCE_OPTIONS,
  SESSION_OPTIONS,
  STREAM_SOURCE,
} from './session/ingest-option-table.js';
export type { IngestOptions } from './session/ingest-options.js';
export type { Progress, SessionStatus, SessionSummary } from './session/ingest-progress.js';
export { IngestSession } from './session/ingest-session.js';
export { type ReplayOutcome, readQuarantine, replay } from './session/replay.js';
export { SESSION_NOT_CLOSED, type SessionEnd } from './session/session-resources.js';
