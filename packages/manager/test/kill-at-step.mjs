// Has this process kill itself at its so-and-so-manieth step in the file system, before or after it.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** @param {readonly string[]} names functions of node:fs/promises; a call of one is a step. Returns how to ask for their number */
export function killAtStep(last, before, names) {
  let step = 0;
  for (const name of names) {
    const original = fs.promises[name];
    fs.promises[name] = async (...parameters) => {
      const isLast = ++step === last;
      if (isLast && before) process.kill(process.pid, 'SIGKILL');
      try {
        return await original(...parameters);
      } finally {
        if (isLast) process.kill(process.pid, 'SIGKILL');
      }
    };
  }
  syncBuiltinESMExports();
  return () => step;
}
