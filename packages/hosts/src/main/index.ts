/** What is public: sessions and hosts of plugins, their options and errors. What the manager needs beside is in `internal`. */
import './session/node-text.js';

export {
  type Attachment,
  type AttachmentJson,
  Batch,
  BatchError,
  type BatchErrorCode,
  type BatchJson,
  COLUMN_SEPARATOR,
  type ElementHead,
  EntryKind,
  type FailureDetails,
  Gap,
  type GapRecord,
  HEAD_BYTES,
  type Header,
  type HeaderValue,
  Item,
  type ItemJson,
  type ItemKind,
  type RecordedError,
  Restart,
  type RestartRecord,
  readElement,
  readHead,
  readStream,
  type SourceInfo,
  SourceNotice,
  type SourceNoticeRecord,
  type StreamElement,
  type StreamRecord,
  safeFileName,
} from '@chipmunk-host/batch';
export type { FixedClock, PoolUsage, RingShape, WorkerPool } from '@chipmunk-host/runtime/internal';
export {
  type BuiltInSource,
  type Compression,
  type CompressionChoice,
  type FilePosition,
  type FilesOrder,
  type FilesSource,
  type Fingerprint,
  type FollowFileOptions,
  type MulticastGroup,
  type PcapFilters,
  type PcapOptions,
  type PcapPayload,
  type ProcessOptions,
  type ReconnectOptions,
  type RecordOptions,
  type SerialOptions,
  SOURCE_SCHEMES,
  type SocketClientOptions,
  type SocketServerOptions,
  type SourceKind,
  type SourceKinds,
  sourceFromUrl,
  type TcpListenOptions,
  type TcpOptions,
  type UdpOptions,
  type UnixListenOptions,
  type UnixOptions,
} from '@chipmunk-host/sources';
export { ConfigError, type ConfigFault } from '../shared/config/config-fault.js';
export type {
  ConfigInput,
  ConfigItem,
  ConfigSchema,
  ConfigType,
  ConfigValue,
  LogLevel,
} from '../shared/config/config-schema.js';
export { configFromStrings } from '../shared/config/config-text.js';
export { resolveConfig, validateConfig } from '../shared/config/resolve-config.js';
export { ArrowOutput } from '../shared/encode/arrow/arrow-output.js';
export type { ArrowFormat } from '../shared/encode/arrow/arrow-plan.js';
export { BatchEncoder, type BatchEncoderOptions } from '../shared/encode/batch-encoder.js';
export type { EncodedFormat, EncodingOptions, ItemField } from '../shared/encode/encoding-options.js';
export type {
  ByteSourceInfo,
  ColumnInfo,
  ParserInfo,
  PluginKind,
  PluginVersion,
  RenderOptions,
} from '../shared/plugin-info.js';
export type { FollowOptions, SourceRecoveryOptions } from '../shared/protocol/byte-source-messages.js';
export type { LogLimits } from '../shared/protocol/log-limits.js';
export type { LogLine } from '../shared/protocol/log-line.js';
export type { ParseErrorSummary, ParseErrorText } from '../shared/protocol/parse-errors.js';
export type { WindowOptions } from '../shared/protocol/parser-messages.js';
export type { QuarantineSummary } from '../shared/protocol/quarantine-account.js';
export type { RecoveryOptions } from '../shared/protocol/recovery-options.js';
export type { Boundary } from '../shared/protocol/split-plan.js';
export type { QuarantinedInput } from '../shared/quarantine-file.js';
export type { SelectOptions } from '../shared/select/select-options.js';
export type { Denials } from './grants/denials.js';
export type { ConfigSource, GrantOptions } from './grants/plugin-config.js';
export { type ByteSourceEnd, ByteSourceHost, type ByteSourceHostOptions } from './host/byte-source-host.js';
export { createParserPool, ParserHost, type ParserHostOptions } from './host/parser-host.js';
export type { OnLog, PluginLogLine } from './host/plugin-call.js';
export type { ParallelConfig, ParallelOptions } from './input/file-split.js';
export type {
  BlobSource,
  ByteBlob,
  ByteBlobPart,
  BytesSource,
  HandleSource,
  MemorySource,
} from './input/memory-sources.js';
export type { PluginSourceOptions } from './input/plugin-input.js';
export type { FileSource, SourceOptions, StreamInput } from './input/session-input.js';
export type { ByteStream } from './input/stream-input.js';
export type { Checkpoint } from './session/checkpoint-form.js';
export type { EncodedElement, EncodedItems } from './session/encoded-items.js';
export type { IngestOptions } from './session/ingest-options.js';
export type { Progress, SessionStatus, SessionSummary, SplitsSummary } from './session/ingest-progress.js';
export { IngestSession } from './session/ingest-session.js';
export type {
  CallLatency,
  InstanceMetrics,
  InstanceTimes,
  LatencyBucket,
  QueueMetrics,
} from './session/instance-metrics.js';
export { type ReplayOutcome, readQuarantine, replay } from './session/replay.js';
export type { Bottleneck, SessionMetrics } from './session/session-metrics.js';
export type { SessionEnd } from './session/session-resources.js';
export { ItemCounts } from './streams/item-counts.js';
export type { CollectOptions, SessionStreamOptions, StreamAs, StreamChunks } from './streams/stream-options.js';
