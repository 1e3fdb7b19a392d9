// The program of parsers' workers, in a thread where opening an input blocks in a system call, once: when a FIFO stands beside it.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { openSync } = fs;
fs.openSync = (path, ...rest) => {
  const fifo = `${path}.fifo`;
  if (typeof path === 'string' && fs.existsSync(fifo)) {
    fs.renameSync(fifo, `${path}.used`);
    // Nobody writes to it: the thread can neither go on nor be ended.
    openSync(`${path}.used`, 'r');
  }
  return openSync(path, ...rest);
};
syncBuiltinESMExports();

const { default: runParser } = await import('../dist/worker/parser.worker.js');
export default runParser;
