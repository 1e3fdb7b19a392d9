import { readdirSync } from 'node:fs';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PluginContractError, PluginExit } from '@chipmunk-host/runtime/internal/worker';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FILES, RESULT, STREAMS, WasiCalls } from './wasi-calls.js';

/** Numbers of `error-code`. */
const Code = { access: 0, exist: 7, tooLarge: 8, illegal: 9, invalid: 12, loop: 15, tooLong: 18, noEntry: 20 } as const;
const [OUT_OF_MEMORY, NOT_DIRECTORY, NOT_PERMITTED, CROSS_DEVICE] = [22, 24, 31, 36];
const CREATE = 1;
const READ_WRITE = 3;
const onWindows = process.platform === 'win32';

let root: string;
let granted: string;
const hosts: WasiCalls[] = [];
const calls = (...options: ConstructorParameters<typeof WasiCalls>) => {
  const made = new WasiCalls(...options);
  hosts.push(made);
  return made;
};
const writable = () =>
  calls({ directories: [{ guestPath: '/g', hostPath: granted, access: 'read-write' }], clock: { unixMs: 0 } });

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'wasi-test-')));
  granted = join(root, 'granted');
  await mkdir(granted);
  await writeFile(join(root, 'secret'), 'secret');
});
afterEach(async () => {
  for (const made of hosts.splice(0)) made.host.close();
  await rm(root, { recursive: true, force: true });
});

describe('paths', () => {
  test('no path leads out of a directory', async () => {
    await mkdir(join(granted, 'sub'));
    await symlink('../secret', join(granted, 'up'));
    await symlink(join(root, 'secret'), join(granted, 'absolute'));
    await symlink('..', join(granted, 'parent'));
    await symlink('sub/../../secret', join(granted, 'crooked'));
    await symlink('turn', join(granted, 'turn'));
    const wasi = writable();
    const [directory = 0] = wasi.preopens();
    for (const path of [
      '..',
      '../secret',
      'sub/../../secret',
      'sub/../..',
      '/etc/passwd',
      'up',
      'absolute',
      'parent/secret',
      'crooked',
      './/../granted/../secret',
    ])
      expect(wasi.open(directory, path), path).toBe(-NOT_PERMITTED);
    // A path of Windows does not begin with a slash, so it is one name there, with characters that no name has.
    const refusal = onWindows ? Code.invalid : NOT_PERMITTED;
    expect(wasi.open(directory, join(root, 'secret'))).toBe(-refusal);
    for (const path of ['..', 'up', 'absolute'])
      expect(wasi.open(directory, path, CREATE, READ_WRITE), path).toBe(-NOT_PERMITTED);
    expect(wasi.open(directory, 'turn')).toBe(-Code.loop);
    expect(await readFile(join(root, 'secret'), 'utf8')).toBe('secret');
  });

  test('a directory opened below a grant is a start of its own: nothing above it is reached', async () => {
    await mkdir(join(granted, 'sub'));
    await writeFile(join(granted, 'beside'), '');
    await symlink('../beside', join(granted, 'sub', 'link'));
    const wasi = writable();
    const [directory = 0] = wasi.preopens();
    expect(wasi.open(directory, 'sub/link')).toBeGreaterThan(0);
    const sub = wasi.open(directory, 'sub');
    expect(wasi.open(sub, '../beside')).toBe(-NOT_PERMITTED);
    expect(wasi.open(sub, 'link')).toBe(-NOT_PERMITTED);
  });

  test('names that are not granted stay hidden behind every way to the directory', async () => {
    await mkdir(join(granted, 'tree'));
    await writeFile(join(granted, 'hidden'), '');
    await mkdir(join(granted, 'deep'));
    await mkdir(join(granted, 'deep', 'target'));
    await writeFile(join(granted, 'deep', 'beside'), '');
    await symlink('deep/target', join(granted, 'linked'));
    const only = ['tree', 'linked', 'missing'];
    const wasi = calls({ directories: [{ guestPath: '/g', hostPath: granted, access: 'read-write', only }] });
    const [directory = 0] = wasi.preopens();
    const again = wasi.open(directory, '.');
    const around = wasi.open(directory, 'tree/..');
    for (const start of [directory, again, around]) {
      expect(start).toBeGreaterThan(0);
      expect(wasi.open(start, 'hidden')).toBe(-Code.noEntry);
      expect(wasi.open(start, 'tree/../hidden')).toBe(-Code.noEntry);
      expect(wasi.open(start, 'new', CREATE, READ_WRITE)).toBe(-Code.noEntry);
      expect(wasi.file(1, 'symlink-at', start, ...wasi.text('hidden'), ...wasi.text('tree/sly'))).not.toBe(
        Code.invalid,
      );
      expect(wasi.open(start, 'tree/sly')).toBe(-Code.noEntry);
      expect(wasi.open(start, 'linked')).toBeGreaterThan(0);
      expect(wasi.open(start, 'linked/../beside')).toBe(-NOT_PERMITTED);
      expect(wasi.open(start, 'deep/beside')).toBe(-Code.noEntry);
    }
    // A granted name that the plugin turns into a link still leads nowhere else.
    expect(wasi.file(1, 'symlink-at', directory, ...wasi.text('hidden'), ...wasi.text('missing'))).toBeUndefined();
    expect(wasi.open(directory, 'missing')).toBe(-Code.noEntry);
    expect(wasi.file(1, 'rename-at', directory, ...wasi.text('hidden'), directory, ...wasi.text('tree/h'))).toBe(
      Code.noEntry,
    );
  });

  test('malformed paths are refused', () => {
    const wasi = writable();
    const [directory = 0] = wasi.preopens();
    expect(wasi.open(directory, '')).toBe(-Code.noEntry);
    expect(wasi.open(directory, 'a\0b')).toBe(-Code.invalid);
    expect(wasi.open(directory, 'x'.repeat(5000))).toBe(-Code.tooLong);
    // Windows says of a name that is too long that there is no such file.
    expect(wasi.open(directory, 'x'.repeat(300))).toBe(onWindows ? -Code.noEntry : -Code.tooLong);
    const [pointer] = wasi.text('xx');
    wasi.view.setUint8(pointer, 0xff);
    expect(wasi.file(4, 'open-at', directory, 0, pointer, 2, 0, 1)).toBe(Code.illegal);
  });
});

describe('links and renames', () => {
  test('links are made that descend only', async () => {
    const wasi = writable();
    const [directory = 0] = wasi.preopens();
    const make = (target: string) =>
      wasi.file(1, 'symlink-at', directory, ...wasi.text(target), ...wasi.text(`link-${target.length}`));
    for (const target of ['..', '../secret', 'a/../b', '/etc', 'C:\\x'])
      expect(make(target), target).toBe(NOT_PERMITTED);
    expect(make('a/b')).toBeUndefined();
    expect(await readlink(join(granted, 'link-3'))).toBe(join('a', 'b'));
    expect((await readdir(granted)).length).toBe(1);
  });

  test('a link that climbs is not moved to where it would lead out, nor linked', async () => {
    await mkdir(join(granted, 'a'));
    await symlink('../b', join(granted, 'a', 'link'));
    await writeFile(join(granted, 'b'), '');
    const wasi = writable();
    const [directory = 0] = wasi.preopens();
    const move = (method: string, ...flags: number[]) =>
      wasi.file(1, method, directory, ...flags, ...wasi.text('a/link'), directory, ...wasi.text('link'));
    expect(move('rename-at')).toBe(NOT_PERMITTED);
    expect(move('link-at', 0)).toBe(NOT_PERMITTED);
    expect(await readdir(granted)).toEqual(['a', 'b']);
  });

  test('nothing is moved or linked from one grant to another, or out of a read-only one', async () => {
    const other = join(root, 'other');
    await mkdir(other);
    await writeFile(join(other, 'file'), 'x');
    const wasi = calls({
      directories: [
        { guestPath: '/g', hostPath: granted, access: 'read-write' },
        { guestPath: '/o', hostPath: other, access: 'read' },
      ],
    });
    const [to = 0, from = 0] = wasi.preopens();
    expect(wasi.file(1, 'rename-at', from, ...wasi.text('file'), to, ...wasi.text('file'))).toBe(CROSS_DEVICE);
    expect(wasi.file(1, 'link-at', from, 0, ...wasi.text('file'), to, ...wasi.text('file'))).toBe(CROSS_DEVICE);
    expect(await readdir(granted)).toEqual([]);
  });

  test('a directory that is held stays the same when its path becomes a link', async () => {
    await mkdir(join(granted, 'sub'));
    await writeFile(join(granted, 'sub', 'file'), '');
    await mkdir(join(root, 'outside'));
    await writeFile(join(root, 'outside', 'secret'), 'x');
    const wasi = writable();
    const [directory = 0] = wasi.preopens();
    const sub = wasi.open(directory, 'sub');
    await rename(join(granted, 'sub'), join(granted, 'moved'));
    await symlink('../outside', join(granted, 'sub'));
    expect(wasi.open(sub, 'secret')).toBe(-Code.noEntry);
    if (process.platform === 'linux') expect(wasi.open(sub, 'file')).toBeGreaterThan(0);
    expect(wasi.open(directory, 'sub/secret')).toBe(-NOT_PERMITTED);
  });
});

describe('handles', () => {
  test('a handle that was dropped, invented or of another kind ends the plugin', () => {
    const wasi = writable();
    const stdout = wasi.call('wasi:cli/stdout@0.2.0', 'get-stdout') as number;
    expect(() => wasi.call(STREAMS, '[method]input-stream.read', stdout, 1n, RESULT)).toThrow(PluginContractError);
    wasi.call(STREAMS, '[resource-drop]output-stream', stdout);
    for (const handle of [stdout, 0, -1, 77, 2 ** 31])
      expect(() => wasi.call(STREAMS, '[resource-drop]output-stream', handle)).toThrow(PluginContractError);
    expect(wasi.call('wasi:cli/stdout@0.2.0', 'get-stdout')).toBe(stdout);
  });

  test('a plugin that lets go of nothing runs into the limit', async () => {
    await writeFile(join(granted, 'file'), '');
    const wasi = calls({ directories: [{ guestPath: '/g', hostPath: granted, access: 'read' }] }, { handles: 100 });
    const [directory = 0] = wasi.preopens();
    const held: number[] = [];
    for (let i = 0; i < 1000; i++) held.push(wasi.open(directory, 'file'));
    expect(held.filter((handle) => handle > 0).length).toBe(64);
    expect(held.at(-1)).toBe(-OUT_OF_MEMORY);
    wasi.call(FILES, '[resource-drop]descriptor', held[0] ?? 0);
    expect(wasi.open(directory, 'file')).toBe(held[0]);
    const stdout = () => wasi.call('wasi:cli/stdout@0.2.0', 'get-stdout');
    expect(() => {
      for (let i = 0; i < 1_000_000; i++) stdout();
    }).toThrow(/has more than 100 WASI resources/);
    // Full: then also what answers with errors has no room.
    expect(wasi.file(4, 'read-via-stream', held[1] ?? 0, 0n)).toBe(OUT_OF_MEMORY);
  });

  test.runIf(process.platform === 'linux')('closing closes every file that was left open', async () => {
    await writeFile(join(granted, 'file'), '');
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    const wasi = writable();
    const [directory = 0] = wasi.preopens();
    for (let i = 0; i < 10; i++) {
      const file = wasi.open(directory, 'file', 0, READ_WRITE);
      wasi.file(4, 'read-via-stream', file, 0n);
      wasi.file(4, 'append-via-stream', file);
      if (i % 2 === 0) wasi.call(FILES, '[resource-drop]descriptor', file);
      wasi.open(directory, '.');
      wasi.file(4, 'read-directory', directory);
      wasi.open(directory, 'missing');
      wasi.open(directory, 'file/below');
      wasi.open(directory, '../x');
    }
    expect(open()).toBeGreaterThan(before + 20);
    wasi.host.close();
    wasi.host.close();
    expect(open()).toBe(before);
    expect(() => wasi.preopens()).toThrow(PluginContractError);
    expect(open()).toBe(before);
  });
});

describe('memory', () => {
  test('addresses outside of the memory, or misaligned, end the plugin', () => {
    const wasi = writable();
    const [directory = 0] = wasi.preopens();
    const stdout = wasi.call('wasi:cli/stdout@0.2.0', 'get-stdout') as number;
    const write = (pointer: number, length: number, result: number) => () =>
      wasi.call(STREAMS, '[method]output-stream.write', stdout, pointer, length, result);
    const size = wasi.memory.buffer.byteLength;
    for (const call of [
      write(size, 1, RESULT),
      write(-1, 2, RESULT),
      write(0, -1, RESULT),
      write(0, 1, size - 8),
      write(0, 1, -4),
      write(0, 1, RESULT + 1),
      () => wasi.file(4, 'open-at', directory, 0, size - 1, 2, 0, 1),
      () => wasi.call('wasi:io/poll@0.2.0', 'poll', size - 4, 2, RESULT),
      () => wasi.call('wasi:io/poll@0.2.0', 'poll', 0, -1, RESULT),
      () => wasi.call('wasi:io/poll@0.2.0', 'poll', 0, 0, RESULT),
    ])
      expect(call).toThrow(PluginContractError);
    expect(write(size, 0, RESULT)).not.toThrow();
  });

  test('what the plugin’s allocator returns is not trusted', () => {
    const wasi = calls({}, {}, () => 2 ** 31);
    expect(() => wasi.call('wasi:random/random@0.2.0', 'get-random-bytes', 8n, RESULT)).toThrow(PluginContractError);
    expect(() =>
      calls({ arguments: ['x'] }, {}, () => 3).call('wasi:cli/environment@0.2.0', 'get-arguments', RESULT),
    ).toThrow(/not aligned/);
  });

  test('results arrive in a memory that grows while they are written', () => {
    const environment = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`NAME_${i}`, `${i}`]));
    const wasi: WasiCalls = calls(
      { environment },
      {},
      (bytes) => wasi.memory.grow(Math.ceil(bytes / 65_536) || 1) * 65_536,
    );
    wasi.call('wasi:cli/environment@0.2.0', 'get-environment', RESULT);
    const list = wasi.view.getUint32(RESULT, true);
    expect(wasi.view.getUint32(RESULT + 4, true)).toBe(50);
    expect(wasi.bytesAt(list + 49 * 16).toString()).toBe('NAME_49');
    expect(wasi.bytesAt(list + 49 * 16 + 8).toString()).toBe('49');
  });
});

describe('bounds and refusals', () => {
  test('random bytes are given up to a limit', () => {
    const wasi = calls({}, { randomBytes: 1000 });
    wasi.call('wasi:random/random@0.2.0', 'get-random-bytes', 1000n, RESULT);
    expect(wasi.bytesAt(RESULT).length).toBe(1000);
    for (const length of [1001n, -1n])
      expect(() => wasi.call('wasi:random/insecure@0.2.0', 'get-insecure-random-bytes', length, RESULT)).toThrow(
        /at most 1000/,
      );
  });

  test('exit carries the code where the plugin gives one', () => {
    const wasi = calls();
    expect(() => wasi.call('wasi:cli/exit@0.2.12', 'exit-with-code', 3)).toThrow(PluginExit);
    expect(wasi.host.exitCode).toBe(3);
    expect(new PluginExit(3)).toBeInstanceOf(WebAssembly.RuntimeError);
    expect(new PluginExit(3).toPluginError()).toMatchObject({ code: 'ERR_PLUGIN_TRAP', message: /exit\(3\)/ });
  });

  test('sockets and look-ups are denied', () => {
    const wasi = calls();
    for (const kind of ['tcp', 'udp']) {
      wasi.call(`wasi:sockets/${kind}-create-socket@0.2.0`, `create-${kind}-socket`, 0, RESULT);
      expect([wasi.view.getUint8(RESULT), wasi.view.getUint8(RESULT + 4)]).toEqual([1, 1]);
    }
    const network = wasi.call('wasi:sockets/instance-network@0.2.0', 'instance-network') as number;
    wasi.call('wasi:sockets/ip-name-lookup@0.2.0', 'resolve-addresses', network, ...wasi.text('localhost'), RESULT);
    expect([wasi.view.getUint8(RESULT), wasi.view.getUint8(RESULT + 4)]).toEqual([1, 1]);
    wasi.call('wasi:sockets/network@0.2.0', '[resource-drop]network', network);
    expect(() => wasi.call('wasi:sockets/tcp@0.2.0', '[method]tcp-socket.accept', 1, RESULT)).toThrow(
      PluginContractError,
    );
  });

  test('an HTTP request gets as far as being denied', () => {
    const wasi = calls();
    const http = (name: string, ...args: number[]) => wasi.call('wasi:http/types@0.2.0', name, ...args) as number;
    const headers = http('[constructor]fields');
    http('[method]fields.append', headers, ...wasi.text('a'), ...wasi.text('b'), RESULT);
    expect(wasi.view.getUint8(RESULT)).toBe(1);
    const request = http('[constructor]outgoing-request', headers);
    expect(http('[method]outgoing-request.set-scheme', request, 1, 1, 0, 0)).toBe(1);
    wasi.call('wasi:http/outgoing-handler@0.2.0', 'handle', request, 0, 0, RESULT);
    expect([wasi.view.getUint8(RESULT), wasi.view.getUint8(RESULT + 8)]).toEqual([1, 15]);
    expect(() => http('[resource-drop]outgoing-request', request)).toThrow(PluginContractError);
  });

  test('a file that is no directory has nothing below it', async () => {
    await writeFile(join(granted, 'file'), 'x');
    const wasi = writable();
    const [directory = 0] = wasi.preopens();
    expect(wasi.open(directory, 'file/x')).toBe(-NOT_DIRECTORY);
    expect(wasi.open(directory, 'file/')).toBe(-NOT_DIRECTORY);
    expect(wasi.open(wasi.open(directory, 'file'), 'x')).toBe(-NOT_DIRECTORY);
    expect(wasi.open(directory, 'file', CREATE | 4, READ_WRITE)).toBe(-Code.exist);
  });

  test.runIf(process.platform === 'linux')('the kernel’s own directories are no part of what is granted', () => {
    const wasi = calls({ directories: [{ guestPath: '/', hostPath: '/', access: 'read' }] });
    const [directory = 0] = wasi.preopens();
    for (const path of ['proc', 'proc/self/environ', 'proc/self/root/etc', 'sys', 'etc/../proc/version'])
      expect(wasi.open(directory, path), path).toBe(-NOT_PERMITTED);
    expect(wasi.open(directory, 'dev/null')).toBe(-NOT_PERMITTED);
    expect(wasi.open(directory, 'etc/passwd')).toBeGreaterThan(0);
    const hostPath = '/proc/self';
    expect(() => calls({ directories: [{ guestPath: '/', hostPath, access: 'read' }] })).toThrow(/cannot be granted/);
  });

  test.each(['a/b', '..', '.', ''])('%j is no name to show of a directory', (name) => {
    const grant = { guestPath: '/g', hostPath: granted, access: 'read', only: [name] } as const;
    expect(() => calls({ directories: [grant] })).toThrow(expect.objectContaining({ code: 'ERR_CONFIG' }));
  });

  test('a granted directory that is not there is the caller’s mistake', () => {
    const hostPath = join(root, 'missing');
    expect(() => calls({ directories: [{ guestPath: '/g', hostPath, access: 'read' }] })).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG', message: expect.stringContaining(hostPath) }),
    );
  });
});
