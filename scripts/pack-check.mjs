// npm run pack:check [-- --node PATH]… [--only TEXT] [--write]: installs the packed packages into empty projects with npm, pnpm and Yarn, and uses them there
// in every way that docs/embedding.md tells of. Needs the registry. `--write` writes the table of what ran where into that page.
//
//   --node PATH   another version of Node to run all of it with; may be given several times
//   --only TEXT   only what has TEXT in its name, such as `jest`
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { packAll, publishedPackages } from './pack.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = join(root, 'scripts', 'pack-check');
const PAGE = join(root, 'docs', 'embedding.md');
const EXPECTED = 'one two three four';
/** For a test that compiles a plugin on a busy machine. */
const PATIENCE_MS = 120_000;

/** What the projects install beside the packages; exact versions, so that a failure is one of ours. */
const TOOLS = {
  '@types/node': '20.19.43',
  esbuild: '0.28.2',
  jest: '30.5.2',
  typescript: '5.9.3',
  vitest: '4.1.12',
};
const YARN = '@yarnpkg/cli-dist@4.18.1';

const { values } = parseArgs({
  options: {
    node: { type: 'string', multiple: true, default: [] },
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
});
const work = mkdtempSync(join(tmpdir(), 'pack-check-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
const nodes = [process.execPath, ...values.node].map((path) => ({ path, version: run(work, path, ['-v']).trim() }));

/** How each package manager makes `folder` a project with the archives, and what to run it with. */
const managers = {
  npm(folder, archives) {
    project(folder, { overrides: archives, dependencies: { ...archives, ...TOOLS } });
    npm(folder, ['install', '--no-audit', '--no-fund', '--loglevel=error']);
  },
  pnpm(folder, archives) {
    project(folder, { dependencies: { ...archives, ...TOOLS } });
    const overrides = Object.entries(archives).map(([name, path]) => `  '${name}': '${path}'\n`);
    writeFileSync(join(folder, 'pnpm-workspace.yaml'), `packages: ['.']\noverrides:\n${overrides.join('')}`);
    const pnpm = join(root, 'node_modules', 'pnpm', 'bin', 'pnpm.cjs');
    run(folder, process.execPath, [pnpm, 'install', '--config.dangerously-allow-all-builds=true']);
  },
  yarn(folder, archives) {
    project(folder, { resolutions: archives, dependencies: { ...archives, ...TOOLS } });
    writeFileSync(join(folder, '.yarnrc.yml'), 'nodeLinker: node-modules\nenableTelemetry: false\n');
    writeFileSync(join(folder, 'yarn.lock'), '');
    const tool = join(work, 'yarn-tool');
    mkdirSync(tool, { recursive: true });
    npm(tool, ['install', '--prefix', tool, '--no-audit', '--no-fund', '--loglevel=error', YARN]);
    const yarn = join(tool, 'node_modules', '@yarnpkg', 'cli-dist', 'bin', 'yarn.js');
    // `no-immutable`: what CI sets by itself would refuse to write the lock file.
    run(folder, process.execPath, [yarn, 'install', '--no-immutable']);
  },
};

const tsc = (options) => (folder, node) => {
  const path = join(folder, 'node_modules', 'typescript', 'bin', 'tsc');
  const strict = ['--strict', '--noEmit', '--skipLibCheck', 'false', '--exactOptionalPropertyTypes', '--types', 'node'];
  run(folder, node, [path, ...strict, '--target', 'es2022', ...options, 'consumer.ts']);
};
const NO_DOM = ['--lib', 'es2022'];
const DOM = ['--lib', 'es2022,dom,dom.iterable'];
const NODENEXT = ['--module', 'nodenext'];
const BUNDLER = ['--module', 'esnext', '--moduleResolution', 'bundler'];

/** Each throws when it fails. */
const checks = {
  'ESM `import`': (folder, node) => expectOutput(run(folder, node, ['consumer.mjs', 'run'])),
  'CommonJS `require`': (folder, node) => expectOutput(run(folder, node, ['consumer.cjs'])),
  'TypeScript, `nodenext`': tsc([...NODENEXT, ...NO_DOM]),
  'TypeScript, `nodenext`, DOM': tsc([...NODENEXT, ...DOM]),
  'TypeScript, `bundler`': tsc([...BUNDLER, ...NO_DOM]),
  'TypeScript, `bundler`, DOM': tsc([...BUNDLER, ...DOM]),
  'bundled by esbuild': (folder, node) => {
    const esbuild = join(folder, 'node_modules', 'esbuild', 'bin', 'esbuild');
    const options = ['--bundle', '--platform=node', '--format=esm', '--external:@chipmunk-host/*'];
    run(folder, esbuild, ['consumer.mjs', ...options, '--outfile=bundle.mjs']);
    expectOutput(run(folder, node, ['bundle.mjs', 'run']));
  },
  'under `--permission`': (folder, node) => {
    const flag = run(folder, node, ['-p', 'process.allowedNodeEnvironmentFlags.has("--permission")']).trim();
    const permission = flag === 'true' ? '--permission' : '--experimental-permission';
    const allowed = ['--allow-worker', '--allow-fs-read=*'];
    expectOutput(run(folder, node, [permission, ...allowed, 'consumer.mjs', 'run']));
  },
  'in a worker thread': (folder, node) => expectOutput(run(folder, node, ['thread.mjs'])),
  'in `cluster`': (folder, node) => expectOutput(run(folder, node, ['cluster.mjs'])),
  'in vitest': (folder, node) => {
    run(folder, node, [
      join(folder, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      `--testTimeout=${PATIENCE_MS}`,
      'in-vitest.test.mjs',
    ]);
  },
  'in jest': (folder, node) => {
    const jest = join(folder, 'node_modules', 'jest', 'bin', 'jest.js');
    const config = JSON.stringify({ testMatch: ['**/in-jest.spec.mjs'], transform: {}, testTimeout: PATIENCE_MS });
    run(folder, node, ['--experimental-vm-modules', jest, '--ci', `--config=${config}`]);
  },
};

main();

function main() {
  const packed = packAll(join(work, 'packs'));
  const archives = Object.fromEntries(publishedPackages().map(({ name }) => [name, `file:${packed.get(name)}`]));
  const columns = [];
  for (const [name, install] of Object.entries(managers)) {
    const folder = join(work, name);
    mkdirSync(folder);
    cpSync(sources, folder, { recursive: true });
    console.log(`${name}: installing`);
    install(folder, archives);
    writeFileSync(join(folder, 'input.log'), 'three\nfour\n');
    for (const node of nodes) columns.push({ name, node, results: runChecks(name, folder, node) });
  }
  const failed = columns.flatMap(({ results }) => [...results.values()]).filter((result) => result !== 'yes');
  if (values.write && values.only === '') write(table(columns));
  console.log(failed.length === 0 ? 'pack:check: all of it works' : `pack:check: ${failed.length} do not work`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

function runChecks(name, folder, { path, version }) {
  const results = new Map();
  for (const [check, work] of Object.entries(checks)) {
    if (!check.includes(values.only)) continue;
    try {
      work(folder, path);
      results.set(check, 'yes');
    } catch (error) {
      results.set(check, '**no**');
      console.error(error.message);
    }
    console.log(`${name}, Node ${version}, ${check}: ${results.get(check)}`);
  }
  return results;
}

/** One column for each package manager: the versions of Node on which the check ran. */
function table(columns) {
  const names = Object.keys(managers);
  const rows = Object.keys(checks).map((check) => [
    check,
    ...names.map((name) =>
      columns
        .filter((column) => column.name === name)
        .map(({ node, results }) => `${node.version.slice(1)}${results.get(check) === 'yes' ? '' : ' (fails)'}`)
        .join(', '),
    ),
  ]);
  const all = [['', ...names], ...rows];
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  return [line(all[0]), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function write(text) {
  const page = readFileSync(PAGE, 'utf8');
  const written = page.replace(/(<!-- pack:check -->\n)[\s\S]*?(<!-- pack:check end -->)/, `$1\n${text}\n\n$2`);
  if (!written.includes(text)) throw new Error(`${PAGE} has no place for the table: <!-- pack:check -->`);
  writeFileSync(PAGE, written);
}

function project(folder, manifest) {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', ...manifest }, null, 2));
}

function expectOutput(text) {
  if (text.trim() !== EXPECTED) throw new Error(`expected '${EXPECTED}', got '${text.trim()}'`);
}

function npm(folder, args) {
  run(folder, 'npm', [...args, '--prefer-offline']);
}

function run(folder, program, args) {
  // What npm was told by the program that started this one is about this workspace. Children use the Node that is checked.
  const inherited = Object.entries(process.env).filter(([name]) => !/^(npm|pnpm)_/i.test(name));
  const env = { ...Object.fromEntries(inherited), CI: 'true' };
  if (program.includes('node')) env.PATH = `${dirname(program)}${delimiter}${env.PATH}`;
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: folder, encoding: 'utf8', env });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}
