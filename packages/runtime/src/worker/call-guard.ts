/**
 * Puts a time limit on a stretch of synchronous work from within its own thread: V8 stops the script at the limit, also in
 * the middle of an endless wasm loop, and the thread lives on. A guard costs some 50 us, so it is put around several
 * calls of a plugin at once, not around each.
 */
import { Script } from 'node:vm';
import { PluginTimeoutError } from '../shared/errors.js';

/** The script can only reach what is global: the work of the guard that is running. Guards do not nest. */
const WORK = Symbol.for('chipmunk-host.guarded-work');
const script = new Script(`globalThis[Symbol.for('chipmunk-host.guarded-work')]()`, { filename: 'call-guard' });
const scope = globalThis as { [WORK]?: () => unknown };

/**
 * Runs `work` and returns what it returns.
 * @param limitMs 0 means no limit
 * @throws PluginTimeoutError when the limit is reached; what `work` throws
 */
export function withinTimeLimit<Result>(limitMs: number, work: () => Result): Result {
  if (limitMs <= 0) return work();
  scope[WORK] = work;
  try {
    // Otherwise Node puts the line of source that threw in front of an error's stack.
    return script.runInThisContext({ timeout: Math.ceil(limitMs), displayErrors: false }) as Result;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new PluginTimeoutError(`The plugin did not return within ${Math.ceil(limitMs)} ms.`, { cause: error });
  } finally {
    delete scope[WORK];
  }
}
