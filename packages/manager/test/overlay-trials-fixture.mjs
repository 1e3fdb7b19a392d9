// Runs in a mount namespace of its own. Mounts an overlay over a plugins directory, has a process change a plugin in it and be killed, and
// opens it again; once for each step of each change: node ….mjs FOLDER LOWER SOURCE. Says of each trial what is left, a line of JSON.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PluginsManager } from '@chipmunk-host/manager';

const [, , folder, lower, source, every] = process.argv;
const CHANGE = join(import.meta.dirname, 'overlay-change-fixture.mjs');
const root = join(folder, 'merged');

for (const operation of ['update', 'rollback', 'remove']) {
  const { steps } = await trial(operation, 0);
  for (let killAt = 1; killAt <= steps; killAt += Number(every)) await trial(operation, killAt);
}

async function trial(operation, killAt) {
  const [upper, work] = ['upper', 'work'].map((name) => join(folder, name));
  for (const path of [upper, work]) rmSync(path, { recursive: true, force: true });
  for (const path of [upper, work, root]) mkdirSync(path, { recursive: true });
  execFileSync('mount', [
    '-t',
    'overlay',
    'overlay',
    '-o',
    `lowerdir=${lower},upperdir=${upper},workdir=${work},userxattr`,
    root,
  ]);
  try {
    const child = spawnSync(process.execPath, [CHANGE, root, source, operation, String(killAt)], { encoding: 'utf8' });
    const warnings = [];
    const manager = await PluginsManager.open({
      directory: root,
      bundled: false,
      onWarning: (text) => warnings.push(text),
    });
    await manager.close();
    const own = join(root, '.chipmunk-host');
    const result = {
      operation,
      killAt,
      steps: Number(child.stdout),
      signal: child.signal,
      errors: child.stderr,
      warnings,
      installed: versionIn(join(root, 'parsers', 'x')),
      previous: versionIn(join(own, 'previous', 'parsers', 'x')),
      left: [
        ...readdirSync(join(own, 'staging')),
        ...readdirSync(join(root, 'parsers')).filter((name) => name !== 'x'),
      ],
    };
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return result;
  } finally {
    execFileSync('umount', [root]);
  }
}

/** What its three files say; null when there is no folder. */
function versionIn(path) {
  if (!existsSync(path)) return null;
  const files = readdirSync(path).sort();
  if (files.join() !== 'README.md,x.toml,x.wasm') return `damaged: ${files}`;
  const title = /title = "(.*)"/.exec(readFileSync(join(path, 'x.toml'), 'utf8'))[1];
  const agree =
    readFileSync(join(path, 'README.md'), 'utf8').includes(title) &&
    readFileSync(join(path, 'x.wasm')).includes(`version-${title}`);
  return agree ? title : `mixed: ${title}`;
}
