// A program that changes a plugins directory: ROOT SOURCES SEED OPERATIONS KILL_AT. It says what it begins and what it has done, a
// line each. At its KILL_ATth step in the file system, counted from when the manager is opened, it kills itself, before or after
// the step as the seed has it; 0 means never. OPERATIONS 0 means without end. Failures that come of other programs are said;
// any other ends it with an error.
import fs from 'node:fs';
import { join } from 'node:path';
import { PluginsManager } from '@chipmunk-host/manager';
import { killAtStep } from './kill-at-step.mjs';

const [root, sources, ...numbers] = process.argv.slice(2);
const [seed, operations, killAt] = numbers.map(Number);
const say = (line) => fs.writeSync(1, `${JSON.stringify(line)}\n`);
const EXPECTED = ['ERR_PLUGIN_NOT_FOUND', 'ERR_STORE_TAKEN'];

const STEPS = ['lstat', 'mkdir', 'open', 'readFile', 'readdir', 'rename', 'rm', 'stat', 'unlink', 'writeFile'];

let state = seed;
/** A whole number below `limit`. https://en.wikipedia.org/wiki/Linear_congruential_generator (Numerical Recipes) */
function random(limit) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * limit);
}

if (killAt > 0) killAtStep(killAt, random(2) === 0, STEPS);
say({ ready: true });
if (operations > 0) await new Promise((resolve) => process.stdin.once('data', resolve));
process.stdin.destroy();
const options = { directory: root, bundled: false, onWarning: (warning) => say({ warning }) };
const manager = await PluginsManager.open(options);
for (let n = 0; operations === 0 || n < operations; n++) {
  const version = random(2) === 0 ? 'one' : 'two';
  // Of these a reload takes longest: it looks into every binary again.
  const operation = ['add', 'add', 'add', 'update', 'update', 'update', 'rollback', 'rollback', 'remove', 'reload'][
    random(10)
  ];
  say({ begin: operation, version });
  try {
    await perform(operation, join(sources, version, 'x'));
    say({ done: operation });
  } catch (error) {
    if (!EXPECTED.includes(error.code)) throw error;
    say({ failed: operation, code: error.code, message: error.message });
  }
}
await manager.close();

function perform(operation, source) {
  switch (operation) {
    case 'add':
      return manager.add(source, { replace: random(4) > 0 });
    case 'update':
      return manager.update(source);
    case 'rollback':
      return manager.rollback('x');
    case 'remove':
      return manager.remove('x');
    case 'reload':
      return manager.reload();
  }
}
