export { ChunkWriter, type ChunkWriterOptions } from '../shared/chunk-writer.js';
export * from '../shared/index.js';
export { type CompileOptions, compile } from './compile.js';
export { Permits } from './permits.js';
export { type InstanceStarter, Reservation } from './reservation.js';
export { endRingForWriter, stopRingWriter } from './ring-ends.js';
export { type Frame, RingReader } from './ring-reader.js';
export { type ControlMethods, type InstanceEnd, WorkerInstance } from './worker-instance.js';
export { type StartOptions, WorkerPool, type WorkerPoolOptions } from './worker-pool.js';
