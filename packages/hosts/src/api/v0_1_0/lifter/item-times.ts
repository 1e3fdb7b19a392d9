/**
 * The times that a parser gives of its items, by an interface of this project's own (wit/rows): a `list<s64>`, to which its function
 * returns a pointer.
 */
import { contractBreach, type PluginMemory } from '../common/plugin-memory.js';

/** Its function, for errors, and as the end of its core name. */
export const GET_TIMES = 'get-item-times';

/** What the function returns a pointer to. */
const LIST = { bytes: 8, alignment: 4, pointer: 0, length: 4 } as const;
/** One time. */
export const Time = { bytes: 8, alignment: 8 } as const;

/**
 * Checks what the function returned behind a `parse` that returned `count` items.
 * @returns where the times lie, one for each item; 0: no item has one
 * @throws PluginContractError
 */
export function readTimes(memory: PluginMemory, result: unknown, count: number): number {
  if (typeof result !== 'number') throw contractBreach('the result is no pointer', GET_TIMES);
  const at = result >>> 0;
  memory.checked(at, 1, LIST.bytes, LIST.alignment, () => 'the result', GET_TIMES);
  const length = memory.view.getUint32(at + LIST.length, true);
  requireTimes(length, count);
  if (length === 0) return 0;
  const times = memory.view.getUint32(at + LIST.pointer, true);
  memory.checked(times, length, Time.bytes, Time.alignment, () => 'the list of times', GET_TIMES);
  // No allocator gives it, and here it stands for no times.
  if (times === 0) throw contractBreach('the list of times: pointer 0', GET_TIMES);
  return times;
}

/** @throws PluginContractError when there are neither as many times as items, nor none */
export function requireTimes(times: number, items: number): void {
  if (times === 0 || times === items) return;
  throw contractBreach(
    `${times} times, and parse returned ${items} items; expected as many times as items, or none`,
    GET_TIMES,
  );
}
