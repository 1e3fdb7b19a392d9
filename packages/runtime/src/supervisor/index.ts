/** The supervisor's side, for the packages that come with this one. Without a promise: any of it may change in any version. */
export {
  addContext,
  type FailureDetails,
  HostError,
  PluginError,
  serializeError,
} from '../shared/errors.js';
export { Activity, createRunStatus, RunStatusReader } from '../shared/instance/run-status.js';
export { serveControl } from '../shared/instance/serve-control.js';
export type { ControlMethods, WorkerInstance } from '../shared/instance/worker-instance.js';
export { ByteRingWriter } from '../shared/ring/byte-ring-writer.js';
export { endRingForWriter, ringState, stopRingWriter } from '../shared/ring/ring-ends.js';
export { type RingMark, readRingMark } from '../shared/ring/ring-mark.js';
export type { WasiGrants } from '../shared/wasi-grants.js';
export type { InstanceLauncher, LaunchOptions, RunnerTask } from './runner-task.js';
