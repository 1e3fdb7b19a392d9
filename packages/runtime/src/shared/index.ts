export * from './component.js';
export * from './errors.js';
export { kindOf } from './kind-of.js';
export * from './messages.js';
export type { ChunkPosition, RingShape } from './ring-layout.js';
export { createRingMemory, type RingMemory, ringBuffer } from './ring-memory.js';
export * from './wasi-grants.js';
