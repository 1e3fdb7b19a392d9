export {
  type Attachment,
  type AttachmentJson,
  Batch,
  type BatchJson,
  type ByteSourceInfo,
  ConfigError,
  type ConfigFault,
  type ConfigInput,
  type ConfigItem,
  type ConfigSchema,
  type ConfigSource,
  type ConfigType,
  type ConfigValue,
  configFromStrings,
  type Denials,
  EntryKind,
  type GapRecord,
  type GrantOptions,
  IngestSession,
  Item,
  type ItemJson,
  type LogLevel,
  type LogRecord,
  type ParseErrorSummary,
  type ParseErrorText,
  type ParserInfo,
  type PluginKind,
  type PluginVersion,
  type Progress,
  type QuarantinedInput,
  type QuarantineSummary,
  type RecordedError,
  type RecoveryOptions,
  type RenderOptions,
  type ReplayOutcome,
  type RestartRecord,
  readQuarantine,
  resolveConfig,
  type SessionStatus,
  type SessionSummary,
  type StreamRecord,
  validateConfig,
  type WindowOptions,
} from '@chipmunk-host/hosts';
export {
  deserializeError,
  EnvironmentError,
  type ErrorCode,
  HostError,
  PluginContractError,
  PluginError,
  type PluginErrorCode,
  PluginInitError,
  PluginInvalidError,
  PluginLostError,
  PluginTimeoutError,
  PluginTrapError,
  PluginUnrecoverableError,
  type PoolUsage,
  type SerializedError,
  type UsageErrorCode,
} from '@chipmunk-host/runtime';
export { type ConfigFile, parseConfigJson, parseConfigToml, readConfigFile } from './config/config-file.js';
export { configToJson } from './config/config-json.js';
export { ANNOTATION, configJsonSchema, type JsonSchema, type JsonValue } from './config/config-json-schema.js';
export type { DoctorFinding, DoctorReport } from './doctor.js';
export type { IngestRequest, IngestSource, ParserUse, PluginUse, SourcePluginUse } from './ingest-request.js';
export type {
  PluginsManagerEvent,
  PluginsManagerEvents,
  PluginsManagerListener,
  SessionEvent,
} from './manager-events.js';
export type { PluginsManagerOptions } from './manager-options.js';
export type { AddOptions } from './plugin-changes.js';
export type { PluginEntry, PluginId, PluginOrigin, PluginState, PreviousPlugin } from './plugin-entry.js';
export type { PluginInfo } from './plugin-info.js';
export type { PluginReference } from './plugin-locator.js';
export type { Permission, PermissionOptions, PluginPermissions } from './plugin-permissions.js';
export type { PluginProfiles, ProfileConfig } from './plugin-profiles.js';
export type { PluginSelector } from './plugin-selector.js';
export type { LastError, PluginStatistics } from './plugin-statistics.js';
export { PluginsManager } from './plugins-manager.js';
export type { RunLogLine } from './run-log.js';
