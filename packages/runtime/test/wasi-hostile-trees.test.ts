/** Granted directories in which another process moves things about while the plugin looks, and what else a tree can hold. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lutimesSync, statSync } from 'node:fs';
import { link, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FILES, RESULT, STREAMS, WasiCalls } from './wasi-calls.js';

const Code = { exist: 7, quota: 6, tooLarge: 8, invalid: 12, tooLong: 18, noEntry: 20, notPermitted: 31 } as const;
const [CREATE, TRUNCATE] = [1, 8];
const READ_WRITE = 3;
/** Tags of `new-timestamp`. */
const [NO_CHANGE, NOW, AT] = [0, 1, 2];

let root: string;
let granted: string;
let outside: string;
const made: WasiCalls[] = [];
const calls = (...options: ConstructorParameters<typeof WasiCalls>) => {
  const wasi = new WasiCalls(...options);
  made.push(wasi);
  return wasi;
};
const grant = (access: 'read' | 'read-write', only?: readonly string[]) =>
  calls({ directories: [{ guestPath: '/g', hostPath: granted, access, ...(only === undefined ? {} : { only }) }] });
const temporary = (quota = {}) =>
  calls({ temporaryDirectory: { guestPath: '/t', hostPath: join(root, 'temporary'), quota } });

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'wasi-test-')));
  [granted, outside] = [join(root, 'granted'), join(root, 'outside')];
  await mkdir(join(granted, 'directory', 'deep'), { recursive: true });
  await mkdir(outside);
});
afterEach(async () => {
  for (const { host } of made.splice(0)) host.close();
  await rm(root, { recursive: true, force: true });
});

const drop = (wasi: WasiCalls, handle: number) => wasi.call(FILES, '[resource-drop]descriptor', handle);

/** What is in a file; the number of the error code, negative, when it cannot be opened or read. */
function read(wasi: WasiCalls, directory: number, path: string): string | number {
  const file = wasi.open(directory, path);
  if (file < 0) return file;
  const code = wasi.file(4, 'read', file, 100n, 0n);
  const content = code === undefined ? wasi.bytesAt(RESULT + 4).toString() : -code;
  drop(wasi, file);
  return content;
}

test.skipIf(process.platform === 'win32')(
  'another process that swaps directories, files, links and FIFOs shows the plugin nothing from outside, and stops it nowhere',
  async () => {
    const names = ['file', 'directory/file', 'directory/deep/file'];
    for (const name of names) await writeFile(join(granted, name), 'inside');
    await writeFile(join(outside, 'file'), 'secret');
    const fixture = join(import.meta.dirname, 'swapping-program-fixture.mjs');
    const swapping = spawn(process.execPath, [fixture, granted, outside], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(swapping.stdout, 'data');
      const wasi = grant('read-write');
      const [directory = 0] = wasi.preopens();
      const paths = [...names, 'directory/deep/../file', 'directory/deep/../../file', 'directory/../file'];
      const counts = new Map<string | number, number>();
      // Until both have been met often, however fast either process is.
      const isEnough = () => (counts.get('inside') ?? 0) > 500 && (counts.get(-Code.noEntry) ?? 0) > 100;
      for (let i = 0; !isEnough() && swapping.exitCode === null; i++) {
        const got = read(wasi, directory, paths[i % paths.length] ?? '');
        counts.set(got, (counts.get(got) ?? 0) + 1);
        // Made and removed where the plugin may write: never outside.
        const added = wasi.open(directory, `directory/deep/../new-${i}`, CREATE, READ_WRITE);
        if (added > 0) drop(wasi, added);
      }
      swapping.kill('SIGKILL');
      await once(swapping, 'exit');
      expect([...counts.keys()].filter((got) => typeof got === 'string')).toEqual(['inside']);
      expect(counts.get('inside')).toBeGreaterThan(500);
      const left = await readdir(outside, { recursive: true });
      expect(left.filter((name) => name.startsWith('new-'))).toEqual([]);
      expect(await readFile(join(outside, 'file'), 'utf8')).toBe('secret');
    } finally {
      swapping.kill('SIGKILL');
    }
  },
);

describe('a listing', () => {
  /** Names, until the end. */
  function list(wasi: WasiCalls, directory: number): string[] {
    expect(wasi.file(4, 'read-directory', directory)).toBeUndefined();
    const entries = wasi.view.getUint32(RESULT + 4, true);
    const names: string[] = [];
    for (;;) {
      wasi.call(FILES, '[method]directory-entry-stream.read-directory-entry', entries, RESULT);
      expect(wasi.view.getUint8(RESULT)).toBe(0);
      if (wasi.view.getUint8(RESULT + 4) === 0) break;
      names.push(wasi.bytesAt(RESULT + 12).toString());
    }
    wasi.call(FILES, '[resource-drop]directory-entry-stream', entries);
    return names;
  }

  test('of thousands of entries is read a few at a time, and of what was granted by name only that', async () => {
    const count = 3000;
    for (let i = 0; i < count; i++) await symlink('nowhere', join(granted, `entry-${i}`));
    const all = grant('read');
    const [directory = 0] = all.preopens();
    expect(list(all, directory).length).toBe(count + 1);
    const some = grant('read', ['entry-7', 'directory', 'missing']);
    const [named = 0] = some.preopens();
    expect(list(some, named).sort()).toEqual(['directory', 'entry-7']);
    expect(list(some, some.open(named, 'directory/..')).sort()).toEqual(['directory', 'entry-7']);
    expect(list(some, some.open(named, 'directory'))).toEqual(['deep']);
  });
});

describe('times', () => {
  const setTimes = (
    wasi: WasiCalls,
    base: number,
    path: string,
    accessed: [number, bigint, number],
    modified: [number, bigint, number],
    follows = 1,
  ) => wasi.file(1, 'set-times-at', base, follows, ...wasi.text(path), ...accessed, ...modified);

  test('are set in what may be changed alone', async () => {
    await writeFile(join(granted, 'file'), '');
    const wasi = grant('read');
    const [directory = 0] = wasi.preopens();
    const before = statSync(join(granted, 'file')).mtimeMs;
    expect(setTimes(wasi, directory, 'file', [NOW, 0n, 0], [AT, 1n, 0])).toBe(Code.notPermitted);
    const file = wasi.open(directory, 'file');
    for (const handle of [file, directory])
      expect(wasi.file(1, 'set-times', handle, NOW, 0n, 0, AT, 1n, 0)).toBe(Code.notPermitted);
    expect(statSync(join(granted, 'file')).mtimeMs).toBe(before);
  });

  test('of a link are its own, and never those of what it points to outside', async () => {
    await writeFile(join(outside, 'file'), '');
    const before = statSync(join(outside, 'file')).mtimeMs;
    await symlink('../outside/file', join(granted, 'out'));
    const wasi = grant('read-write');
    const [directory = 0] = wasi.preopens();
    expect(setTimes(wasi, directory, 'out', [AT, 1n, 0], [AT, 1n, 0], 1)).toBe(Code.notPermitted);
    expect(setTimes(wasi, directory, 'out', [AT, 1n, 0], [AT, 1n, 0], 0)).toBeUndefined();
    expect(statSync(join(outside, 'file')).mtimeMs).toBe(before);
  });

  test('before 1970 stay what they are when they are not to be changed', async () => {
    await writeFile(join(granted, 'old'), '');
    lutimesSync(join(granted, 'old'), '-86400', '-86400');
    const wasi = grant('read-write');
    const [directory = 0] = wasi.preopens();
    expect(setTimes(wasi, directory, 'old', [AT, 5n, 0], [NO_CHANGE, 0n, 0])).toBeUndefined();
    expect(statSync(join(granted, 'old'))).toMatchObject({ atimeMs: 5000, mtimeMs: -86_400_000 });
    const file = wasi.open(directory, 'old');
    expect(wasi.file(1, 'set-times', file, AT, 6n, 0, NO_CHANGE, 0n, 0)).toBeUndefined();
    expect(statSync(join(granted, 'old'))).toMatchObject({ atimeMs: 6000, mtimeMs: -86_400_000 });
  });

  test('that are too far away, or no times, are refused or cut, and can be read again', async () => {
    await writeFile(join(granted, 'file'), '');
    const wasi = grant('read-write');
    const [directory = 0] = wasi.preopens();
    for (const time of [
      [AT, -1n, 0],
      [AT, 1n << 60n, 0],
      [AT, 0n, 1_000_000_000],
      [AT, 0n, -1],
      [3, 0n, 0],
    ] as const)
      expect(setTimes(wasi, directory, 'file', [...time], [NO_CHANGE, 0n, 0]), String(time)).toBe(Code.invalid);
    // File systems have years of their own that they end at.
    expect(setTimes(wasi, directory, 'file', [AT, 8_640_000_000_000n, 0], [AT, 8_640_000_000_000n, 0])).toBeUndefined();
    expect(wasi.file(8, 'stat-at', directory, 1, ...wasi.text('file'))).toBeUndefined();
  });
});

describe('names', () => {
  test('of many bytes, and of odd ones, are names like others', async () => {
    const wasi = temporary();
    const [directory = 0] = wasi.preopens();
    for (const name of ['n'.repeat(255), 'ü'.repeat(127), '\n', ' ', '~', '-rf', '*', '...', 'a\\b', '\u202e']) {
      const file = wasi.open(directory, name, CREATE, READ_WRITE);
      expect(file, JSON.stringify(name)).toBeGreaterThan(0);
      drop(wasi, file);
      expect(wasi.file(1, 'unlink-file-at', directory, ...wasi.text(name))).toBeUndefined();
    }
    for (const name of ['n'.repeat(256), 'ü'.repeat(128)])
      expect(wasi.open(directory, name, CREATE, READ_WRITE)).toBe(-Code.tooLong);
    expect(await readdir(join(root, 'temporary'))).toEqual([]);
  });
});

describe.skipIf(process.platform === 'win32')('special files', () => {
  test('are looked at and refused, and nothing waits for them', async () => {
    execFileSync('mkfifo', [join(granted, 'fifo')]);
    const server = createServer();
    server.listen(join(granted, 'socket'));
    await once(server, 'listening');
    await symlink('fifo', join(granted, 'to-fifo'));
    const wasi = grant('read-write');
    const [directory = 0] = wasi.preopens();
    for (const name of ['fifo', 'socket', 'to-fifo'])
      for (const [flags, access] of [
        [0, 1],
        [0, READ_WRITE],
        [CREATE, READ_WRITE],
        [TRUNCATE, READ_WRITE],
      ] as const)
        expect(wasi.open(directory, name, flags, access), `${name} ${flags}`).toBe(-Code.notPermitted);
    for (const name of ['fifo', 'socket']) {
      expect(wasi.file(1, 'unlink-file-at', directory, ...wasi.text(name))).toBe(Code.notPermitted);
      expect(wasi.file(1, 'link-at', directory, 0, ...wasi.text(name), directory, ...wasi.text('x'))).toBe(
        Code.notPermitted,
      );
    }
    server.close();
  });
});

describe('what is stored', () => {
  const QUOTA = { fileBytes: 1000, totalBytes: 1500 };
  const write = (wasi: WasiCalls, file: number, byteLength: number, offset: bigint) =>
    wasi.file(8, 'write', file, 4096, byteLength, offset);
  const append = (wasi: WasiCalls, stream: number, byteLength: number) => {
    wasi.call(STREAMS, '[method]output-stream.write', stream, 4096, byteLength, RESULT);
    return wasi.view.getUint8(RESULT);
  };

  test('is bounded at the last byte, through every offset, stream and size', async () => {
    const wasi = temporary(QUOTA);
    const [directory = 0] = wasi.preopens();
    const file = wasi.open(directory, 'file', CREATE, READ_WRITE);
    expect(write(wasi, file, 1, 999n)).toBeUndefined();
    expect(write(wasi, file, 2, 999n)).toBe(Code.tooLarge);
    expect(write(wasi, file, 1, 1000n)).toBe(Code.tooLarge);
    expect(write(wasi, file, 1, BigInt(Number.MAX_SAFE_INTEGER))).toBe(Code.tooLarge);
    expect(write(wasi, file, 1, 1n << 53n)).toBe(Code.invalid);
    expect(write(wasi, file, 1, -1n)).toBe(Code.invalid);
    expect(wasi.file(1, 'set-size', file, 1001n)).toBe(Code.tooLarge);
    // Nothing is written, so nothing gets larger.
    expect(write(wasi, file, 0, 5000n)).toBeUndefined();
    expect(wasi.file(4, 'append-via-stream', file)).toBeUndefined();
    const end = wasi.view.getUint32(RESULT + 4, true);
    expect(append(wasi, end, 1)).toBe(1);
    expect(wasi.file(1, 'set-size', file, 990n)).toBeUndefined();
    expect(append(wasi, end, 10)).toBe(0);
    expect(append(wasi, end, 1)).toBe(1);
    expect(statSync(join(root, 'temporary', 'file')).size).toBe(1000);
    const other = wasi.open(directory, 'other', CREATE, READ_WRITE);
    expect(write(wasi, other, 1, 500n)).toBe(Code.quota);
    expect(write(wasi, other, 500, 0n)).toBeUndefined();
  });

  test('by two names counts once, and as long as it has one or is open', async () => {
    const wasi = temporary(QUOTA);
    const [directory = 0] = wasi.preopens();
    const file = wasi.open(directory, 'file', CREATE, READ_WRITE);
    expect(write(wasi, file, 1000, 0n)).toBeUndefined();
    const linked = wasi.file(1, 'link-at', directory, 0, ...wasi.text('file'), directory, ...wasi.text('again'));
    expect(linked).toBeUndefined();
    const again = wasi.open(directory, 'again', 0, READ_WRITE);
    expect(write(wasi, again, 1000, 0n)).toBeUndefined();
    const other = wasi.open(directory, 'other', CREATE, READ_WRITE);
    const hasRoom = () => write(wasi, other, 1, 500n) === undefined;
    const unlink = (name: string) => wasi.file(1, 'unlink-file-at', directory, ...wasi.text(name));
    expect(hasRoom()).toBe(false);
    expect([unlink('file'), hasRoom(), unlink('again'), hasRoom()]).toEqual([undefined, false, undefined, false]);
    drop(wasi, file);
    expect(hasRoom()).toBe(false);
    drop(wasi, again);
    expect(hasRoom()).toBe(true);
  });

  test('outside by a hard link in a read-only grant is read and not changed', async () => {
    await writeFile(join(outside, 'file'), 'shared');
    await link(join(outside, 'file'), join(granted, 'hard'));
    const wasi = grant('read');
    const [directory = 0] = wasi.preopens();
    expect(read(wasi, directory, 'hard')).toBe('shared');
    expect(wasi.open(directory, 'hard', 0, READ_WRITE)).toBe(-Code.notPermitted);
    expect(wasi.open(directory, 'hard', TRUNCATE, 1)).toBe(-Code.notPermitted);
    expect(await readFile(join(outside, 'file'), 'utf8')).toBe('shared');
  });
});
