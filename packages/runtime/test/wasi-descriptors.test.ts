/** What a plugin has open on the machine: few at a time however long a path is, and nothing once it is gone. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FILES, WasiCalls } from './wasi-calls.js';

const LEVELS = 1000;

let root: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'wasi-test-')));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** @returns the path of the innermost of nested directories */
function nest(levels: number): string {
  const path = Array.from({ length: levels }, () => 'd').join('/');
  mkdirSync(join(root, path), { recursive: true });
  return path;
}

const isOnLinux = process.platform === 'linux';
const openDescriptors = () => readdirSync('/proc/self/fd').length;

describe.runIf(isOnLinux)('on a system that shows descriptors', () => {
  test('a path of a thousand directories is walked where a process may have a hundred files open', () => {
    const fixture = join(import.meta.dirname, 'descriptor-program-fixture.mjs');
    const walk = (path: string) =>
      execFileSync('sh', ['-c', 'ulimit -n 100 && exec "$0" "$@"', process.execPath, fixture, root, path], {
        encoding: 'utf8',
      }).trim();
    const deepest = nest(LEVELS);
    expect(walk(deepest)).toBe('ok');
    const back = Array.from({ length: 300 }, () => '..').join('/');
    expect(walk(`${deepest}/${back}/d`)).toBe('ok');
  });

  test('a walk works when the plugin holds as many files as it may', () => {
    const deepest = nest(10);
    const wasi = new WasiCalls(
      { directories: [{ guestPath: '/g', hostPath: root, access: 'read-write' }] },
      { openFiles: 2 },
    );
    const [directory = 0] = wasi.preopens();
    for (let i = 0; i < 2; i++) expect(wasi.open(directory, 'd')).toBeGreaterThan(0);
    expect(wasi.open(directory, 'd')).toBeLessThan(0);
    expect(wasi.file(8, 'stat-at', directory, 1, ...wasi.text(deepest))).toBeUndefined();
    const rename = wasi.file(
      1,
      'rename-at',
      directory,
      ...wasi.text(deepest),
      directory,
      ...wasi.text(`${deepest}/../e`),
    );
    expect(rename).toBeUndefined();
    wasi.host.close();
  });

  test('what stays open when the stack ends in the middle of a call is bounded, and closed with the instance', () => {
    nest(4);
    const before = openDescriptors();
    const wasi = new WasiCalls({ directories: [{ guestPath: '/g', hostPath: root, access: 'read' }] });
    const [directory = 0] = wasi.preopens();
    const path = wasi.text('d/d/d/d');
    let [overflows, looks] = [0, 0];
    const look = () => {
      looks++;
      try {
        wasi.call(FILES, '[method]descriptor.stat-at', directory, 1, ...path, 0);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        overflows++;
      }
    };
    /** Begins the call with a little more of the stack left each time. */
    const dive = (): void => {
      try {
        dive();
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
      if (looks < 200) look();
    };
    for (let i = 0; i < 50; i++) {
      looks = 0;
      dive();
    }
    expect(overflows).toBeGreaterThan(0);
    expect(openDescriptors()).toBeLessThan(before + 100);
    wasi.host.close();
    expect(openDescriptors()).toBe(before);
  });
});
