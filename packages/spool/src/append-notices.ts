/** Tells readers in this process that something was appended, so that they need not look for it. */
import { resolve } from 'node:path';
import type { Waiting } from './portable/reading.js';

const listeners = new Map<string, Set<() => void>>();

export function noticeAppend(directory: string): void {
  for (const listener of listeners.get(resolve(directory)) ?? []) listener();
}

/** Waits for a notice, so many milliseconds, or the signal. */
export function waitingFor(directory: string): Waiting {
  const key = resolve(directory);
  return (ms, signal) =>
    new Promise((done) => {
      const finish = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', finish);
        mine.delete(finish);
        if (mine.size === 0) listeners.delete(key);
        done();
      };
      const mine = listeners.get(key) ?? new Set();
      listeners.set(key, mine);
      mine.add(finish);
      const timer = setTimeout(finish, ms);
      signal?.addEventListener('abort', finish);
    });
}
