/** Sessions over a file that another process writes and rotates. How it is found and read is tested in packages/sources. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type IngestOptions, IngestSession } from '@chipmunk-host/hosts';
import type { CompiledComponent } from '@chipmunk-host/runtime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LogWriter } from '../../../sources/test/log-writer.js';
import { compileKept, type Row, readAll, setStage } from '../support.js';
import { numberingParser } from './numbering-parser.js';

const stage = setStage();
let writer: LogWriter;
let number = 0;
const parsers: Record<string, { component: CompiledComponent; config?: Record<string, boolean> }> = {};
beforeAll(async () => {
  writer = new LogWriter();
  const jsonLines = readFileSync(new URL('../../../../plugins/json-lines/dist/json-lines.wasm', import.meta.url));
  parsers['string-parser'] = { component: stage.stringParser, config: { lossy: true } };
  parsers['json-lines'] = { component: await compileKept(jsonLines) };
  parsers.numbering = { component: await compileKept(await numberingParser()) };
});
afterAll(() => writer[Symbol.asyncDispose]());

/** A log in a directory of its own. */
function logPath(): string {
  const directory = join(stage.directory, `logs-${number++}`);
  mkdirSync(directory);
  return join(directory, 'app.log');
}

const open = (parser: string, source: IngestOptions['source']) =>
  IngestSession.open({ pool: stage.pool, ...parsers[parser], source } as IngestOptions);
const lines = (word: string, count: number) =>
  Array.from({ length: count }, (_, i) => `{"level":"info","message":"${word} ${i}","n":${i}}\n`).join('');

/** The rows of plain files with these texts, one after the other, as the parser makes them of each. */
async function expectedRows(parser: string, texts: readonly string[]): Promise<Row[]> {
  const rows: Row[] = [];
  let before = 0;
  for (const text of texts) {
    const file = await stage.input(text);
    for (const row of await readAll(await open(parser, { file }))) rows.push({ ...row, offset: row.offset + before });
    before += text.length;
  }
  return rows;
}

describe('a session over a followed file', () => {
  test.each(
    ['string-parser', 'json-lines', 'numbering'].flatMap((parser) =>
      ([1, 1024, 10 * 1024 * 1024] as const).map((pieceBytes) => [parser, pieceBytes] as const),
    ),
  )('has the items of its files with %s, written %d bytes a piece', async (parser, pieceBytes) => {
    const path = logPath();
    const count = pieceBytes === 1 ? 50 : 20_000;
    const texts = ['a', 'b', 'c'].map((word) => lines(word, count));
    await writer.do({ kind: 'open', path });
    const session = await open(parser, { follow: { file: path, graceMs: 0 } });
    const written = writer.do(
      { kind: 'write', text: texts[0] ?? '', pieceBytes },
      { kind: 'rotate' },
      { kind: 'write', text: texts[1] ?? '', pieceBytes },
      { kind: 'rotate' },
      { kind: 'write', text: texts[2] ?? '', pieceBytes },
    );
    const total = texts.join('').length;
    const rows: Row[] = [];
    const events: string[] = [];
    for await (const element of session) {
      if (element.type === 'source') events.push(element.event);
      if (element.type === 'batch')
        for (const { offset, length, columns } of element) rows.push({ offset, length, columns });
      if (element.offset + element.consumedBytes === total) break;
    }
    await written;
    expect(rows).toEqual(await expectedRows(parser, texts));
    expect(events).toEqual(['rotated', 'rotated']);
    expect(session.summary).toMatchObject({ bytes: total, skippedBytes: 0, notices: { rotated: 2 }, restarts: 0 });
  });

  test('reports what is left of a file before it was cut, and starts afresh', async () => {
    const path = logPath();
    await writer.do({ kind: 'open', path }, { kind: 'write', text: 'whole\nhal' });
    const session = await open('numbering', { follow: { file: path, idleMs: 300 } });
    const elements = session[Symbol.asyncIterator]();
    const first = await elements.next();
    expect(first.value?.type === 'batch' && [...first.value].map(({ columns }) => columns)).toEqual([['1', 'whole']]);
    await writer.do({ kind: 'truncate' }, { kind: 'write', text: 'new\n' });
    const seen: unknown[] = [];
    for await (const element of session) {
      if (element.type === 'source') seen.push(element.event);
      if (element.type === 'batch') for (const { columns } of element) seen.push(columns);
    }
    expect(seen).toEqual([['2', 'hal'], 'truncated', ['1', 'new']]);
    expect(session.summary).toMatchObject({ status: 'completed', bytes: 13, notices: { truncated: 1 } });
  });

  test('is ended by close while nothing comes', async () => {
    const session = await open('string-parser', { follow: { file: logPath() } });
    const first = await session.next();
    expect(first.value).toMatchObject({ type: 'source', event: 'waiting' });
    const next = session.next();
    await session.close();
    expect(await next).toMatchObject({ done: true });
    expect(stage.pool.usage).toMatchObject({ inUse: 0 });
  });
});
