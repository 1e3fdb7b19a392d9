// Runs the workspace's commands (the keys of `commands` below) from a bare clone: it needs Node, npm and git,
// installs what the lock file names when that has changed, and hands the work to turbo.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publishedPackages } from './pack.mjs';
import { TIERS } from './test-tiers.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { engines, packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const installStamp = join(root, 'node_modules', '.install-stamp');

const commands = {
  demo(args) {
    turbo('build', ['--filter=@chipmunk-host/cli...', '--output-logs=errors-only']);
    run(process.execPath, [join(root, 'scripts', 'demo.mjs'), ...args]);
  },
  build: (args) => turbo('build', args),
  check() {
    // What did not change comes from turbo's cache. Not `--only`: it would leave other packages' changes out of what turbo compares.
    const quiet = '--output-logs=errors-only';
    inParts({
      lint,
      build: () => turbo('build', [quiet]),
      types: () => turbo('typecheck', [quiet]),
      'unit tests': () => runTiers(['unit'], [quiet]),
    });
  },
  test() {
    lint();
    turbo('build');
    turbo('typecheck');
    // Each package's tests take all processors already: more at once only make each other slow.
    turbo('test', ['--concurrency=2', '--continue'], () => printFailedTests('test'));
  },
  'test:tier'(names) {
    const unknown = names.filter((name) => !TIERS.includes(name));
    if (names.length === 0 || unknown.length > 0)
      fail(
        `Name tiers of tests: ${TIERS.join(', ')}${unknown.length > 0 ? `; there is no ${unknown.join(', ')}` : ''}.`,
        2,
      );
    turbo('build', ['--output-logs=errors-only']);
    // Always run, though nothing changed; `--only` leaves the build as it is.
    runTiers(names, ['--only', '--force']);
  },
  long(args) {
    turbo('build', ['--output-logs=errors-only']);
    run(process.execPath, ['--expose-gc', join(root, 'scripts', 'long.mjs'), ...args]);
  },
  lint,
  pack() {
    // Built anew: a published package must have no file of a build before, which turbo's cache keeps, too.
    for (const { folder } of publishedPackages()) rmSync(join(folder, 'dist'), { recursive: true, force: true });
    turbo('build', ['--filter=./packages/*', '--force', '--output-logs=errors-only']);
    run(process.execPath, [join(root, 'scripts', 'pack.mjs')]);
  },
  'pack:check'(args) {
    turbo('build', ['--filter=./packages/*', '--output-logs=errors-only']);
    run(process.execPath, [join(root, 'scripts', 'pack-check.mjs'), ...args]);
  },
  docs() {
    turbo('build', ['--filter=./packages/*', '--output-logs=errors-only']);
    const folder = join(root, 'internal', 'api-docs');
    const typedoc = createRequire(join(folder, 'package.json')).resolve('typedoc/package.json');
    run(process.execPath, [join(dirname(typedoc), 'bin', 'typedoc'), '--options', join(folder, 'typedoc.config.mjs')]);
    console.log('The API reference is in dist/api/index.html');
  },
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
  golden(args) {
    turbo('build', ['--output-logs=errors-only']);
    run(process.execPath, [join(root, 'scripts', 'golden.mjs'), ...args]);
  },
  mutants(args) {
    turbo('build', ['--output-logs=errors-only']);
    run(process.execPath, [join(root, 'scripts', 'mutants.mjs'), ...args]);
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
      'packs',
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

/** The tiers are named by the environment: turbo takes arguments to be of all tasks, and would build anew for them. */
function runTiers(names, flags) {
  process.env.TEST_TIERS = names.join(' ');
  turbo('test:tier', ['--concurrency=2', '--continue', ...flags], () => printFailedTests('test:tier'));
}

/** Runs the parts one after the other up to the first that fails, and prints how long each took. */
function inParts(parts) {
  const marks = [];
  // A part that fails ends the process.
  process.on('exit', () => {
    marks.push({ part: 'all', at: performance.now() });
    for (const [i, { part, at }] of marks.entries()) {
      const ms = part === 'all' ? at - marks[0].at : marks[i + 1].at - at;
      console.log(`${part.padEnd(12)}${(ms / 1000).toFixed(1).padStart(7)} s`);
    }
  });
  for (const [part, work] of Object.entries(parts)) {
    marks.push({ part, at: performance.now() });
    work();
  }
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

function lint(args = []) {
  run(process.execPath, [join(root, 'scripts', 'lint.mjs'), ...args]);
}

function turbo(task, args = [], onFailure = undefined) {
  const logs = args.some((arg) => arg.startsWith('--output-logs')) ? [] : ['--output-logs=new-only'];
  // By its JavaScript file: on Windows Node starts no `turbo.cmd`.
  const path = createRequire(import.meta.url).resolve('turbo/bin/turbo');
  run(process.execPath, [path, 'run', task, '--ui=stream', ...logs, ...args], onFailure);
}

/** The npm that runs this script, by its path: on Windows Node starts no `npm.cmd`. */
function npm(args) {
  // biome-ignore lint/suspicious/noUndeclaredEnvVars: turbo does not run this script.
  const path = process.env.npm_execpath ?? '';
  if (path.endsWith('npm-cli.js')) run(process.execPath, [path, ...args]);
  else run('npm', args);
}

function run(file, args, onFailure = () => {}) {
  const path = `${join(root, 'node_modules', '.bin')}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`;
  const env = {
    ...process.env,
    PATH: path,
    NODE_OF_TESTS: process.version,
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
