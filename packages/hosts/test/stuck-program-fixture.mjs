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

const { PluginLog } = await import('#worker/instance/plugin-log.js');
const { add } = PluginLog.prototype;
PluginLog.prototype.add = function (...line) {
  hang(PluginLog.fifo);
  return add.apply(this, line);
};

const { default: runParser } = await import('#worker/parser.worker.js');
const { InstanceManager } = await import('#worker/instance/instance-manager.js');
const { init } = InstanceManager.prototype;
InstanceManager.prototype.init = function (config, ...rest) {
  PluginLog.fifo = config.map(({ value }) => String(value.value)).find((text) => text.endsWith('.log')) ?? '';
  return init.call(this, config, ...rest);
};
export default runParser;
