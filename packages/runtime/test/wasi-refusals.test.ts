/** What is refused of names in a directory that the plugin may change, by the code that WASI has for it. */
import { constants } from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DescriptorLedger } from '#worker/wasi/filesystem/descriptor-ledger.js';
import { openerByPath } from '#worker/wasi/filesystem/host-directory.js';
import { WasiCalls } from './wasi-calls.js';

/** Numbers of `error-code`. */
const Code = {
  quota: 6,
  exist: 7,
  invalid: 12,
  isDirectory: 14,
  noEntry: 20,
  notDirectory: 24,
  notPermitted: 31,
} as const;

let granted: string;
let wasi: WasiCalls;
let directory: number;
const servers: Server[] = [];

beforeEach(async () => {
  granted = await realpath(await mkdtemp(join(tmpdir(), 'wasi-test-')));
  wasi = new WasiCalls({ directories: [{ guestPath: '/g', hostPath: granted, access: 'read-write' }] });
  directory = wasi.preopens()[0] ?? 0;
});
afterEach(async () => {
  wasi.host.close();
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  await rm(granted, { recursive: true, force: true });
});

const named = (method: string, path: string) => wasi.file(1, method, directory, ...wasi.text(path));
const renamed = (from: string, to: string) =>
  wasi.file(1, 'rename-at', directory, ...wasi.text(from), directory, ...wasi.text(to));

/** A name that is neither file nor directory nor link. */
async function socket(name: string): Promise<string> {
  const path = join(granted, name);
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return path;
}

test('what is no link has no target, and the target of an absolute link is not told', async () => {
  await writeFile(join(granted, 'file'), '');
  await symlink('/etc/passwd', join(granted, 'absolute'));
  await symlink('file', join(granted, 'link'));
  expect(wasi.file(4, 'readlink-at', directory, ...wasi.text('file'))).toBe(Code.invalid);
  expect(wasi.file(4, 'readlink-at', directory, ...wasi.text('absolute'))).toBe(Code.notPermitted);
  expect(wasi.file(4, 'readlink-at', directory, ...wasi.text('link'))).toBeUndefined();
});

test('a link to nothing, and one in the place of another name, are not made', async () => {
  await writeFile(join(granted, 'file'), '');
  const make = (target: string, path: string) =>
    wasi.file(1, 'symlink-at', directory, ...wasi.text(target), ...wasi.text(path));
  expect(make('', 'link')).toBe(Code.noEntry);
  expect(make('a', 'file')).toBe(Code.exist);
  expect(await readdir(granted)).toEqual(['file']);
});

test('files and directories are removed by the function for them alone', async () => {
  await writeFile(join(granted, 'file'), '');
  await mkdir(join(granted, 'folder'));
  expect(named('remove-directory-at', 'file')).toBe(Code.notDirectory);
  expect(named('remove-directory-at', '.')).toBe(Code.invalid);
  expect(named('unlink-file-at', 'folder')).toBe(Code.isDirectory);
  expect(await readdir(granted)).toEqual(['file', 'folder']);
});

test('a directory is not moved by the name that it has for itself', async () => {
  await mkdir(join(granted, 'folder'));
  expect(renamed('.', 'other')).toBe(Code.invalid);
  expect(renamed('folder', '.')).toBe(Code.invalid);
  expect(await readdir(granted)).toEqual(['folder']);
});

test('a name that is there is said to be there, also where there is no room for another', () => {
  const hostPath = join(granted, 'temporary');
  const bounded = new WasiCalls({ temporaryDirectory: { guestPath: '/t', hostPath, quota: { entries: 1 } } });
  const [top = 0] = bounded.preopens();
  const make = (name: string) => bounded.file(1, 'create-directory-at', top, ...bounded.text(name));
  expect([make('a'), make('a'), make('b')]).toEqual([undefined, Code.exist, Code.quota]);
  bounded.host.close();
});

test.runIf(process.platform === 'linux')(
  'nothing is made in a directory that was moved out of the tree meanwhile',
  async () => {
    const hostPath = join(granted, 'temporary');
    const bounded = new WasiCalls({ temporaryDirectory: { guestPath: '/t', hostPath } });
    const [top = 0] = bounded.preopens();
    expect(bounded.file(1, 'create-directory-at', top, ...bounded.text('held'))).toBeUndefined();
    // To be opened as a directory, to read in and to change.
    const held = bounded.open(top, 'held', 2, 33);
    expect(held).toBeGreaterThan(0);
    await rename(join(hostPath, 'held'), join(granted, 'elsewhere'));
    expect(bounded.file(1, 'create-directory-at', held, ...bounded.text('new'))).toBe(Code.noEntry);
    expect(await readdir(join(granted, 'elsewhere'))).toEqual([]);
    bounded.host.close();
  },
);

test.skipIf(process.platform === 'win32')(
  'sockets, as devices and pipes, are neither removed, moved, opened nor changed',
  async () => {
    const path = await socket('socket');
    await writeFile(join(granted, 'file'), '');
    expect(named('unlink-file-at', 'socket')).toBe(Code.notPermitted);
    expect(renamed('socket', 'other')).toBe(Code.notPermitted);
    expect(renamed('file', 'socket')).toBe(Code.notPermitted);
    expect(wasi.open(directory, 'socket')).toBe(-Code.notPermitted);
    const { mtimeMs } = await lstat(path);
    // No links followed; both times are to be now.
    expect(wasi.file(1, 'set-times-at', directory, 0, ...wasi.text('socket'), 1, 0n, 0, 1, 0n, 0)).toBe(
      Code.notPermitted,
    );
    expect((await lstat(path)).mtimeMs).toBe(mtimeMs);

    const ledger = new DescriptorLedger(4);
    const byPath = openerByPath(ledger)(granted);
    expect(() => byPath.openFile('socket', constants.O_RDONLY)).toThrow(
      expect.objectContaining({ code: 'not-permitted' }),
    );
    byPath.close();
    expect(ledger.size).toBe(0);
  },
);
