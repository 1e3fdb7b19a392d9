/** What becomes of plugins' temporary directories: however deep, whoever is killed, and where none can be made. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { sweepTemporaryDirectories } from '@chipmunk-host/hosts/internal';
import { newMark } from '@chipmunk-host/runtime/internal';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { removeTree } from '#shared/tree-removal.js';
import { line, prober } from './faults/prober.js';
import { watPlugin } from './faults/wat-plugin.js';

const FIXTURE = join(import.meta.dirname, 'temporary-program-fixture.mjs');
const PREFIX = 'chipmunk-host-';
/** Of nobody: whom rights are kept from, where the tests run as root. */
const OTHER_USER = 65_534;
const isRoot = process.getuid?.() === 0;

let root: string;
let plugin: string;
let usual: string | undefined;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hosts-test-'));
  await chmod(root, 0o755);
  plugin = join(root, 'prober.wasm');
  await writeFile(plugin, await watPlugin(prober()));
  usual = process.env.TMPDIR;
});
afterAll(() => rm(root, { recursive: true, force: true }));

let temporary: string;
let folders = 0;
beforeEach(async () => {
  temporary = join(root, `temporary-${folders++}`);
  await mkdir(temporary);
  process.env.TMPDIR = temporary;
});
afterEach(() => {
  if (usual === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = usual;
});

describe('a tree is removed', () => {
  /** Made from the inside out: its paths are too long to be named. */
  async function nested(levels: number, name: string): Promise<string> {
    let inner = join(temporary, 'inner-0');
    await mkdir(inner);
    await writeFile(join(inner, 'file'), 'x');
    for (let i = 1; i < levels; i++) {
      const outer = join(temporary, `inner-${i}`);
      await mkdir(outer);
      await rename(inner, join(outer, name));
      inner = outer;
    }
    const top = join(temporary, 'top');
    await rename(inner, top);
    return top;
  }

  test.each([
    [60, 'n'.repeat(100)],
    [1200, 'deep'],
  ])('of %i directories in each other', async (levels, name) => {
    const top = await nested(levels, name);
    await writeFile(join(top, 'beside'), '');
    await removeTree(top);
    expect(await readdir(temporary)).toEqual([]);
  });

  test('without following the links in it, also when one has the place of the tree', async () => {
    const outside = join(temporary, 'outside');
    await mkdir(join(outside, 'kept'), { recursive: true });
    const top = join(temporary, 'top');
    await mkdir(join(top, 'a', 'b', 'c'), { recursive: true });
    for (const at of [top, join(top, 'a'), join(top, 'a', 'b', 'c')]) await symlink(outside, join(at, 'link'));
    await removeTree(top);
    await symlink(outside, top);
    await removeTree(top);
    expect(await readdir(temporary)).toEqual(['outside']);
    expect(await readdir(outside)).toEqual(['kept']);
  });

  test('by two at once, and where there is none', async () => {
    const top = await nested(50, 'd');
    for (let i = 0; i < 200; i++) await writeFile(join(top, `file-${i}`), '');
    await Promise.all([removeTree(top), removeTree(top)]);
    await removeTree(top);
    await removeTree(join(plugin, 'below-a-file'));
    expect(await readdir(temporary)).toEqual([]);
  });
});

interface Told {
  readonly texts?: readonly string[];
  readonly made?: readonly string[];
  readonly status?: string;
  readonly error?: string;
  readonly logs?: readonly { source: string; message: string }[];
}

type Program = ChildProcessByStdio<Writable, Readable, null>;
const programs: Program[] = [];
afterEach(() => {
  for (const program of programs.splice(0)) program.kill('SIGKILL');
});

/** A session in a process of its own. */
async function start(input: string, { uid, lockedMode }: { uid?: number; lockedMode?: string } = {}) {
  const file = join(root, `input-${folders++}`);
  await writeFile(file, input);
  const home = join(root, `home-${folders++}`);
  await mkdir(home);
  if (uid !== undefined) await chown(home, uid, uid);
  const args = [FIXTURE, plugin, file, temporary, ...(lockedMode === undefined ? [] : [lockedMode])];
  const program: Program = spawn(process.execPath, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: home, HOME: home },
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  programs.push(program);
  const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
  const told = async (): Promise<Told> => JSON.parse((await lines.next()).value ?? '{}') as Told;
  return { program, told, goOn: () => program.stdin.write('\n') };
}

const USING = `${line('create-in-temporary', 'left')}last\n`;

describe('what killed processes left behind', () => {
  test('is swept, and what a living one uses is not', async () => {
    const killed = await start(USING);
    const [first] = (await killed.told()).made ?? [];
    const living = await start(USING);
    const { made = [] } = await living.told();
    expect(made.length).toBe(2);
    killed.program.kill('SIGKILL');
    await once(killed.program, 'exit');
    const swept = await sweepTemporaryDirectories();
    expect(swept).toMatchObject([{ path: join(temporary, first ?? ''), outcome: 'removed', madeAt: expect.any(Date) }]);
    expect(await readdir(temporary)).toEqual(made.filter((name) => name !== first));
    living.goOn();
    expect(await living.told()).toMatchObject({ status: 'completed', texts: ['ok', 'last\n'] });
    expect(await readdir(temporary)).toEqual([]);
  });

  /** A mark with some of its parts replaced: time, process id, start of the process, machine. */
  const mark = (...parts: readonly (string | undefined)[]) =>
    newMark()
      .split('-')
      .map((part, i) => parts[i] ?? part)
      .join('-');
  const folder = async (name: string) => {
    await mkdir(join(temporary, PREFIX + name));
    return join(temporary, PREFIX + name);
  };

  test('is left alone where its process may be alive, or is another’s business', async () => {
    const yesterday = (Date.now() - 25 * 3600 * 1000).toString(36).padStart(9, '0');
    const own = await folder(mark());
    const ofContainer = await folder(mark(undefined, undefined, undefined, '00000000'));
    const ofContainerOfYesterday = await folder(mark(yesterday, undefined, undefined, '00000000'));
    const strange = await folder('3f0c8a52-7a54-4a0d-9a55-0d9a1c3fbd63');
    const link = join(temporary, PREFIX + mark(undefined, '2147483647'));
    await symlink(own, link);
    const file = join(temporary, PREFIX + mark(undefined, '2147483646'));
    await writeFile(file, '');
    const before = await readdir(temporary);
    expect(await sweepTemporaryDirectories()).toMatchObject([{ path: ofContainerOfYesterday, outcome: 'foreign' }]);
    expect(await readdir(temporary)).toEqual(before);
    expect(before.length).toBe([own, ofContainer, ofContainerOfYesterday, strange, link, file].length);
  });

  test.runIf(process.platform === 'linux')('is swept when its process id is another process’s by now', async () => {
    const recycled = await folder(mark(undefined, String(process.pid), '1'));
    expect(await sweepTemporaryDirectories()).toMatchObject([{ path: recycled, outcome: 'removed' }]);
  });

  test.runIf(isRoot)('is left alone when another user made it', async () => {
    const path = await folder(mark(undefined, '2147483647'));
    await chown(path, OTHER_USER, OTHER_USER);
    expect(await sweepTemporaryDirectories()).toEqual([]);
    expect(existsSync(path)).toBe(true);
  });

  test('a missing folder for temporary files is no failure', async () => {
    process.env.TMPDIR = join(temporary, 'missing');
    expect(await sweepTemporaryDirectories()).toEqual([]);
  });
});

describe('where no temporary directory can be made', () => {
  const told = 'cannot be made';
  const advice = 'Set TMPDIR to a directory that this user may write to.';

  test('a plugin that uses none works; one that uses it gets an error, and the user the reason', async () => {
    temporary = plugin;
    const without = await start('first\nlast\n');
    expect(await without.told()).toEqual({ made: [] });
    without.goOn();
    expect(await without.told()).toEqual({ status: 'completed', texts: ['first\n', 'last\n'], logs: [] });
    const using = await start(USING + USING);
    const notDirectory = '24';
    await using.told();
    using.goOn();
    const end = await using.told();
    expect(end).toMatchObject({ status: 'completed', logs: [{ source: 'host' }] });
    expect(end.texts).toEqual([notDirectory, 'last\n', notDirectory, 'last\n']);
    expect(end.logs?.[0]?.message).toMatch(/cannot be made: ENOTDIR/);
    expect(end.logs?.[0]?.message).toContain(advice);
  });

  test.runIf(process.getuid !== undefined)('since this user may not search the folder', async () => {
    await chmod(temporary, 0o000);
    const uid = isRoot ? { uid: OTHER_USER } : {};
    const using = await start(`first\n${USING}`, uid);
    await using.told();
    using.goOn();
    const end = await using.told();
    expect(end).toMatchObject({ status: 'completed', texts: ['first\n', '00', 'last\n'] });
    expect(end.logs?.[0]?.message).toContain(`${told}: EACCES`);
    await chmod(temporary, 0o700);
  });
});

test.runIf(process.getuid !== undefined)('a directory that cannot be removed is a warning', async () => {
  const uid = isRoot ? { uid: OTHER_USER } : {};
  if (isRoot) await chown(temporary, OTHER_USER, OTHER_USER);
  const session = await start(USING, { ...uid, lockedMode: '500' });
  const { made } = await session.told();
  session.goOn();
  const end = await session.told();
  expect(end).toMatchObject({ status: 'completed', texts: ['ok', 'last\n'], logs: [{ source: 'host' }] });
  expect(end.logs?.[0]?.message).toMatch(/temporary directory .* could not be removed.*EACCES/);
  expect(end.logs?.[0]?.message).toContain(made?.[0]);
});
