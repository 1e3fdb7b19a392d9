/** The side of a plugin's thread, for the packages that come with this one. Without a promise: any of it may change in any version. */
export type { CompiledComponent } from '../shared/component/component.js';
export {
  addContext,
  describe,
  deserializeError,
  EnvironmentError,
  type FailureDetails,
  HostError,
  PluginContractError,
  PluginError,
  PluginInitError,
  PluginInvalidError,
  PluginMemoryError,
  type PluginPhase,
  PluginTrapError,
  PluginUnrecoverableError,
  type SerializedError,
  serializeError,
} from '../shared/errors.js';
export type { InstanceTask } from '../shared/instance/messages.js';
export { Activity, RunStatusWriter } from '../shared/instance/run-status.js';
export { serveControl } from '../shared/instance/serve-control.js';
export type { ControlMethods } from '../shared/instance/worker-instance.js';
export { kindOf } from '../shared/kind-of.js';
export { ByteRingWriter, type ByteRingWriterOptions, putPacket } from '../shared/ring/byte-ring-writer.js';
export { copyBytes } from '../shared/ring/copy-bytes.js';
export type { RingMark } from '../shared/ring/ring-mark.js';
export { createRingMemory, type RingMemory } from '../shared/ring/ring-memory.js';
export { environmentFault } from '../shared/system/environment-fault.js';
export { makeFolderSync } from '../shared/system/make-folder.js';
export { sharedNow } from '../shared/system/shared-clock.js';
export type { WasiGrants, WasiLimits } from '../shared/wasi-grants.js';
export type { CoreCaller, CoreFunction, CoreImportReplacement, Realloc } from './component/core-calls.js';
export { ComponentInstance, type DirectFunction, type InstantiateOptions } from './instance/component-instance.js';
export { LiftBounds, type LiftLimits, MAX_TEXT_BYTES, OversizedText } from './instance/lift-bounds.js';
export { readAt } from './positional-read.js';
export { BatchRingWriter } from './ring/batch-ring-writer.js';
export { type ByteRingMark, ByteRingReader, type ByteRingReaderOptions } from './ring/byte-ring-reader.js';
export { PluginExit } from './wasi/cli/plugin-exit.js';
// The class itself is at './wasi': most of what a worker would load, for the plugins that use it.
export type { OutputStreamName, WasiHost, WasiSinks } from './wasi/wasi-host.js';
