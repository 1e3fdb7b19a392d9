/** A file that another process writes is followed; what becomes of it otherwise is in follow-rotation.test.ts. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { FilePosition } from '#shared/file-position.js';
import type { FollowFileOptions } from '#shared/follow-options.js';
import { FollowSource } from '#worker/follow.js';
import { logFiles, rotatedPart } from '#worker/rotated-names.js';
import { LogWriter } from './log-writer.js';
import { RecordingOutput } from './recording-output.js';

let root: string;
let writer: LogWriter;
let number = 0;
/** In a directory of its own for each test. */
let path: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'follow-'));
  writer = new LogWriter();
});
beforeEach(() => {
  const directory = join(root, String(number++));
  mkdirSync(directory);
  path = join(directory, 'app.log');
});
afterAll(async () => {
  await writer[Symbol.asyncDispose]();
  rmSync(root, { recursive: true });
});

class Following implements AsyncDisposable {
  readonly output = new RecordingOutput();
  readonly source: FollowSource;
  readonly #end = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: Partial<FollowFileOptions> = {}) {
    this.source = new FollowSource({ file: path, graceMs: 0, ...options });
  }

  static async open(options?: Partial<FollowFileOptions>, place?: FilePosition, startOver = false): Promise<Following> {
    const following = new Following(options);
    await following.source.open(place && { place, startOver });
    following.#running = following.source.run(following.output, following.#end.signal);
    return following;
  }

  get ended(): Promise<void> | undefined {
    return this.#running;
  }

  get events(): readonly string[] {
    return this.output.events.map(({ event }) => event);
  }

  async delivers(text: string): Promise<void> {
    await this.output.until(() => this.output.bytes >= text.length);
    expect(this.output.text).toBe(text);
  }

  async tells(event: string): Promise<string> {
    await this.output.until(() => this.events.includes(event));
    return this.output.events.find((told) => told.event === event)?.message ?? '';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#running;
    await this.source.close();
  }
}

test.each([
  ['beginning', 'one\ntwo\nthree\n'],
  ['end', ''],
  [0, ''],
  [1, 'three\n'],
  [2, 'two\nthree\n'],
  [3, 'one\ntwo\nthree\n'],
  [9, 'one\ntwo\nthree\n'],
] as const)('begins at %s', async (start, expected) => {
  await writer.do({ kind: 'open', path }, { kind: 'write', text: 'one\ntwo\nthree\n' });
  await using following = await Following.open({ start });
  await writer.do({ kind: 'write', text: 'more\n' });
  await following.delivers(`${expected}more\n`);
});

test('counts a last line without a line break, and finds lines far before the end', async () => {
  const long = 'x'.repeat(150_000);
  await writer.do({ kind: 'open', path }, { kind: 'write', text: `first\n${long}\n${long}` });
  await using following = await Following.open({ start: 2 });
  await following.delivers(`${long}\n${long}`);
});

test('waits for a file, and for its directory', async () => {
  path = join(path, '..', 'later', 'app.log');
  await using following = await Following.open({ start: 'end' });
  expect(await following.tells('waiting')).toMatch(/^There is no file '.*later\/app.log' yet: it is waited for\.$/);
  mkdirSync(join(path, '..'));
  await writer.do({ kind: 'open', path }, { kind: 'write', text: 'all of it\n' });
  await following.delivers('all of it\n');
});

test.each([true, false])(
  'reads on in a file that has lost its name, and then in the next one (polling: %s)',
  async (poll) => {
    await writer.do({ kind: 'open', path }, { kind: 'write', text: 'a1\n' });
    await using following = await Following.open(poll ? { poll: 5 } : {});
    await following.delivers('a1\n');
    renameSync(path, `${path}.1`);
    await writer.do({ kind: 'write', text: 'a2\n' });
    await following.delivers('a1\na2\n');
    await writer.do({ kind: 'open', path }, { kind: 'write', text: 'b1\n' });
    await following.delivers('a1\na2\nb1\n');
    expect(await following.tells('rotated')).toMatch(/is now 'app\.log\.1', it was read to its end at byte 6/);
    expect(following.output.segments).toEqual([6]);
  },
);

test('has the bytes of the next file follow with `join`', async () => {
  await writer.do({ kind: 'open', path }, { kind: 'write', text: 'half a li' });
  await using following = await Following.open({ rotation: 'join' });
  await writer.do({ kind: 'rotate' }, { kind: 'write', text: 'ne\n' });
  await following.delivers('half a line\n');
  expect(following.events).toEqual(['rotated']);
  expect(following.output.segments).toEqual([]);
});

test('reads what is written to the old file as long as the new one is empty, and within the grace time', async () => {
  await writer.do({ kind: 'open', path }, { kind: 'write', text: 'a1\n' });
  await using following = await Following.open({ graceMs: 2000 });
  await following.delivers('a1\n');
  renameSync(path, `${path}.1`);
  writeFileSync(path, '');
  await writer.do({ kind: 'write', text: 'a2\n' });
  await following.delivers('a1\na2\n');
  writeFileSync(path, 'b1\n');
  await writer.do({ kind: 'write', text: 'a3\n' });
  await following.delivers('a1\na2\na3\nb1\n');
});

test('counts what is written to the old file after the new one was begun', async () => {
  await writer.do({ kind: 'open', path }, { kind: 'write', text: 'a1\n' });
  await using following = await Following.open();
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'b1\n');
  await following.delivers('a1\nb1\n');
  await writer.do({ kind: 'write', text: 'late\n' });
  expect(await following.tells('missing')).toMatch(/^5 bytes were written to '.*app\.log' after it was rotated away/);
});

test('reads a file that was cut, or written anew with more than it had, from its start', async () => {
  await writer.do({ kind: 'open', path }, { kind: 'write', text: 'first content\n' });
  await using following = await Following.open();
  await following.delivers('first content\n');
  await writer.do({ kind: 'truncate' }, { kind: 'write', text: 'less\n' });
  await following.delivers('first content\nless\n');
  await writer.do({ kind: 'truncate' }, { kind: 'write', text: 'more than before\n' });
  await following.delivers('first content\nless\nmore than before\n');
  expect(following.output.events).toMatchObject([
    { event: 'truncated', bytes: 14, at: 14 },
    { event: 'truncated', bytes: 5, at: 19 },
  ]);
  expect(following.output.segments).toEqual([14, 19]);
});

test('follows a symbolic link to another file, and back', async () => {
  const target = (name: string) => join(path, '..', name);
  await writer.do({ kind: 'open', path: target('app-2026-11-28.log') }, { kind: 'write', text: 'a1\n' });
  symlinkSync(target('app-2026-11-28.log'), path);
  await using following = await Following.open();
  await following.delivers('a1\n');
  await writer.do({ kind: 'close' }, { kind: 'open', path });
  await writer.do({ kind: 'switch', to: target('app-2026-11-29.log') }, { kind: 'write', text: 'b1\n' });
  await following.delivers('a1\nb1\n');
  await writer.do({ kind: 'switch', to: target('app-2026-11-28.log') }, { kind: 'write', text: 'a2\n' });
  await following.delivers('a1\nb1\na2\n');
});

test.skipIf(process.platform !== 'linux')('keeps hold of rotated files while there is no room', async () => {
  await writer.do({ kind: 'open', path }, { kind: 'write', text: 'a1\n' });
  await using following = await Following.open();
  await following.delivers('a1\n');
  const release = following.output.hold();
  await writer.do({ kind: 'write', text: 'a2\n' }, { kind: 'rotate' }, { kind: 'write', text: 'b1\n' });
  await writer.do({ kind: 'rotate' }, { kind: 'write', text: 'c1\n' });
  while (!openFiles().includes(`${path}.1`)) await setTimeout(10);
  for (const number of [1, 2]) rmSync(`${path}.${number}`);
  release();
  await following.delivers('a1\na2\nb1\nc1\n');
});

/** Paths of the files that this process has open. */
function openFiles(): readonly string[] {
  return readdirSync('/proc/self/fd').map((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`);
    } catch {
      return '';
    }
  });
}

test('ends when nothing comes for a time', async () => {
  await writer.do(
    { kind: 'open', path },
    { kind: 'write', text: 'a1\n' },
    { kind: 'rotate' },
    { kind: 'write', text: 'a2\n' },
  );
  await using following = await Following.open({ idleMs: 30, graceMs: 200 });
  await following.ended;
  expect(following.output.text).toBe('a2\n');
});

test('refuses what is no regular file', async () => {
  mkdirSync(path);
  await expect(new Following().source.open()).rejects.toMatchObject({
    code: 'ERR_SOURCE_OPEN',
    message: `'${path}' is a directory; expected a file that can be followed.`,
  });
});

/** Reads until `text` was delivered; the place at byte `offset` of the input. */
async function placeAt(offset: number, text: string, from?: FilePosition): Promise<FilePosition> {
  await using following = await Following.open({}, from);
  await following.delivers(text);
  const place = await following.source.placeAt(offset);
  if (place === undefined) throw new Error('There is no place.');
  // As it is kept.
  return JSON.parse(JSON.stringify(place));
}

test('goes on at a place in a file that was rotated meanwhile, several times, and then with those behind it', async () => {
  await writer.do({ kind: 'open', path }, { kind: 'write', text: 'a1\na2\n' });
  const place = await placeAt(3, 'a1\na2\n');
  await writer.do({ kind: 'write', text: 'a3\n' }, { kind: 'rotate', late: 'a4\n' }, { kind: 'write', text: 'b1\n' });
  await writer.do({ kind: 'rotate' }, { kind: 'write', text: 'c1\n' });
  const later = await placeAt(10, 'a2\na3\na4\nb1\nc1\n', place);
  expect(later).toMatchObject({ offset: 1 });
  await writer.do({ kind: 'rotate' }, { kind: 'write', text: 'd1\n' });
  await placeAt(0, '1\nc1\nd1\n', later);
});

test('goes on in a copy of a file that was cut meanwhile', async () => {
  await writer.do({ kind: 'open', path }, { kind: 'write', text: 'a1\na2\n' });
  const place = await placeAt(3, 'a1\na2\n');
  await writer.do({ kind: 'write', text: 'a3\n' }, { kind: 'copy-truncate' }, { kind: 'write', text: 'b1\n' });
  await placeAt(0, 'a2\na3\nb1\n', place);
});

test('says that the file of a place is not there any more, or starts over when asked to', async () => {
  await writer.do({ kind: 'open', path }, { kind: 'write', text: 'a1\na2\n' });
  const from = await placeAt(3, 'a1\na2\n');
  await writer.do({ kind: 'delete' }, { kind: 'write', text: 'another\n' });
  await expect(new Following().source.open({ place: from, startOver: false })).rejects.toMatchObject({
    code: 'ERR_CHECKPOINT',
    message: expect.stringContaining('with 3 bytes or more, is not there any more'),
  });
  await using following = await Following.open({}, from, true);
  await following.delivers('another\n');
  expect(following.events).toEqual(['fresh']);
});

test('tells rotated files by their names', () => {
  const yes = [
    'app.log.1',
    'app.log.12',
    'app.log-20261128',
    'app.log.2026-11-28',
    'app.log.2026-11-28_10:20',
    'app.log.old',
    'app.log~',
  ];
  for (const name of [...yes, 'app.1.log', 'app-2026-11-28.log', 'app-2026-11-28-2.log'])
    expect(rotatedPart(name, 'app.log'), name).toBeDefined();
  for (const name of ['app-error.log', 'app.log.1.gz', 'app.log.tmp', 'apple.log', 'app.log.1.zst', 'other.log.1'])
    expect(rotatedPart(name, 'app.log'), name).toBeUndefined();
});

test.each([
  ['of numbers, of which the larger one is older', ['.9', '.10', '.1'], ['.9', '.1'], ['.10', '.9', '.1']],
  ['of numbers that a program counts up', ['.9', '.10', '.11'], ['.9', '.10', '.11'], ['.9', '.10', '.11']],
  ['of numbers alone, of which nothing else is known', ['.1', '.2'], [], ['.2', '.1']],
  [
    'of dates, whenever they were written to',
    ['-20261127', '-20261128'],
    ['-20261128', '-20261127'],
    ['-20261127', '-20261128'],
  ],
  ['of several forms, by when they were written to', ['.old', '.1'], ['.1', '.old'], ['.1', '.old']],
])('puts rotated files in the order %s', (_, suffixes, written, expected) => {
  for (const suffix of ['', ...suffixes]) {
    writeFileSync(path + suffix, '');
    utimesSync(path + suffix, 0, 1000 + (written as string[]).indexOf(suffix));
  }
  expect(logFiles(path).map((file) => file.name.slice('app.log'.length))).toEqual([...expected, '']);
});
