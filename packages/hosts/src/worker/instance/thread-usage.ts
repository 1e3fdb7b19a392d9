/** What this thread has used itself: its heap, and its processor time where Node can tell. */
import { getHeapStatistics } from 'node:v8';
import type { ThreadUsage } from '../../shared/protocol/instance-meter.js';

/** Node 22.19, 23.9 and later. */
const cpuUsage = (process as { threadCpuUsage?: () => { readonly user: number; readonly system: number } })
  .threadCpuUsage;

export function threadUsage(): ThreadUsage {
  const { total_heap_size: heap, malloced_memory: malloced } = getHeapStatistics();
  const cpu = cpuUsage?.call(process);
  return { heapBytes: heap + malloced, cpuMs: cpu === undefined ? Number.NaN : (cpu.user + cpu.system) / 1000 };
}
