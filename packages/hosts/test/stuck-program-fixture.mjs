// The program of parsers' workers, in a thread that hangs in system calls as long as nobody writes to a FIFO: before it reads a file
// beside which `FILE.read` stands, and when the plugin logs and a text of its configuration names a FIFO.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { openSync, readSync } = fs;

function hang(fifo) {
  if (!fs.existsSync(fifo)) return;
  fs.closeSync(openSync(fifo, 'r'));
}

fs.readSync = (descriptor, ...rest) => {
  if (process.platform === 'linux') hang(`${fs.readlinkSync(`/proc/self/fd/${descriptor}`)}.read`);
  return readSync(descriptor, ...rest);
};
syncBuiltinESMExports();

const { LogBuffer } = await import('#worker/log-buffer.js');
const { add } = LogBuffer.prototype;
LogBuffer.prototype.add = function (...line) {
  hang(LogBuffer.fifo);
  return add.apply(this, line);
};

const { default: runParser } = await import('#worker/parser.worker.js');
const { InstanceKeeper } = await import('#worker/instance-keeper.js');
const { init } = InstanceKeeper.prototype;
InstanceKeeper.prototype.init = function (config, ...rest) {
  LogBuffer.fifo = config.map(({ value }) => String(value.value)).find((text) => text.endsWith('.log')) ?? '';
  return init.call(this, config, ...rest);
};
export default runParser;
