/** Memories of the host's own. */
import { environmentFault, requireWebAssembly } from '../system/environment-fault.js';
import type { WasmMemory, WasmMemoryDescriptor } from './wasm-types.js';

/**
 * @param purpose what it is for, for the message: `the batches of a session`
 * @throws EnvironmentError when the system gives no memory or address space
 */
export function createWasmMemory(descriptor: WasmMemoryDescriptor, purpose: string): WasmMemory {
  requireWebAssembly();
  try {
    return new WebAssembly.Memory(descriptor);
  } catch (error) {
    throw environmentFault(error, `Not enough memory for ${purpose}`) ?? error;
  }
}
