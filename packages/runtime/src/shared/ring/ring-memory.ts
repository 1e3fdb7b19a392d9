/**
 * The shared memory of one instance: its ring. It is a wasm memory so that wasm code of the host can write batches straight
 * into the slots.
 */

import { createWasmMemory } from '../component/wasm-memory.js';
import type { WasmMemory } from '../component/wasm-types.js';
import { checkRingShape, type RingShape, ringOffsets } from './ring-layout.js';

const WASM_PAGE_BYTES = 65_536;

export interface RingMemory {
  readonly memory: WasmMemory;
  readonly shape: RingShape;
}

/**
 * @param spareBytes behind the slots, for the writer's own use. Default: none
 * @throws EnvironmentError when the system gives no memory or address space
 */
export function createRingMemory(shape: RingShape, spareBytes = 0): RingMemory {
  checkRingShape(shape);
  const pages = Math.ceil((ringOffsets(shape).end + spareBytes) / WASM_PAGE_BYTES);
  const descriptor = { initial: pages, maximum: pages, shared: true };
  return { memory: createWasmMemory(descriptor, 'the ring of an instance'), shape };
}

/** The ring's buffer. */
export function ringBuffer({ memory }: RingMemory): SharedArrayBuffer {
  return memory.buffer as unknown as SharedArrayBuffer;
}
