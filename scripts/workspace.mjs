// Runs the workspace's commands (the keys of `commands` below) from a bare clone: it needs Node, npm and git,
// installs what the lock file names when that has changed, and hands the work to turbo.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TIERS } from './test-tiers.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { engines, packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const PACKAGES_OF_TOOLS = { biome: '@biomejs/biome', turbo: 'turbo' };
const installStamp = join(root, 'node_modules', '.install-stamp');

const commands = {
  demo(args) {
    turbo('build', ['--filter=@chipmunk-host/cli...', '--output-logs=errors-only']);
    run(process.execPath, [join(root, 'scripts', 'demo.mjs'), ...args]);
  },
  build: (args) => turbo('build', args),
  test() {
    bin('biome', ['check', '.']);
    turbo('build');
    turbo('typecheck');
    // Each package's tests take all processors already: more at once only make each other slow.
    turbo('test', ['--concurrency=2', '--continue'], () => printFailedTests('test'));
  },
  'test:tier'(tiers) {
    const unknown = tiers.filter((tier) => !TIERS.includes(tier));
    if (tiers.length === 0 || unknown.length > 0)
      fail(
        `Name tiers of tests: ${TIERS.join(', ')}${unknown.length > 0 ? `; there is no ${unknown.join(', ')}` : ''}.`,
        2,
      );
    const projects = tiers.flatMap((tier) => ['--project', tier]);
    turbo('build', ['--output-logs=errors-only']);
    // Always run, since the version of Node is no part of what turbo knows; `--only` leaves the build as it is.
    const flags = ['--only', '--force', '--concurrency=2', '--continue'];
    turbo('test:tier', [...flags, '--', ...projects], () => printFailedTests('test:tier'));
  },
  long(args) {
    turbo('build', ['--output-logs=errors-only']);
    run(process.execPath, ['--expose-gc', join(root, 'scripts', 'long.mjs'), ...args]);
  },
  lint: (args) => bin('biome', ['check', '.', ...args]),
  bench(args) {
    turbo('build');
    run(process.execPath, ['--expose-gc', join(root, 'packages', 'bench', 'dist', 'main.js'), ...args]);
  },
  fuzz(args) {
    turbo('build', ['--output-logs=errors-only']);
    run(process.execPath, [join(root, 'scripts', 'fuzz.mjs'), ...args]);
  },
  soak(args) {
    turbo('build', ['--output-logs=errors-only']);
    run(process.execPath, ['--expose-gc', join(root, 'scripts', 'soak.mjs'), ...args]);
  },
  'compat:build'(args) {
    run(process.execPath, [join(root, 'compat', 'scripts', 'build.mjs'), ...args]);
  },
  oracle(args) {
    turbo('build', ['--filter=@chipmunk-host/compat...', '--output-logs=errors-only']);
    run(process.execPath, [join(root, 'compat', 'scripts', 'oracle.mjs'), ...args]);
  },
  clean() {
    for (const path of [
      '.demo',
      '.turbo',
      ...members().flatMap((member) => [join(member, 'dist'), join(member, '.turbo')]),
    ])
      rmSync(join(root, path), { recursive: true, force: true });
  },
};

const [name, ...args] = process.argv.slice(2);
const command = commands[name];
if (command === undefined) fail(`unknown command '${name}'; expected one of: ${Object.keys(commands).join(', ')}`, 2);
requireNode();
if (name !== 'clean') install();
command(args);

function requireNode() {
  const required = engines.node.replace('>=', '').split('.').map(Number);
  const actual = process.versions.node.split('.').map(Number);
  const newer = actual.findIndex((part, i) => part !== required[i]);
  if (newer !== -1 && actual[newer] < required[newer])
    fail(`Node ${engines.node} is needed; this is ${process.version}. Install a newer Node and try again.`, 1);
}

/** Installs with the pinned pnpm, fetched through npm, unless the last install was of this very lock file. */
function install() {
  const stamp = createHash('sha256')
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .update(readFileSync(join(root, 'package.json')))
    .update(`${process.platform} ${process.arch}`)
    .digest('hex');
  if (existsSync(installStamp) && readFileSync(installStamp, 'utf8') === stamp) return;
  console.log(`Installing packages with ${packageManager} ...`);
  const pnpm = ['pnpm', 'install', '--frozen-lockfile', '--reporter=append-only'];
  npm(['exec', '--yes', `--package=${packageManager}`, '--', ...pnpm]);
  mkdirSync(dirname(installStamp), { recursive: true });
  writeFileSync(installStamp, stamp);
}

function members() {
  const groups = ['packages', 'plugins', 'internal'];
  return ['compat', ...groups.flatMap((group) => readdirSync(join(root, group)).map((name) => join(group, name)))];
}

/** Says at the end what failed, since the packages' output is long and mixed. */
function printFailedTests(task) {
  for (const member of members()) {
    const log = join(root, member, '.turbo', `turbo-${task.replace(':', '$colon$')}.log`);
    const [, failed] = existsSync(log)
      ? readFileSync(log, 'utf8').split(/^.*(?=Failed (?:Tests|Suites)|Unhandled Errors)/m)
      : [];
    if (failed !== undefined) console.error(`\n${member}: ${failed}`);
  }
}

function turbo(task, args = [], onFailure = undefined) {
  const logs = args.some((arg) => arg.startsWith('--output-logs')) ? [] : ['--output-logs=new-only'];
  bin('turbo', ['run', task, '--ui=stream', ...logs, ...args], onFailure);
}

/** The npm that runs this script, by its path: on Windows Node starts no `npm.cmd`. */
function npm(args) {
  const path = process.env.npm_execpath ?? '';
  if (path.endsWith('npm-cli.js')) run(process.execPath, [path, ...args]);
  else run('npm', args);
}

/** Runs a tool that is installed in this workspace by its JavaScript file, which Node can start on every system. */
function bin(tool, args, onFailure = undefined) {
  const folder = join(root, 'node_modules', PACKAGES_OF_TOOLS[tool]);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  run(process.execPath, [join(folder, manifest.bin[tool]), ...args], onFailure);
}

function run(file, args, onFailure = () => {}) {
  const path = `${join(root, 'node_modules', '.bin')}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`;
  const env = {
    ...process.env,
    PATH: path,
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
  };
  const { status, signal, error } = spawnSync(file, args, { cwd: root, stdio: 'inherit', env });
  if (error) fail(`cannot run ${file}: ${error.message}`, 1);
  if (signal) process.kill(process.pid, signal);
  if (status === 0) return;
  onFailure();
  process.exit(status ?? 1);
}

function fail(message, code) {
  console.error(message);
  process.exit(code);
}
