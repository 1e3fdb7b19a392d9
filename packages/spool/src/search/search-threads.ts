/**
 * The threads that search: a Piscina pool of this process, which all searches share. A thread that has nothing to do for some seconds ends,
 * and none keeps the process.
 */
import { availableParallelism } from 'node:os';
import type { SearchPool } from './search-pool.js';
import type { SearchTask, TaskResult } from './search-task.js';

/** How many search at once where nobody says so, and at most: reading and searching take turns for the memory of the machine. */
export const MOST_THREADS = Math.max(1, Math.min(4, availableParallelism()));

let pool: Promise<SearchPool> | undefined;

export async function runInThread(task: SearchTask): Promise<TaskResult> {
  pool ??= loadPool();
  return (await pool).run(task);
}

/** Loaded when something is searched. */
async function loadPool(): Promise<SearchPool> {
  const { createPool } = await import('./search-pool.js');
  return createPool(MOST_THREADS);
}
