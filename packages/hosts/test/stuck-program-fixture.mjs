// The program of parsers' workers, in a thread where reading an input blocks in a system call, once: when a FIFO stands beside it.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { readSync } = fs;
fs.readSync = (descriptor, ...rest) => {
  const path = fs.readlinkSync(`/proc/self/fd/${descriptor}`);
  const fifo = `${path}.fifo`;
  if (fs.existsSync(fifo)) {
    fs.renameSync(fifo, `${path}.used`);
    // Nobody writes to it: the thread can neither go on nor be ended.
    fs.openSync(`${path}.used`, 'r');
  }
  return readSync(descriptor, ...rest);
};
syncBuiltinESMExports();

const { default: runParser } = await import('../dist/worker/parser.worker.js');
export default runParser;
