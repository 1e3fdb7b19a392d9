// What this machine has to build with. Each tool is asked for its version once; a hash only says something together with them.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const known = new Map();

/** The first line of what a command prints; undefined when there is no such command or it fails. */
export function versionOf(command, args = ['--version']) {
  const key = [command, ...args].join(' ');
  if (!known.has(key)) {
    const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
    known.set(key, status === 0 ? stdout.split('\n', 1)[0].trim() : undefined);
  }
  return known.get(key);
}

/** Runs a command; throws with its output when it fails. */
export function run(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    ...options,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed with ${status}:\n${stderr}`);
  return stdout;
}

/** Of a package that this one depends on. */
export function packageVersion(name) {
  const require = createRequire(import.meta.url);
  for (
    let folder = dirname(require.resolve(`${name}/wasm-tools`));
    folder !== dirname(folder);
    folder = dirname(folder)
  ) {
    const path = join(folder, 'package.json');
    if (!existsSync(path)) continue;
    const description = JSON.parse(readFileSync(path, 'utf8'));
    if (description.name === name) return description.version;
  }
  throw new Error(`there is no version of ${name}`);
}
