/** What becomes of files that are changed, replaced or renamed while a session reads them, and of what has a path but is no file. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { appendFile, open, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { IngestOptions, IngestSession } from '@chipmunk-host/hosts';
import { describe, expect, test } from 'vitest';
import { descriptorsOf, type Row, readAll, referenceLines, setStage, watched } from './support.js';

const stage = setStage();
const onLinux = test.skipIf(process.platform !== 'linux');

const lines = (word: string, count: number) =>
  Buffer.from(Array.from({ length: count }, (_, i) => `${word} ${i} ${'x'.repeat(i % 90)}\n`).join(''));
const OLD = lines('old', 60_000);
const NEW = lines('new', 90_000);
const OLD_ROWS = referenceLines(OLD);

type Settings = Partial<Omit<IngestOptions, 'source'>>;

/** A session that has got a part of its input and waits: its rings are full. */
const SLOW: Settings = { ring: { slots: 2, slotBytes: 65_536 }, window: { bytes: 50_000 } };
const INSTANCES: readonly [string, Settings][] = [
  ['one instance', SLOW],
  ['three instances', { ...SLOW, parallel: { instances: 3, boundary: 'newline', splitBytes: 200_000 } }],
];

/** What a session delivers up to its end, or up to what ends it early; and that it is the old content as far as it goes. */
async function outcome(session: IngestSession): Promise<{ rows: Row[]; error: unknown }> {
  const rows: Row[] = [];
  let error: unknown;
  let offset = 0;
  try {
    for await (const batch of session.batches()) {
      expect(batch.offset).toBe(offset);
      offset += batch.consumedBytes;
      for (const item of batch) rows.push({ offset: item.offset, length: item.length, columns: item.columns });
    }
  } catch (thrown) {
    error = thrown;
  }
  expect(rows.findIndex((row, at) => !sameRow(row, OLD_ROWS[at]))).toBe(-1);
  return { rows, error };
}

const sameRow = (a: Row, b: Row | undefined) =>
  a.offset === b?.offset && a.length === b.length && a.columns[0] === b.columns[0];

async function replace(file: string): Promise<void> {
  await writeFile(`${file}.new`, NEW);
  await rename(`${file}.new`, file);
}

describe.each(INSTANCES)('a file that %s reads', (_, options) => {
  test.each<[string, (file: string) => Promise<void>]>([
    ['replaced', replace],
    ['renamed away', (file) => rename(file, `${file}.1`)],
    ['removed', (file) => rm(file)],
    ['appended to', (file) => appendFile(file, NEW)],
  ])('is the one that was there when the session was opened, whole, when it is %s', async (_, change) => {
    const file = await stage.input(OLD);
    const session = await stage.open({ source: { file }, ...options });
    await change(file);
    expect(await outcome(session)).toMatchObject({ rows: { length: OLD_ROWS.length }, error: undefined });
    expect(session.summary).toMatchObject({ status: 'completed', bytes: OLD.length });
  });

  test.each<[string, (file: string) => Promise<void>]>([
    ['cut', (file) => truncate(file, 100_000)],
    ['emptied', (file) => truncate(file, 0)],
    ['written anew, and longer', (file) => writeFile(file, NEW)],
    ['made of zeroes', (file) => truncate(file, 0).then(() => truncate(file, OLD.length))],
  ])('ends with an error that says what is missing when it is %s', async (_, change) => {
    const file = await stage.input(OLD);
    const session = await stage.open({ source: { file }, ...options });
    await change(file);
    const { rows, error } = await outcome(session);
    expect(rows.length).toBeLessThan(OLD_ROWS.length);
    expect(error).toMatchObject({ code: 'ERR_SOURCE_CHANGED', message: expect.stringContaining(`'${file}' was `) });
    expect(session.summary).toMatchObject({ status: 'failed', errors: { ERR_SOURCE_CHANGED: 1 } });
  });

  test('is read on by a thread that takes over from one that is lost, when it was replaced', async () => {
    const file = await stage.input(OLD);
    const { pool, instances } = watched(stage.pool);
    const session = await stage.open({ source: { file }, ...options, pool });
    await replace(file);
    const first = await session.batches().next();
    const before = [...(first.value ?? [])].length;
    await instances[0]?.terminate();
    let rows = before;
    for await (const batch of session.batches())
      for (const item of batch) expect(item.text).toBe(OLD_ROWS[rows++]?.columns[0]);
    expect(rows).toBe(OLD_ROWS.length);
    expect(session.summary).toMatchObject({ status: 'completed', restarts: 1 });
  });

  onLinux('is closed at the end of the session, also when its threads were lost', async () => {
    for (const how of ['end', 'stop', 'lose', 'fail']) {
      const file = await stage.input(OLD);
      const { pool, instances } = watched(stage.pool);
      if (how === 'fail') {
        const refused = stage.open({ source: { file }, ...options, config: { nonsense: true } });
        await expect(refused).rejects.toMatchObject({ code: 'ERR_CONFIG' });
      } else {
        const session = await stage.open({ source: { file }, ...options, pool });
        expect(descriptorsOf(file)).toBe(1);
        if (how === 'end') await readAll(session);
        else await session.next();
        if (how === 'lose') await Promise.all(instances.map((instance) => instance.terminate()));
        await session.close();
      }
      // Threads that were ended from outside are waited for in the background.
      await expect.poll(() => descriptorsOf(file), { timeout: 30_000 }).toBe(0);
    }
  });
});

test('a relative path is taken from where the process was when the session was opened', async () => {
  const file = await stage.input(OLD);
  const before = process.cwd();
  try {
    process.chdir(dirname(file));
    const session = await stage.open({ source: { file: basename(file) } });
    process.chdir('/');
    expect(await readAll(session)).toHaveLength(OLD_ROWS.length);
  } finally {
    process.chdir(before);
  }
});

test('a file in place of which a session is closed is not read by the threads that it leaves behind', async () => {
  const file = await stage.input(OLD);
  for (let round = 0; round < 20; round++) {
    const session = await stage.open({ source: { file }, ...SLOW });
    const closing = session.close();
    // Its number may be that of the first.
    const other = await open(file);
    await closing;
    expect((await other.readFile()).length).toBe(OLD.length);
    await other.close();
  }
});

describe('a path that leads to no regular file', () => {
  onLinux.each([['/proc/version'], ['/proc/cpuinfo'], ['/proc/self/status']])(
    'is read to its end: %s',
    async (file) => {
      const session = await stage.open({ source: { file }, config: { lossy: true } });
      const texts = (await readAll(session)).map(({ columns }) => columns[0]?.split(':')[0]);
      expect(texts.length).toBeGreaterThan(0);
      const expected = referenceLines(readFileSync(file)).map(({ columns }) => columns[0]?.split(':')[0]);
      expect(texts).toEqual(expected);
    },
  );

  onLinux('is read to its end when its size is not that of its content', async () => {
    const file = '/sys/kernel/mm/transparent_hugepage/enabled';
    if (!existsSync(file)) return;
    const session = await stage.open({ source: { file } });
    expect(await readAll(session)).toEqual(referenceLines(readFileSync(file)));
    expect(session.summary.status).toBe('completed');
  });

  onLinux('fails with what the system says, where it says it', async () => {
    // Nothing is at the address 0.
    const session = await stage.open({ source: { file: '/proc/self/mem' } });
    await expect(session.next()).rejects.toMatchObject({
      code: 'ERR_SOURCE_READ',
      message: expect.stringMatching(/^Cannot read '\/proc\/self\/mem' at byte 0: EIO/),
    });
  });

  test.skipIf(process.platform === 'win32')('may be a device', async () => {
    expect(await readAll(await stage.open({ source: { file: '/dev/null' } }))).toEqual([]);
    const endless = await stage.open({ source: { file: '/dev/zero' }, config: { lossy: true }, ...SLOW });
    await endless.close();
    expect(endless.summary.status).toBe('stopped');
  });

  onLinux('may be a socket, which is refused', async () => {
    const { createServer } = await import('node:net');
    const path = join(stage.directory, 'socket');
    const server = createServer().listen(path);
    await once(server, 'listening');
    await expect(stage.open({ source: { file: path } })).rejects.toMatchObject({
      code: 'ERR_SOURCE_OPEN',
      message: expect.stringContaining('is a socket'),
    });
    server.close();
  });
});

describe.skipIf(process.platform === 'win32')('a FIFO', () => {
  let fifos = 0;
  const fifo = () => {
    const path = join(stage.directory, `fifo-${fifos++}`);
    execFileSync('mkfifo', [path]);
    return path;
  };

  test('is read as it is written, to its end', async () => {
    const path = fifo();
    const session = await stage.open({ source: { file: path } });
    const writer = spawn('sh', ['-c', 'cat "$0" > "$1"', await stage.input(OLD), path]);
    const written = once(writer, 'close');
    expect(await readAll(session)).toHaveLength(OLD_ROWS.length);
    expect(await written).toEqual([0, null]);
    expect(session.summary).toMatchObject({ status: 'completed', bytes: OLD.length });
  });

  onLinux('waits for its writer, and not when it is aborted or closed', async () => {
    const path = fifo();
    const abort = new AbortController();
    const session = await stage.open({ source: { file: path }, signal: abort.signal });
    const next = session.next();
    abort.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
    const closed = await stage.open({ source: { file: path } });
    await closed.close();
    expect(closed.summary.status).toBe('stopped');
  });

  test('cannot be shared by several instances', async () => {
    const path = fifo();
    await expect(
      stage.open({ source: { file: path }, parallel: { instances: 2, boundary: 'newline' } }),
    ).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message: expect.stringContaining(`'${path}' can only be read`),
    });
  });

  onLinux('behind a link such as /dev/fd/N is read, too', async () => {
    const path = fifo();
    const link = join(stage.directory, 'link');
    await symlink(path, link);
    const session = await stage.open({ source: { file: link } });
    await writeFile(path, 'one\ntwo');
    expect((await readAll(session)).map(({ columns }) => columns[0])).toEqual(['one', 'two']);
  });
});
