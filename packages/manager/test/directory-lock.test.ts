import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { newMark } from '@chipmunk-host/runtime/internal';
import { describe, expect, test } from 'vitest';
import { storeLock } from '#store/store-lock.js';
import { setStage } from './support.js';

const stage = setStage();
let counter = 0;
const newFolder = async () => join(await stage.folder(`lock-${counter++}`), 'lock');
const holder = join(import.meta.dirname, 'lock-holder-fixture.mjs');

/** A process that takes the lock, says so, and keeps it until it is killed. */
async function holding(folder: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [holder, 'hold', folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(child.stdout), 'line');
  expect(line).toBe('held');
  return child;
}

describe('the lock of a directory', () => {
  test('is held by one at a time within a process, in the order of asking', async () => {
    const folder = await newFolder();
    const log: string[] = [];
    await Promise.all(
      [1, 2, 3].map((n) =>
        // One for each, as managers have.
        storeLock(folder).hold(async () => {
          log.push(`in ${n}`);
          await readdir(folder);
          log.push(`out ${n}`);
        }),
      ),
    );
    expect(log).toEqual(['in 1', 'out 1', 'in 2', 'out 2', 'in 3', 'out 3']);
    expect(await readdir(folder)).toEqual([]);
  });

  test('is held by one of several processes at a time', async () => {
    const folder = await newFolder();
    const file = await stage.file('sum', '0');
    const children = Array.from({ length: 4 }, () =>
      spawn(process.execPath, [holder, 'count', folder, file, '25'], { stdio: ['ignore', 'inherit', 'inherit'] }),
    );
    for (const [code] of await Promise.all(children.map((child) => once(child, 'exit')))) expect(code).toBe(0);
    expect(await readFile(file, 'utf8')).toBe('100');
    expect(await readdir(folder)).toEqual([]);
  });

  test('is released when the work fails', async () => {
    const lock = storeLock(await newFolder());
    await expect(lock.hold(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await lock.hold(async () => 'yes', { waitMs: 0 })).toBe('yes');
  });

  test('of a killed process is taken over at once', async () => {
    const folder = await newFolder();
    const child = await holding(folder);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await readdir(folder)).toHaveLength(1);
    expect(await storeLock(folder).hold(() => readdir(folder), { waitMs: 0 })).toHaveLength(1);
    expect(await readdir(folder)).toEqual([]);
  });

  test('that is not released is an error that names its file and its holder', async () => {
    const folder = await newFolder();
    const child = await holding(folder);
    const waiting = storeLock(folder).hold(async () => {}, { waitMs: 50 });
    await expect(waiting).rejects.toMatchObject({
      code: 'ERR_STORE_LOCKED',
      message: expect.stringMatching(
        new RegExp(
          `^The plugins directory is in use: process ${child.pid} \\(since .*\\) holds the lock ${folder}\\. Waited 50 ms\\.$`,
        ),
      ),
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
  });

  test('names this process when the work asks for the lock that it has', async () => {
    const lock = storeLock(await newFolder());
    const nested = lock.hold(() => lock.hold(async () => {}, { waitMs: 20 }));
    await expect(nested).rejects.toThrow(
      `The plugins directory is in use: this process (${process.pid}) holds the lock`,
    );
    expect(await lock.hold(async () => 'free')).toBe('free');
  });

  test('is not waited for any longer when the signal is aborted', async () => {
    const folder = await newFolder();
    const child = await holding(folder);
    for (const signal of [AbortSignal.abort(new Error('enough')), AbortSignal.timeout(20)]) {
      const waiting = storeLock(folder).hold(async () => {}, { signal });
      expect(
        await waiting.then(
          () => 'held',
          (error: unknown) => error,
        ),
      ).toBe(signal.reason);
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await storeLock(folder).hold(async () => 'free', { waitMs: 0 })).toBe('free');
  });

  test('of another machine is respected while it is touched, and taken over when it is not', async () => {
    const folder = await newFolder();
    const lock = storeLock(folder);
    await lock.hold(async () => {});
    const foreign = join(folder, newMark().replace(/-[0-9a-f]{8}-/, '-00000000-'));
    await writeFile(foreign, '');
    const refused = lock.hold(async () => {}, { waitMs: 0 });
    await expect(refused).rejects.toThrow(`process ${process.pid} on another machine or in another container (since`);
    await utimes(foreign, new Date(), new Date(Date.now() - 16_000));
    await lock.hold(async () => {}, { waitMs: 0 });
    expect(await readdir(folder)).toEqual([]);
  });

  test('cannot be blocked for ever by an unknown file', async () => {
    const folder = await newFolder();
    const lock = storeLock(folder);
    await lock.hold(async () => {});
    await writeFile(join(folder, '.DS_Store'), '');
    await expect(lock.hold(async () => {}, { waitMs: 0 })).rejects.toThrow("the unknown file '.DS_Store'");
    await utimes(join(folder, '.DS_Store'), new Date(), new Date(Date.now() - 16_000));
    await lock.hold(async () => {}, { waitMs: 0 });
  });

  test('is an error of its own where no file can be made', async () => {
    const file = await stage.file('in-the-way', '');
    await expect(storeLock(join(file, 'lock')).hold(async () => {})).rejects.toMatchObject({
      code: 'ERR_STORE_WRITE',
      message: `'${join(file, 'lock')}' cannot be changed: there is a file where a folder is expected.`,
    });
  });
});
