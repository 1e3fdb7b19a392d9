export { artefactFolder, parseArtefactFolder } from '../shared/component/artefact-name.js';
export * from '../shared/index.js';
export type { InstanceEnd } from '../shared/instance/instance-end.js';
export { type ControlMethods, WorkerInstance } from '../shared/instance/worker-instance.js';
export { ByteRingWriter, type ByteRingWriterOptions } from '../shared/ring/byte-ring-writer.js';
export {
  endRingForWriter,
  type RingState,
  ringBothBells,
  ringState,
  stopRingWriter,
} from '../shared/ring/ring-ends.js';
export { onAbort } from './abort-listeners.js';
export { callListener, LISTENER_FAILED } from './call-listener.js';
export { compile } from './compile/compile.js';
export { type CompileOptions, DEFAULT_MAX_BINARY_BYTES } from './compile/compile-options.js';
export { toolchain } from './compile/toolchain.js';
export { Permits, type PoolUsage, type WaitOptions } from './pool/permits.js';
export { type InstanceStarter, ReservedWorkers, type StartOptions } from './pool/reserved-workers.js';
export { defaultMaxInstances, POOL_SIZE, WorkerPool, type WorkerPoolOptions } from './pool/worker-pool.js';
export { type MarkOwner, markOwner, newMark, type ProcessMark, parseMark } from './process-mark.js';
export { BatchRingReader, type Frame } from './ring/batch-ring-reader.js';
