import type { EncodedFormat, IngestOptions, IngestSession, SelectOptions } from '@chipmunk-host/hosts';
import { beforeAll, describe, expect, test } from 'vitest';
import { seeded } from '../encode/random-batches.js';
import { setScene } from '../faults/scene.js';

const scene = setScene();

type Options = Partial<Omit<IngestOptions, 'source'>>;

interface Line {
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

/** Lines of many lengths: of nothing, of a few bytes, and of more than a slot of 4 KiB. */
const LINES: readonly string[] = (() => {
  const random = seeded(11);
  return Array.from({ length: 2000 }, (_, number) => {
    const long = random() < 0.01 ? 'ä long line, '.repeat(Math.floor(random() * 2000)) : '';
    return random() < 0.05 ? '' : `${number} ${random() < 0.2 ? 'rare words ' : ''}${long}🐿️`;
  });
})();
const CONTENT = Buffer.from(`${LINES.join('\n')}\n`);

function linesThat(keep: (text: string) => boolean): Line[] {
  let offset = 0;
  return LINES.flatMap((text) => {
    const length = Buffer.byteLength(text) + 1;
    offset += length;
    return keep(text) ? [{ offset: offset - length, length, text }] : [];
  });
}

/** All items. Checks that every byte is accounted for, in order, up to `end`. */
async function read(session: IngestSession, end = CONTENT.length): Promise<Line[]> {
  const lines: Line[] = [];
  let offset = 0;
  for await (const element of session) {
    expect(element.offset).toBe(offset);
    offset += element.consumedBytes;
    if (element.type !== 'batch') continue;
    for (const item of element) lines.push({ offset: item.offset, length: item.length, text: item.text });
  }
  expect(offset).toBe(end);
  return lines;
}

const filteredOf = (kept: readonly Line[]) => ({
  items: kept.length,
  filteredItems: LINES.length - kept.length,
  bytes: CONTENT.length,
  filteredBytes: CONTENT.length - kept.reduce((sum, { length }) => sum + length, 0),
  skippedBytes: 0,
});

const SMALL_RING = { ring: { slots: 2, slotBytes: 4096 } };
const WAYS: [string, Options][] = [
  ['alone', {}],
  ['through slots that are smaller than some rows', SMALL_RING],
  ['a few items at a time', { window: { bytes: 60 } }],
  ['by several instances', { parallel: { instances: 3, boundary: 'newline', splitBytes: 20_000 } }],
  ['through bindings', { bindingsOnly: true }],
];
const SELECTIONS: [SelectOptions, (text: string) => boolean][] = [
  [{ match: 'rare' }, (text) => text.includes('rare')],
  [{ match: '^1' }, (text) => text.startsWith('1')],
  [{ match: ['\\d+ rare', '(?i)WORDS'], invert: true }, (text) => !/\d+ rare/.test(text)],
  [{ where: '#1=' }, (text) => text === ''],
  [{ match: 'long' }, (text) => text.includes('long')],
];

let file = '';
beforeAll(async () => {
  file = await scene.input(CONTENT);
});

test.each(WAYS)('a session delivers what matches, and accounts for the rest as filtered, %s', async (_, options) => {
  for (const [select, keep] of SELECTIONS) {
    const session = await scene.open({ ...options, source: { file }, select });
    const expected = linesThat(keep);
    expect(await read(session)).toEqual(expected);
    expect(session.summary).toMatchObject({ status: 'completed', limitReached: false, ...filteredOf(expected) });
  }
});

test.each(WAYS)('what matches is encoded, %s', async (_, options) => {
  for (const [select, keep] of SELECTIONS.slice(0, 3)) {
    const expected = linesThat(keep);
    for (const format of ['text', 'raw'] satisfies EncodedFormat[]) {
      const session = await scene.open({ ...options, source: { file }, select });
      const pieces: Uint8Array[] = [];
      let offset = 0;
      for await (const element of session.encoded(format)) {
        expect(element.offset).toBe(offset);
        offset += element.consumedBytes;
        if (element.type === 'encoded') pieces.push(Uint8Array.from(element.bytes));
      }
      const text = expected.map((line) => `${line.text}\n`).join('');
      expect(Buffer.concat(pieces).toString() === text, format).toBe(true);
      expect(session.summary).toMatchObject({ status: 'completed', ...filteredOf(expected) });
    }
  }
});

describe('skip and limit', () => {
  test.each(WAYS.filter(([, { parallel }]) => parallel === undefined))('count what matches, %s', async (_, options) => {
    const all = linesThat((text) => text.includes('rare'));
    for (const [skip, limit] of [
      [0, 1],
      [3, 50],
      [all.length - 1, 5],
      [all.length + 5, 5],
      [0, 0],
    ] as const) {
      const expected = all.slice(skip, skip + limit);
      const limitReached = expected.length === limit;
      const end = !limitReached ? CONTENT.length : expected.reduce((_, { offset, length }) => offset + length, 0);
      const session = await scene.open({ ...options, source: { file }, select: { match: 'rare', skip, limit } });
      expect(await read(session, end)).toEqual(expected);
      expect(session.summary).toMatchObject({ status: 'completed', limitReached, bytes: end, items: expected.length });
    }
  });

  test('hold for encoded output, through slots that are smaller than some rows', async () => {
    const expected = linesThat(() => true).slice(100, 700);
    for (const format of ['text', 'raw'] satisfies EncodedFormat[]) {
      const session = await scene.open({ ...SMALL_RING, source: { file }, select: { skip: 100, limit: 600 } });
      let text = '';
      for await (const element of session.encoded(format))
        if (element.type === 'encoded') text += Buffer.from(element.bytes).toString('latin1');
      const wanted = Buffer.from(expected.map((line) => `${line.text}\n`).join('')).toString('latin1');
      expect(text === wanted, format).toBe(true);
      expect(session.summary).toMatchObject({ limitReached: true, items: 600, filteredItems: 100 });
    }
  });

  test('hold across instances and threads that are lost', async () => {
    const lines = Array.from({ length: 900 }, (_, n) => (n === 400 ? '!trap' : n === 700 ? '!loop' : `line ${n}`));
    const source = { file: await scene.input(`${lines.join('\n')}\n`) };
    const faulty = { component: scene.faulty, window: { bytes: 500 }, recovery: { narrowingMs: 0 }, deadlineMs: 300 };
    const texts = async (select: SelectOptions) => {
      const session = await scene.open({ ...faulty, source, select });
      const found: string[] = [];
      for await (const batch of session.batches()) for (const { text } of batch) found.push(text);
      return { found, summary: session.summary };
    };
    const all = await texts({ match: '0' });
    expect(all.summary).toMatchObject({ status: 'completed', gaps: 2, limitReached: false });
    const { found, summary } = await texts({ match: '0', skip: 20, limit: all.found.length - 25 });
    expect(found).toEqual(all.found.slice(20, -5));
    expect(summary).toMatchObject({ status: 'completed', gaps: 2, limitReached: true });
  });
});

test('reads a file from an offset on', async () => {
  const [, , , first] = linesThat(() => true);
  const offset = first?.offset ?? 0;
  const session = await scene.open({ source: { file }, select: { fromOffset: offset } });
  const lines: number[] = [];
  for await (const batch of session.batches()) for (const item of batch) lines.push(item.offset);
  expect(lines).toEqual(
    linesThat(() => true)
      .slice(3)
      .map((line) => line.offset),
  );
  expect(session.summary).toMatchObject({ status: 'completed', bytes: CONTENT.length - offset });
  expect(session.progress).toMatchObject({ totalBytes: CONTENT.length - offset, share: 1 });
});

test('conditions are on single columns', async () => {
  const source = { file: await scene.input('a\nb\nab\na\n') };
  const columns = async (select: SelectOptions) => {
    const session = await scene.open({ source, config: { columns: true }, select });
    return (await session.collect()).map((item) => item.columns?.join());
  };
  expect(await columns({ where: '#2=a' })).toEqual(['1,a', '1,a']);
  expect(await columns({ where: '#2~a' })).toEqual(['1,a', '2,ab', '1,a']);
  expect(await columns({ where: ['#1=1', '#2~^[^a]'] })).toEqual(['1,b']);
  expect(await columns({ match: '1\ta' })).toEqual(['1,a', '1,a']);
  expect(await columns({ match: '^2' })).toEqual(['2,ab']);
  expect(await columns({ where: '#3~.*' })).toEqual([]);
});

test.each<[string, SelectOptions, string, (Options | undefined)?]>([
  ['look-ahead', { match: 'a(?=b)' }, 'look-ahead'],
  ['look-ahead that is negative', { where: '#1~a(?!b)' }, 'look-ahead'],
  ['look-behind', { match: '(?<=a)b' }, 'look-behind'],
  ['a back-reference', { match: ['fine', '(a)\\1'] }, 'back-reference'],
  ['an atomic group', { match: '(?>a)' }, 'atomic group'],
  ['an open group', { match: '(a' }, 'missing closing )'],
  ['half of a surrogate pair', { match: 'a\ud800' }, 'surrogate'],
  ['very long patterns', { match: 'a'.repeat(70_000) }, '65536'],
  ['a column that is not known', { where: 'Level=x' }, 'Level=x'],
  ['a condition without an operator', { where: '#1' }, 'COLUMN=VALUE'],
  ['a limit of several instances', { limit: 5 }, 'select.limit', WAYS[3]?.[1]],
  ['an offset behind the end', { fromOffset: 10 ** 9 }, 'select.fromOffset'],
  ['a limit below 0', { limit: -1 }, 'select.limit'],
])('%s is refused', async (_, select, named, options = {}) => {
  await expect(scene.open({ ...options, source: { file }, select })).rejects.toMatchObject({
    code: 'ERR_INVALID_OPTION',
    message: expect.stringContaining(named),
  });
});

test.each<[string, Options]>([
  ['alone', {}],
  ['by two instances', { parallel: { instances: 2, boundary: 'newline', splitBytes: 2 ** 20 } }],
])('a window of 1 MiB stays one batch when items of it are selected, %s', async (_, way) => {
  const source = {
    file: await scene.input(`${'a line of some length, as logs have them; '.repeat(2)}\n`.repeat(30_000)),
  };
  const batchesOf = async (options: Options) => {
    let batches = 0;
    const session = await scene.open({ source, window: { bytes: 2 ** 20 }, ...way, ...options });
    for await (const _batch of session.batches()) batches++;
    return batches;
  };
  expect(await batchesOf({ select: { match: 'line' } })).toBe(await batchesOf({}));
});
