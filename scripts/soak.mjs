// npm run soak -- [--live] [--minutes N] [--seed S]: opens and closes sessions at random, with healthy and with faulty plugins; with --live
// sessions of live sources, which other processes write to, and which are cut, paused and stopped. Prints a
// line every ten seconds and a closing verdict; exits with 0 when every item was right and nothing was left over, else with 1.
import { parseArgs } from 'node:util';
import { soak } from '../packages/hosts/soak/soak.mjs';

const { minutes, seed, live } = readArguments();
console.log(`soak: ${minutes} minutes, seed ${seed}${live ? ', live sources' : ''}`);
const { sessions, faults, residentMiB } = await soak({ minutes, seed, live, log: console.log });
for (const fault of faults) console.error(fault);
const memory = `resident ${Math.min(...residentMiB)} to ${Math.max(...residentMiB)} MiB`;
if (faults.length === 0) console.log(`soak: ${sessions} sessions, all exact, nothing left over, ${memory}`);
else
  console.log(
    `soak: FAILED after ${sessions} sessions, ${memory}; again: npm run soak --${live ? ' --live' : ''} --minutes ${minutes} --seed ${seed}`,
  );
process.exit(faults.length === 0 ? 0 : 1);

function readArguments() {
  const options = {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
    live: { type: 'boolean', default: false },
  };
  let values;
  try {
    ({ values } = parseArgs({ options }));
  } catch (error) {
    usage(error.message);
  }
  const minutes = Number(values.minutes);
  if (!(minutes > 0 && minutes <= 10_000)) usage(`--minutes must be a number above 0, got '${values.minutes}'.`);
  const seed = Number(values.seed ?? Math.floor(Math.random() * 0x7fff_ffff));
  if (!Number.isInteger(seed) || seed < 0) usage(`--seed must be a whole number, got '${values.seed}'.`);
  return { minutes, seed, live: values.live };
}

function usage(message) {
  console.error(`${message}\nUsage: npm run soak -- [--live] [--minutes N] [--seed S]`);
  process.exit(2);
}
