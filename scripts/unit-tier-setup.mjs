// Before each file of the tier `unit`: no thread and no process can be started in it.
import { createRequire, syncBuiltinESMExports } from 'node:module';

const require = createRequire(import.meta.url);

function refuse() {
  throw new Error("A test of the tier 'unit' starts a thread or a process: name its file under 'threads' or 'slow'.");
}

require('node:worker_threads').Worker = refuse;
for (const name of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork'])
  require('node:child_process')[name] = refuse;
syncBuiltinESMExports();
