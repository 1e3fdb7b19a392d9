/** What applications embed: the manager, and all of sessions, batches, options and errors that they need with it. */
export {
  type ArrowFormat,
  ArrowOutput,
  type Attachment,
  type AttachmentJson,
  Batch,
  BatchEncoder,
  type BatchEncoderOptions,
  BatchError,
  type BatchErrorCode,
  type BatchJson,
  type Bottleneck,
  type Boundary,
  type BuiltInSource,
  type ByteSourceInfo,
  type ByteStream,
  type CallLatency,
  COLUMN_SEPARATOR,
  type CollectOptions,
  type ColumnInfo,
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
  type ElementHead,
  type EncodedElement,
  type EncodedFormat,
  type EncodedItems,
  type EncodingOptions,
  EntryKind,
  type FileSource,
  type FixedClock,
  type FollowFileOptions,
  Gap,
  type GapRecord,
  type GrantOptions,
  HEAD_BYTES,
  type Header,
  type HeaderValue,
  IngestSession,
  type InstanceMetrics,
  type InstanceTimes,
  Item,
  ItemCounts,
  type ItemField,
  type ItemJson,
  type ItemKind,
  type LatencyBucket,
  type LogLevel,
  type LogLimits,
  type LogLine,
  type OnLog,
  type ParallelConfig,
  type ParseErrorSummary,
  type ParseErrorText,
  type ParserInfo,
  type PcapFilters,
  type PcapOptions,
  type PcapPayload,
  type PluginKind,
  type PluginLogLine,
  type PluginVersion,
  type PoolUsage,
  type Progress,
  type QuarantinedInput,
  type QuarantineSummary,
  type QueueMetrics,
  type RecordedError,
  type RecoveryOptions,
  type RenderOptions,
  type ReplayOutcome,
  Restart,
  type RestartRecord,
  type RingShape,
  readElement,
  readHead,
  readQuarantine,
  readStream,
  resolveConfig,
  type SelectOptions,
  type SessionEnd,
  type SessionMetrics,
  type SessionStatus,
  type SessionStreamOptions,
  type SessionSummary,
  type SourceInfo,
  type SourceKind,
  type SourceKinds,
  SourceNotice,
  type SourceNoticeRecord,
  type SourceRecoveryOptions,
  type SplitsSummary,
  type StreamAs,
  type StreamChunks,
  type StreamElement,
  type StreamInput,
  type StreamRecord,
  safeFileName,
  type TcpOptions,
  validateConfig,
  type WindowOptions,
} from '@chipmunk-host/hosts';
export {
  deserializeError,
  EnvironmentError,
  type ErrorCode,
  type FailureDetails,
  HostError,
  type HostErrorOptions,
  PluginContractError,
  PluginError,
  type PluginErrorCode,
  type PluginErrorOptions,
  PluginInitError,
  PluginInvalidError,
  PluginLostError,
  PluginMemoryError,
  type PluginPhase,
  PluginTimeoutError,
  PluginTrapError,
  PluginUnrecoverableError,
  type SerializedError,
  serializeError,
  type UsageErrorCode,
} from '@chipmunk-host/runtime';
export type { WatchOptions } from './catalogue/directory-watch.js';
export type {
  PluginsManagerEvent,
  PluginsManagerEvents,
  PluginsManagerListener,
  SessionEvent,
} from './catalogue/manager-events.js';
export type { PluginEntry, PluginOrigin, PluginState, PreviousPlugin } from './catalogue/plugin-entry.js';
export type { Permission, PermissionOptions, PluginPermissions } from './catalogue/plugin-permissions.js';
export type { LastError, PluginStatistics } from './catalogue/plugin-statistics.js';
export { type ConfigFile, parseConfigJson, parseConfigToml, readConfigFile } from './config/config-file.js';
export { configToJson } from './config/config-json.js';
export { ANNOTATION, configJsonSchema, type JsonSchema, type JsonValue } from './config/config-json-schema.js';
export {
  type FilterPreset,
  type PresetFilter,
  presetPattern,
  readFilterPresets,
} from './config/filter-presets.js';
export type { PluginProfiles, ProfileConfig } from './config/plugin-profiles.js';
export type { DoctorReport } from './doctor/doctor.js';
export type { DoctorFinding } from './doctor/doctor-check.js';
export type { PluginInfo } from './examination/plugin-info.js';
export type { PluginsManagerOptions } from './manager-options.js';
export { PluginsManager } from './plugins-manager.js';
export type { IngestRequest, IngestSource, ParserUse, PluginUse, SourcePluginUse } from './sessions/ingest-request.js';
export { ingestRequestFromJson } from './sessions/ingest-request-table.js';
export type { ManagerMetrics, PluginMetrics, RunningSessionMetrics } from './sessions/manager-metrics.js';
export type { DetectInput, Detection, DetectOptions, ParserTrial } from './sessions/parser-detection.js';
export { PROMETHEUS_CONTENT_TYPE, prometheusText } from './sessions/prometheus-text.js';
export type { PluginId, PluginReference, PluginSelector } from './shared/plugin-id.js';
export type { RunLogLine } from './shared/run-log.js';
export type { AddOptions } from './store/plugin-store.js';
export type { SourceLimits } from './store/source-limits.js';
export { createParseTransform, type ParseTransform } from './streams/parse-transform.js';
export { createParseTransformStream, type ParseTransformStream } from './streams/parse-transform-stream.js';
export type { ParseTransformOptions, TransformManager } from './streams/transform-session.js';
