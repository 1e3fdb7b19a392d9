/**
 * The shared memory of one instance: the ring at its start, and behind it a stage that only the worker uses. It is a wasm
 * memory so that wasm code of the host can write batches straight into the ring.
 */
import { checkRingShape, type RingShape, ringOffsets } from './ring-layout.js';

const WASM_PAGE_BYTES = 65_536;

export interface RingMemory {
  readonly memory: WebAssembly.Memory;
  readonly shape: RingShape;
}

/**
 * @param maxStageBytes how far the stage may grow, in bytes. Only address space until it is used.
 */
export function createRingMemory(shape: RingShape, maxStageBytes: number): RingMemory {
  checkRingShape(shape);
  const pages = Math.ceil(ringOffsets(shape).end / WASM_PAGE_BYTES);
  const maximum = Math.min(pages + Math.ceil(maxStageBytes / WASM_PAGE_BYTES), 65_536);
  return { memory: new WebAssembly.Memory({ initial: pages, maximum, shared: true }), shape };
}

/** The ring's buffer. Growing the memory leaves this one valid: shared buffers are never detached. */
export function ringBuffer({ memory }: RingMemory): SharedArrayBuffer {
  return memory.buffer as unknown as SharedArrayBuffer;
}

/** Where the stage begins: the first whole wasm page behind the ring. */
export function stageOffset({ shape }: RingMemory): number {
  return Math.ceil(ringOffsets(shape).end / WASM_PAGE_BYTES) * WASM_PAGE_BYTES;
}
