/** What the manager and the tests need beside what is public. Without a promise: any of it may change in any version. */
export { givesTimes, identifyPlugin, type PluginIdentity } from '../api/versions.js';
export { floatToJson, MAX_FLOAT, NON_FINITE_TEXTS } from '../shared/config/config-float.js';
export { LOG_LEVELS } from '../shared/config/config-schema.js';
export { allowedOptions } from '../shared/config/resolve-config.js';
export { createInputMemory, MARKS_BYTES } from '../shared/protocol/input-memory.js';
export { BOUNDARIES, PATTERN_EXPECTED, PATTERN_FORM } from '../shared/protocol/split-plan.js';
export { configuredPaths } from './grants/config-grants.js';
export { allowedEnvironment, isPathDenied } from './grants/denials.js';
export { type LeftoverDirectory, sweepTemporaryDirectories } from './grants/temporary-directories.js';
export { ownInfo } from './host/configured-info.js';
export { requireClaims } from './host/plugin-claims.js';
export { StreamReader } from './input/stream-input.js';
export {
  configSource,
  denials,
  FILE_SOURCE,
  PLAIN_SOURCES,
  PLUGIN_SOURCE_OPTIONS,
  SESSION_OPTIONS,
} from './session/ingest-option-table.js';
export { sumOfInstances } from './session/instance-metrics.js';
export { ChunkReader } from './streams/chunk-reader.js';
export { asError, closeThen, ReadablePump } from './streams/session-readable.js';
export { ChunkStream } from './streams/session-stream.js';
export { nodeStreamOptions, STREAM_OPTIONS } from './streams/stream-options.js';
