/** What is public: compiling a component, and the errors. What runs components is in `internal`, for the packages that come with this one. */
export type { CompiledComponent, ComponentLimits } from '../shared/component/component.js';
export type { UncountedFeature } from '../shared/component/wasm-features.js';
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
} from '../shared/errors.js';
export { compile } from './compile/compile.js';
export type { CompileOptions } from './compile/compile-options.js';
