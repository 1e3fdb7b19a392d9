/** Which wasm modules lift: one over two memories, or, where the engine knows one memory alone, two over one each. */
import type { PluginMemory } from '../common/plugin-memory.js';
import { TAKES_TWO_MEMORIES } from './lifter-modules.js';
import type { SlotLifter } from './slot-lifter.js';
import { TwoMemoryLifter } from './two-memory-lifter.js';
import { TwoModuleLifter } from './two-module-lifter.js';

/** Their batches are the same, byte for byte. */
export type LifterWay = 'two-memories' | 'two-modules';

/** Those that the engine takes, the fastest first. */
export const LIFTER_WAYS: readonly LifterWay[] = TAKES_TWO_MEMORIES ? ['two-memories', 'two-modules'] : ['two-modules'];

/** @param checked the same memory as `pluginMemory`, kept up to date by the caller */
export function createSlotLifter(
  checked: PluginMemory,
  pluginMemory: WebAssembly.Memory,
  sharedMemory: WebAssembly.Memory,
  way = LIFTER_WAYS[0],
): SlotLifter {
  return way === 'two-memories'
    ? new TwoMemoryLifter(pluginMemory, sharedMemory)
    : new TwoModuleLifter(pluginMemory, checked, sharedMemory);
}
