/** What all threads need, for the packages that come with this one. Without a promise: any of it may change in any version. */
export type { CompiledComponent, DirectExport } from './component/component.js';
export { createWasmMemory } from './component/wasm-memory.js';
export type { WasmMemory } from './component/wasm-types.js';
export {
  describe,
  deserializeError,
  EnvironmentError,
  type FailureDetails,
  HostError,
  PluginContractError,
  PluginError,
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
} from './errors.js';
export { kindOf } from './kind-of.js';
export { copyBytes } from './ring/copy-bytes.js';
export { type RingPosition, type RingShape, ringOffsets } from './ring/ring-layout.js';
export type { RingMemory } from './ring/ring-memory.js';
export { sharedNow } from './system/shared-clock.js';
export type { WasiGrants } from './wasi-grants.js';
