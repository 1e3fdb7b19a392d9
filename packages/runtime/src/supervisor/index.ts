export * from '../shared/index.js';
export { serveControl } from '../shared/instance/serve-control.js';
export type { ControlMethods, WorkerInstance } from '../shared/instance/worker-instance.js';
export { ByteRingWriter } from '../shared/ring/byte-ring-writer.js';
export { endRingForWriter, ringState, stopRingWriter } from '../shared/ring/ring-ends.js';
export { type RingMark, readRingMark } from '../shared/ring/ring-mark.js';
export type { InstanceLauncher, LaunchOptions, RunnerTask } from './runner-task.js';
