/** The main thread's side, for the packages that come with this one. Without a promise: any of it may change in any version. */
export { artefactFolder, parseArtefactFolder } from '../shared/component/artefact-name.js';
export { addContext, describe } from '../shared/errors.js';
export type { InstanceEnd } from '../shared/instance/instance-end.js';
export type { InstanceTask } from '../shared/instance/messages.js';
export { type ControlMethods, WorkerInstance } from '../shared/instance/worker-instance.js';
export { kindOf } from '../shared/kind-of.js';
export { ByteRingWriter, type ByteRingWriterOptions } from '../shared/ring/byte-ring-writer.js';
export {
  closeRingForWriter,
  endRingDemand,
  endRingForWriter,
  pauseRingWriter,
  type RingState,
  resumeRingWriter,
  ringBothBells,
  ringState,
  stopRingWriter,
} from '../shared/ring/ring-ends.js';
export type { RingPosition, RingShape } from '../shared/ring/ring-layout.js';
export { createRingMemory, type RingMemory, ringBuffer } from '../shared/ring/ring-memory.js';
export { type RingUsage, ringUsage, type SideWaits } from '../shared/ring/ring-waits.js';
export { absolutePath } from '../shared/system/absolute-path.js';
export { environmentFault, requireWebAssembly } from '../shared/system/environment-fault.js';
export { makeFolder, makeFolderSync } from '../shared/system/make-folder.js';
export { sharedNow } from '../shared/system/shared-clock.js';
export type { DirectoryGrant, FixedClock, WasiGrants } from '../shared/wasi-grants.js';
export { onAbort } from './abort-listeners.js';
export { callListener, LISTENER_FAILED } from './call-listener.js';
export { DEFAULT_MAX_BINARY_BYTES } from './compile/compile-options.js';
export { toolchain } from './compile/toolchain.js';
export { DirectoryLock, type LockErrors, type LockOptions } from './directory-lock.js';
export { Permits, type PoolUsage, type WaitOptions } from './pool/permits.js';
export { type InstanceStarter, ReservedWorkers, type StartOptions } from './pool/reserved-workers.js';
export { defaultMaxInstances, POOL_SIZE, WorkerPool, type WorkerPoolOptions } from './pool/worker-pool.js';
export { type MarkOwner, markOwner, newMark, type ProcessMark, parseMark } from './process-mark.js';
export { BatchRingReader, type RingFrame } from './ring/batch-ring-reader.js';
