import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, mkdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { pluginFolder, tree, versionIn } from './store-support.js';
import { setStage } from './support.js';

const stage = setStage();
const PROGRAM = join(import.meta.dirname, 'storing-program-fixture.mjs');
/** Whoever has no rights; rights do not count for the administrator. */
const NOBODY = '65534';
const isAdministrator = process.getuid?.() === 0;

let source = '';
beforeAll(async () => {
  await chmod(stage.directory, 0o755);
  source = await pluginFolder(await stage.folder('sources'), 'x', 'two');
});

function add(root: string, from = source): unknown {
  const parameters = [PROGRAM, root, from, ...(isAdministrator ? [NOBODY] : [])];
  return JSON.parse(execFileSync(process.execPath, parameters, { encoding: 'utf8' }));
}

/** Runs shell commands where this user may mount file systems that nobody else sees. */
function mounting(script: string, ...parameters: string[]) {
  return spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'sh', '-ec', script, 'sh', ...parameters], {
    encoding: 'utf8',
  });
}
const canMount = mounting('mount -t tmpfs -o size=64k none "$1"', import.meta.dirname).status === 0;

/** Mounts a file system with a version of the plugin, adds another one, and prints what came of it and all that is there. */
const TRY = `
  cp -r "$2/." "$1"
  PREPARE
  "$3" "$4" "$1" "$5"
  cd "$1"
  find . -type f | sort
`;

async function tryOn(options: string, prepare: string, from = source) {
  const mountPoint = await stage.folder('mount');
  const before = await stage.folder('before');
  await pluginFolder(join(before, 'parsers'), 'x', 'one');
  const script = `mount -t tmpfs -o ${options} none "$1"${TRY.replace('PREPARE', prepare)}`;
  const run = mounting(script, mountPoint, before, process.execPath, PROGRAM, from);
  expect(run.stderr).toBe('');
  const [outcome = '', ...files] = run.stdout.trim().split('\n');
  return { outcome: JSON.parse(outcome) as unknown, files };
}

const UNCHANGED = ['./parsers/x/README.md', './parsers/x/x.toml', './parsers/x/x.wasm'];

describe.skipIf(!canMount)(`where file systems can be mounted${canMount ? '' : ' (not here)'}`, () => {
  test('a full disk is an error that says so, and nothing is half done', async () => {
    const large = await pluginFolder(await stage.folder('large'), 'x', 'two');
    await truncate(join(large, 'x.wasm'), 4 * 1024 * 1024);
    const { outcome, files } = await tryOn('size=1m', '', large);
    expect(outcome).toMatchObject({
      code: 'ERR_STORE_WRITE',
      message: expect.stringMatching(/x\.wasm' cannot be changed: the disk is full\.$/),
      help: 'Free some space and try again; nothing was changed.',
    });
    expect(files).toEqual(UNCHANGED);
  });

  test('a disk without room for another file is such an error, too', async () => {
    const { outcome, files } = await tryOn('size=1m,nr_inodes=8', '');
    expect(outcome).toMatchObject({ code: 'ERR_STORE_WRITE', message: expect.stringContaining('the disk is full') });
    expect(files).toEqual(UNCHANGED);
  });

  test('a file system that is read-only is an error that says so', async () => {
    const { outcome, files } = await tryOn('size=1m', 'mount -t tmpfs -o remount,ro,size=1m none "$1"');
    expect(outcome).toMatchObject({
      code: 'ERR_STORE_WRITE',
      message: expect.stringMatching(/cannot be changed: its file system is read-only\.$/),
    });
    expect(files).toEqual(UNCHANGED);
  });

  test('a folder of plugins on another file system is an error, and the plugin in it stays', async () => {
    const { outcome, files } = await tryOn(
      'size=1m',
      'mkdir "$1/other"; mount -t tmpfs -o size=1m none "$1/other"; mv "$1/parsers" "$1/other/"; ln -s other/parsers "$1/parsers"',
    );
    expect(outcome).toMatchObject({
      code: 'ERR_STORE_WRITE',
      message: expect.stringMatching(/it is on another file system than the plugins directory\.$/),
      help: 'Keep parsers/, bytesources/ and .chipmunk-host/ on one file system.',
    });
    expect(files).toEqual(UNCHANGED.map((path) => path.replace('./', './other/')));
  });
});

describe.skipIf(process.platform === 'win32')('without rights', () => {
  test('a plugins directory cannot be changed, and the error says so', async () => {
    const root = await stage.folder('read-only');
    await pluginFolder(join(root, 'parsers'), 'x', 'one');
    await chmod(root, 0o555);
    expect(add(root)).toMatchObject({
      code: 'ERR_STORE_WRITE',
      message: expect.stringMatching(
        /^'.*read-only\/\.chipmunk-host.*' cannot be changed: this user may not write there\.$/,
      ),
    });
    await chmod(root, 0o755);
    expect(await versionIn(join(root, 'parsers', 'x'))).toBe('one');
    expect(await tree(root)).toHaveLength(5);
  });

  test('the folder of a kind cannot be changed, and nothing is left', async () => {
    const root = await stage.folder('locked-kind');
    await pluginFolder(join(root, 'parsers'), 'x', 'one');
    await mkdir(join(root, '.chipmunk-host'));
    await chmod(join(root, '.chipmunk-host'), 0o777);
    await chmod(join(root, 'parsers'), 0o555);
    expect(add(root)).toMatchObject({
      code: 'ERR_STORE_WRITE',
      help: expect.stringContaining('Give this user the right'),
    });
    await chmod(join(root, 'parsers'), 0o755);
    expect(await versionIn(join(root, 'parsers', 'x'))).toBe('one');
    expect(await tree(join(root, '.chipmunk-host', 'staging'))).toEqual([]);
    expect(await tree(join(root, '.chipmunk-host', 'previous'))).not.toContain('parsers/x/');
  });

  test('a source cannot be read, and nothing is left', async () => {
    const root = await stage.folder('open');
    await chmod(root, 0o777);
    for (const [name, closed] of [
      ['closed-file', 'x.wasm'],
      ['closed-metadata', 'x.toml'],
      ['closed-folder', '.'],
    ] as const) {
      const folder = await pluginFolder(await stage.folder(name), 'x', 'one');
      await chmod(join(folder, closed), 0);
      expect(add(root, folder)).toMatchObject({
        code: 'ERR_STORE_SOURCE',
        message: expect.stringMatching(/cannot be read: EACCES/),
        help: 'Check your rights to it.',
      });
      await chmod(join(folder, closed), 0o755);
    }
    expect((await tree(root)).filter((path) => path.includes('parsers') || /staging\/./.test(path))).toEqual([]);
  });
});
