/** What a Rust plugin finds around it: exactly what it was granted. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type RunOptions, setStage } from './stage.js';

const stage = setStage();
const MISSING = /^NotFound: /;
const REFUSED = /^Unsupported: |^PermissionDenied: /;

/** The outcome of each act, in order. */
async function outcomes(acts: readonly string[], options: RunOptions = {}): Promise<string[]> {
  const { rows, error, summary } = await stage.run('selftest', `${acts.join('\n')}\n`, options);
  expect(error).toBeUndefined();
  expect(summary).toMatchObject({ status: 'completed', restarts: 0, gaps: 0 });
  expect(rows.map(({ columns }) => columns[0])).toEqual(acts);
  return rows.map(({ columns }) => columns[1] ?? '');
}

async function outcome(act: string, options?: RunOptions): Promise<string> {
  return (await outcomes([act], options))[0] ?? '';
}

describe('with nothing granted', () => {
  test('there is no environment and there are no arguments, even where this process has both', async () => {
    process.env.INTEROP_SECRET = 'a secret';
    expect(await outcomes(['environment', 'arguments'])).toEqual(['', '']);
  });

  test('no directory is there: neither the root, nor the current one, nor this one', async () => {
    const own = import.meta.dirname;
    const acts = ['list|/', 'list|.', 'list|..', `list|${own}`, 'read|/etc/passwd', `stat|${own}`, 'write|/tmp/x|x'];
    for (const text of await outcomes(acts)) expect(text).toMatch(MISSING);
  });

  test('there is no network, no further thread, and nothing on stdin', async () => {
    const acts = ['connect|127.0.0.1:80', 'listen|127.0.0.1:0', 'resolve|localhost', 'thread'];
    for (const text of await outcomes(acts)) expect(text).toMatch(REFUSED);
    expect(await outcome('stdin')).toBe('0 bytes');
  });

  test("the clocks are the machine's, in UTC", async () => {
    const before = Date.now();
    const [wall, monotonic, slept, zone] = await outcomes(['wall-clock', 'monotonic-clock', 'sleep|20', 'time-zone']);
    const wallMs = Number(BigInt(wall ?? 0) / 1_000_000n);
    expect(wallMs).toBeGreaterThanOrEqual(before);
    expect(wallMs).toBeLessThanOrEqual(Date.now());
    expect(Number(monotonic)).toBeGreaterThan(0);
    expect(Number(slept)).toBeGreaterThanOrEqual(20_000_000);
    expect(zone).toBe('0 s east, hour 0 at the epoch');
  });

  test('random bytes differ from call to call and from run to run', async () => {
    const all = [...(await outcomes(['random', 'random'])), ...(await outcomes(['random', 'random']))];
    expect(new Set(all).size).toBe(4);
  });
});

describe('the temporary directory', () => {
  test('can be written, read, listed and linked in, and its path stays the same', async () => {
    const acts = [
      'write|$TEMP/a|hello',
      'append|$TEMP/a| world',
      'read|$TEMP/a',
      'create-directory|$TEMP/sub',
      'rename|$TEMP/a|$TEMP/sub/b',
      'link|$TEMP/sub/b|$TEMP/hard',
      'symlink|sub/b|$TEMP/soft',
      'read|$TEMP/soft',
      'read|$TEMP/hard',
      'list|$TEMP',
      'stat|$TEMP/soft',
      'remove|$TEMP/hard',
      'remove|$TEMP/soft',
      'remove|$TEMP/sub/b',
      'remove-directory|$TEMP/sub',
      'list|$TEMP',
    ];
    expect(await outcomes(acts)).toEqual([
      ...['done', 'done', 'hello world', 'done', 'done', 'done', 'done', 'hello world', 'hello world'],
      ...['hard, soft, sub/', 'link of 5 bytes', 'done', 'done', 'done', 'done', ''],
    ]);
    const [first, second] = await outcomes(['temp', 'temp']);
    expect(first).toBe(second);
  });

  test('does not lead out: links to other places are refused, and so is ..', async () => {
    const [up, absolute, parent] = await outcomes([
      'symlink|../../etc/passwd|$TEMP/up',
      'symlink|/etc/passwd|$TEMP/absolute',
      'list|$TEMP/..',
    ]);
    expect(up).toMatch(/^PermissionDenied: /);
    expect(absolute).toMatch(/^PermissionDenied: /);
    expect(parent).toMatch(/^PermissionDenied: /);
  });

  test('is bounded: 128 MiB a file, 256 MiB in all', async () => {
    const texts = await outcomes(['fill|$TEMP/a|130', 'fill|$TEMP/b|120', 'fill|$TEMP/c|20']);
    expect(texts[0]).toMatch(/^128 MiB, then FileTooLarge: /);
    expect(texts[1]).toBe('120 MiB');
    expect(texts[2]).toMatch(/^8 MiB, then (?:StorageFull|QuotaExceeded): /);
  });

  test('64 files can be open at a time', async () => {
    const [, held, again] = await outcomes(['write|$TEMP/a|x', 'hold|$TEMP/a|100', 'hold|$TEMP/a|10']);
    expect(held).toMatch(/^64, then OutOfMemory: /);
    expect(again).toBe('10');
  });
});

describe('with files granted', () => {
  test('one file: it can be read, and not be changed; its neighbours are not there', async () => {
    const path = await stage.file('one file/granted.txt', 'content');
    const neighbour = await stage.file('one file/neighbour.txt', 'secret');
    const parent = join(path, '..');
    const acts = [`read|${path}`, `stat|${path}`, `list|${parent}`, `read|${neighbour}`, `stat|${neighbour}`];
    const texts = await outcomes(acts, { config: { files: [path] } });
    expect(texts.slice(0, 3)).toEqual(['content', 'file of 7 bytes', 'granted.txt']);
    expect(texts[3]).toMatch(MISSING);
    expect(texts[4]).toMatch(MISSING);
    const changes = [
      `write|${path}|x`,
      `append|${path}|x`,
      `remove|${path}`,
      `write|${parent}/new|x`,
      `rename|${path}|${parent}/x`,
    ];
    for (const text of await outcomes(changes, { config: { files: [path] } }))
      expect(text).toMatch(/^(?:ReadOnlyFilesystem|PermissionDenied): /);
    expect(await outcome(`read|${path}`, { config: { files: [path] } })).toBe('content');
  });

  test('one directory: all that is in it, and nothing beside it', async () => {
    const path = await stage.file('one directory/granted/deep/file', 'content');
    await stage.file('one directory/secret', 'secret');
    const granted = join(path, '..', '..');
    const acts = [`read|${path}`, `list|${granted}`, `list|${granted}/deep`, `read|${granted}/../secret`];
    const texts = await outcomes(acts, { config: { directories: [granted] } });
    expect(texts.slice(0, 3)).toEqual(['content', 'deep/', 'file']);
    expect(texts[3]).toMatch(MISSING);
  });

  test('several files in several directories, with spaces and umlauts in their names', async () => {
    const names = ['Straße nach Süden/ä ö ü.txt', 'Straße nach Süden/zweite.txt', 'd2/ leading', 'd2/語😀', 'd3/plain'];
    const paths = await Promise.all(names.map((name) => stage.file(`several/${name}`, `content of ${name}`)));
    const texts = await outcomes(
      paths.map((path) => `read|${path}`),
      { config: { files: paths } },
    );
    expect(texts).toEqual(names.map((name) => `content of ${name}`));
  });

  test('relative paths, as they were configured', async () => {
    await stage.file('relative/bare', 'bare');
    await stage.file('relative/sub/file', 'in sub');
    const before = process.cwd();
    process.chdir(join(stage.directory, 'relative'));
    try {
      const files = ['bare', 'sub/file', 'sub/../sub/file'];
      const texts = await outcomes(
        files.map((path) => `read|${path}`),
        { config: { files } },
      );
      expect(texts).toEqual(['bare', 'in sub', 'in sub']);
      expect(await outcome('list|.', { config: { files: ['./bare'] } })).toBe('bare');
      // The C library takes `./` off the granted path and not off the one that is opened: so it is in every host.
      const dotted = await outcomes(['read|./sub/file', 'read|sub/file'], { config: { files: ['./sub/file'] } });
      expect(dotted).toEqual([expect.stringMatching(MISSING), 'in sub']);
    } finally {
      process.chdir(before);
    }
  });

  test('whole parents, where the embedder wants what Chipmunk grants', async () => {
    const path = await stage.file('parents/granted', 'content');
    const neighbour = await stage.file('parents/neighbour', 'beside');
    await mkdir(join(stage.directory, 'parents', 'empty'), { recursive: true });
    const options = { config: { files: [path] }, grants: { parents: true } };
    const texts = await outcomes([`read|${neighbour}`, `list|${join(path, '..')}`, `write|${neighbour}|x`], options);
    expect(texts.slice(0, 2)).toEqual(['beside', 'empty/, granted, neighbour']);
    expect(texts[2]).toMatch(/^(?:ReadOnlyFilesystem|PermissionDenied): /);
  });
});

test('an environment variable that is granted is the only one', async () => {
  const grants = { environment: { GRANTED: 'a value with = and ü' } };
  expect(await outcome('environment', { grants })).toBe('GRANTED=a value with = and ü');
});

test('what an application denies is not there, though it was granted', async () => {
  const environment = { OPEN: 'yes', SECRET: 'no' };
  const deny = { environment: ['SECRET'], temporaryDirectory: true };
  const [variables, temporary] = await outcomes(['environment', 'temp'], { grants: { environment, deny } });
  expect(variables).toBe('OPEN=yes');
  expect(temporary).toMatch(/denied/);
  expect(await outcome('environment', { grants: { environment, deny: { environment: true } } })).toBe('');
});

test('a fixed clock stands at its time and moves by its step, also for sleepers', async () => {
  const grants = { clock: { unixMs: Date.UTC(2020, 0, 1), stepNs: 1000 } };
  const read = () => outcomes(['wall-clock', 'monotonic-clock', 'sleep|5000', 'wall-clock'], { grants });
  const [first, monotonic, slept, second] = await read();
  expect(BigInt(first ?? 0) / 1_000_000n).toBe(BigInt(Date.UTC(2020, 0, 1)));
  expect(monotonic).toBe('1000');
  expect(Number(slept)).toBeGreaterThanOrEqual(5_000_000_000);
  expect(BigInt(second ?? 0) - BigInt(first ?? 0)).toBeGreaterThanOrEqual(5_000_000_000n);
  expect(await read()).toEqual([first, monotonic, slept, second]);
});

test('a seed makes random bytes repeat', async () => {
  const first = await outcomes(['random', 'random'], { grants: { randomSeed: 7 } });
  expect(first[0]).not.toBe(first[1]);
  expect(await outcomes(['random', 'random'], { grants: { randomSeed: 7 } })).toEqual(first);
  expect(await outcomes(['random', 'random'], { grants: { randomSeed: 8 } })).not.toEqual(first);
});
