/** Sessions that go on where another one was: in a file, and in one that is followed while it is rotated. */
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Checkpoint, type IngestOptions, IngestSession } from '@chipmunk-host/hosts';
import type { CompiledComponent } from '@chipmunk-host/runtime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LogWriter } from '../../../sources/test/log-writer.js';
import { compileKept, setStage } from '../support.js';
import { numberingParser } from './numbering-parser.js';

const stage = setStage();
let numbering: CompiledComponent;
let writer: LogWriter;
let number = 0;
beforeAll(async () => {
  writer = new LogWriter();
  numbering = await compileKept(await numberingParser());
});
afterAll(() => writer[Symbol.asyncDispose]());

const lines = (word: string, count: number) => Array.from({ length: count }, (_, i) => `${word} ${i}\n`).join('');
const open = (source: IngestOptions['source'], options: Partial<IngestOptions> = {}) =>
  IngestSession.open({ component: stage.stringParser, pool: stage.pool, source, window: { bytes: 200 }, ...options });
/** As it is kept. */
const kept = (checkpoint: Checkpoint): Checkpoint => JSON.parse(JSON.stringify(checkpoint));

function logPath(): string {
  const directory = join(stage.directory, `checkpoints-${number++}`);
  mkdirSync(directory);
  return join(directory, 'app.log');
}

interface Read {
  readonly texts: string[];
  readonly notices: string[];
  readonly checkpoint: Checkpoint;
}

/** Reads until `enough` texts were delivered, or to the end. */
async function read(session: IngestSession, enough = Number.POSITIVE_INFINITY): Promise<Read> {
  await using open = session;
  const texts: string[] = [];
  const notices: string[] = [];
  let checkpoint: Checkpoint | undefined;
  for await (const element of open) {
    if (element.type === 'source') notices.push(element.message);
    if (element.type === 'batch') for (const { columns } of element) texts.push(columns.join(' '));
    if (texts.length >= enough) {
      checkpoint = await open.checkpoint(element);
      break;
    }
  }
  return { texts, notices, checkpoint: kept(checkpoint ?? (await open.checkpoint())) };
}

describe('a session over a file', () => {
  test('goes on behind what another one used, and a parser with state starts afresh', async () => {
    const content = lines('line', 100);
    const file = await stage.input(content);
    const first = await read(await open({ file }, { component: numbering }), 30);
    expect(first.texts.length).toBeLessThan(100);
    const second = await read(await open({ file }, { component: numbering, from: first.checkpoint }));
    const text = (row: string) => row.slice(row.indexOf(' ') + 1);
    expect([...first.texts, ...second.texts].map(text)).toEqual(content.trimEnd().split('\n'));
    expect(second.texts[0]).toBe(`1 line ${first.texts.length}`);
    const { offset } = first.checkpoint.place;
    expect(second.notices).toEqual([
      `The parser starts afresh at byte ${offset} of '${file}', where the checkpoint is: what it knew of the input before is gone.`,
    ]);
  });

  test('goes on with what was appended behind its end, which is known after it has ended', async () => {
    const file = await stage.input('one\ntwo\n');
    const first = await read(await open({ file }));
    expect(first.checkpoint).toMatchObject({ version: 1, type: 'file', name: file, place: { path: file, offset: 8 } });
    appendFileSync(file, 'three\n');
    const session = await open({ file }, { from: first.checkpoint });
    expect(session.progress).toMatchObject({ totalBytes: 6 });
    expect((await read(session)).texts).toEqual(['three']);
    expect(session.summary).toMatchObject({ bytes: 6, notices: { fresh: 1 }, status: 'completed' });
  });

  test.each([
    ['another file', lines('other', 100), 'is another file than that of the checkpoint.'],
    ['a shorter one', 'line 0\n', 'has 7 bytes; the checkpoint is at byte '],
  ])('refuses %s, or starts over when asked to', async (_, content, why) => {
    const file = await stage.input(lines('line', 100));
    const { checkpoint } = await read(await open({ file }), 30);
    writeFileSync(file, content);
    await expect(open({ file }, { from: checkpoint })).rejects.toMatchObject({
      code: 'ERR_CHECKPOINT',
      message: expect.stringContaining(`'${file}' ${why}`),
    });
    const again = await read(await open({ file }, { from: checkpoint, startOver: true }));
    expect(again.texts).toEqual(content.trimEnd().split('\n'));
    expect(again.notices).toEqual([expect.stringMatching(/It is read from its start\.$/)]);
  });

  test('goes on in a file that was renamed, and refuses what cannot be beside it', async () => {
    const file = await stage.input(lines('line', 100));
    const { texts, checkpoint } = await read(await open({ file }), 30);
    renameSync(file, `${file}.1`);
    const rest = await read(await open({ file: `${file}.1` }, { from: checkpoint }));
    expect(texts.length + rest.texts.length).toBe(100);
    const wrong = [{ select: { fromOffset: 5 } }, { parallel: { instances: 2, boundary: 'newline' } }] as const;
    for (const options of wrong)
      await expect(open({ file: `${file}.1` }, { from: checkpoint, ...options })).rejects.toMatchObject({
        code: 'ERR_INVALID_OPTION',
        message: expect.stringMatching(/^The option from cannot be used with/),
      });
    const later = { ...checkpoint, version: 2 } as unknown as Checkpoint;
    await expect(open({ file: `${file}.1` }, { from: later })).rejects.toMatchObject({ code: 'ERR_CHECKPOINT' });
    const damaged = { ...checkpoint, place: { ...checkpoint.place, offset: -1 } };
    await expect(open({ file: `${file}.1` }, { from: damaged })).rejects.toMatchObject({
      code: 'ERR_CHECKPOINT',
      message: expect.stringMatching(/^The checkpoint is damaged: The option from\.place\.offset is -1/),
    });
  });

  test('is not found again when it was closed before its end', async () => {
    const file = await stage.input(lines('line', 100_000));
    const session = await open({ file });
    await session.next();
    await session.close();
    await expect(session.checkpoint({ offset: 500_000, consumedBytes: 0 })).rejects.toMatchObject({
      code: 'ERR_CLOSED',
    });
  });
});

test('a stream has no checkpoints, and says so', async () => {
  const session = await open({ stream: [Buffer.from('one\n')] });
  const message = "The source 'stream' (stream) cannot go back, so there are no checkpoints in it.";
  await expect(session.checkpoint()).rejects.toMatchObject({ code: 'ERR_CHECKPOINT', message });
  await session.close();
  const file = await stage.input('one\n');
  const { checkpoint } = await read(await open({ file }));
  const refused = open({ stream: [Buffer.from('one\n')] }, { from: checkpoint });
  await expect(refused).rejects.toMatchObject({ code: 'ERR_CHECKPOINT', message });
});

describe('a session over a followed file', () => {
  test('goes on across rotations: in the file that it was in, then in those behind it', async () => {
    const file = logPath();
    await writer.do({ kind: 'open', path: file }, { kind: 'write', text: lines('a', 100) });
    const first = await read(await open({ follow: { file, graceMs: 0 } }), 30);
    await writer.do({ kind: 'rotate', late: 'late\n' }, { kind: 'write', text: lines('b', 10) });
    await writer.do({ kind: 'rotate' }, { kind: 'write', text: lines('c', 10) });
    const follow = { file, graceMs: 0, idleMs: 100 };
    const second = await read(await open({ follow }, { from: first.checkpoint }));
    const all = `${lines('a', 100)}late\n${lines('b', 10)}${lines('c', 10)}`;
    expect([...first.texts, ...second.texts]).toEqual(all.trimEnd().split('\n'));
    expect(second.notices).toEqual([
      expect.stringMatching(/^The parser starts afresh at byte \d+ of '.*app\.log\.2'/),
      expect.stringContaining('was rotated'),
      expect.stringContaining('was rotated'),
    ]);
    // That of the end.
    await writer.do({ kind: 'write', text: 'more\n' });
    const third = await read(await open({ follow }, { from: second.checkpoint }));
    expect(third.texts).toEqual(['more']);
  });

  test('goes on when the file was not there yet', async () => {
    const file = logPath();
    const session = await open({ follow: { file } });
    await session.next();
    const checkpoint = kept(await session.checkpoint());
    await session.close();
    await writer.do({ kind: 'open', path: file }, { kind: 'write', text: 'one\n' });
    const { texts } = await read(await open({ follow: { file, idleMs: 50 } }, { from: checkpoint }));
    expect(texts).toEqual(['one']);
  });
});
