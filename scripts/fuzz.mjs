// npm run fuzz -- TARGET [--seconds N] [--seed S]: drives one surface of the host with random input until the time is over.
// Prints one line and exits with 0 when nothing was found; with 1, and the seed that finds it again, when something was.
// Progress goes to stderr.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const targets = {
  lifter: () => hostsTarget('lifter'),
  ring: () => hostsTarget('ring'),
  loader: () => packageTarget('runtime', 'loader'),
  cache: () => packageTarget('manager', 'cache'),
  config: () => packageTarget('manager', 'config'),
  pcap: () => hostsTarget('pcap', fileURLToPath(new URL('../packages/sources/fuzz', import.meta.url))),
};

const { target, seconds, seed } = readArguments();
const fuzz = await targets[target]();
try {
  const { summary } = await fuzz({ seconds, seed, log: (line) => process.stderr.write(`${line}\n`) });
  console.log(`fuzz ${target}: nothing found in ${summary.replace(`${target}: `, '')}, ${seconds} s, seed ${seed}`);
  process.exit(0);
} catch (error) {
  const found = Number.isInteger(error.seed) ? error.seed : seed;
  console.error(error.stack);
  for (let { cause } = error; cause !== undefined; { cause } = cause)
    console.error(`caused by ${cause.stack ?? cause}`);
  console.error(
    `fuzz ${target}: found with seed ${found}; again: npm run fuzz -- ${target} --seconds ${seconds} --seed ${found}`,
  );
  process.exit(1);
}

/** @param root folder of the target. Default: that of `hosts` */
async function hostsTarget(name, root) {
  const { fuzzHosts } = await import('../packages/hosts/fuzz/main.mjs');
  return (options) => fuzzHosts(name, options, root);
}

/** A module of the package's own, whose `fuzz` takes the same options. */
async function packageTarget(packageName, name) {
  const module = new URL(`../packages/${packageName}/fuzz/${name}.mjs`, import.meta.url);
  if (!existsSync(module)) usage(`The target '${name}' is not there yet.`);
  return (await import(module.href)).fuzz;
}

function readArguments() {
  const options = { seconds: { type: 'string' }, seed: { type: 'string' } };
  let parsed;
  try {
    parsed = parseArgs({ options, allowPositionals: true });
  } catch (error) {
    usage(error.message);
  }
  const [target, ...more] = parsed.positionals;
  if (!Object.hasOwn(targets, target ?? '') || more.length > 0)
    usage(`Name one target: ${Object.keys(targets).join(', ')}.`);
  const seconds = number('seconds', parsed.values.seconds ?? '60', 1);
  const seed = number('seed', parsed.values.seed ?? String(Math.floor(Math.random() * 0x7fff_ffff)), 0);
  return { target, seconds, seed };
}

function number(name, text, least) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > 0x7fff_ffff)
    usage(`--${name} must be a whole number from ${least} to ${0x7fff_ffff}, got '${text}'.`);
  return value;
}

function usage(message) {
  console.error(`${message}\nUsage: npm run fuzz -- TARGET [--seconds N] [--seed S]`);
  process.exit(2);
}
