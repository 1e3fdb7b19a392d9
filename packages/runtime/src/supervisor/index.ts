export { ChunkWriter } from '../shared/chunk-writer.js';
export * from '../shared/index.js';
export { endRingForWriter, stopRingWriter } from '../shared/ring-ends.js';
export { type RingMark, readRingMark } from '../shared/ring-mark.js';
export { serveControl } from '../shared/serve-control.js';
export type { ControlMethods, WorkerInstance } from '../shared/worker-instance.js';
export type { InstanceLauncher, LaunchOptions, RunnerTask } from './runner-task.js';
