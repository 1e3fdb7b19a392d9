/** The pool of threads that search, in a file of its own: most programs that read a spool need none. */
import { Piscina } from 'piscina';
import type { SearchTask, TaskResult } from './search-task.js';

const IDLE_MS = 5000;

export type SearchPool = Piscina<SearchTask, TaskResult>;

export function createPool(maxThreads: number): SearchPool {
  const filename = new URL('./search.worker.js', import.meta.url).href;
  const manners = { env: {}, execArgv: [], recordTiming: false };
  return new Piscina({ filename, minThreads: 0, maxThreads, idleTimeout: IDLE_MS, ...manners });
}
