/** Items that the interface allows and nobody expects: of no bytes, and with other columns than the render options name. */
import type { IngestOptions, StreamRecord } from '@chipmunk-host/hosts';
import { expect, test } from 'vitest';
import { AREA, ITEM, put8, put32, put64, type WatPlugin, watPlugin } from './faults/wat-plugin.js';
import { compileKept, setStage } from './support.js';

const stage = setStage();
const ITEM_BYTES = 96;
/** Where a list of columns lies, and the letters that they are made of. */
const COLUMNS = 4096;
const LETTERS = 8192;

async function itemsOf(plugin: WatPlugin, input: string, options: Partial<IngestOptions> = {}) {
  const component = await compileKept(
    await watPlugin({ fields: `(data (i32.const ${LETTERS}) "abcdefgh")`, ...plugin }),
  );
  const session = await stage.open({ component, ...options, source: { file: await stage.input(input) } });
  const items: [offset: number, length: number, columns: readonly string[]][] = [];
  const records: StreamRecord[] = [];
  for await (const element of session) {
    if (element.type !== 'batch') records.push(element.toJSON());
    else for (const { offset, length, columns } of element) items.push([offset, length, columns]);
  }
  return { items, records, summary: session.summary };
}

/** An item of the `count` first letters, a column each. */
const letters = (count: number): string =>
  [
    ...Array.from(
      { length: count },
      (_, i) => `${put32(COLUMNS + 8 * i, LETTERS + i)} ${put32(COLUMNS + 8 * i + 4, 1)}`,
    ),
    put8(ITEM + 16, 1),
    put32(ITEM + 20, COLUMNS),
    put32(ITEM + 24, count),
  ].join(' ');

test('an item of no bytes beside one that has some is delivered once, where it stands', async () => {
  const second = ITEM + ITEM_BYTES;
  const both = `
    (memory.copy (i32.const ${second}) (i32.const ${ITEM}) (i32.const ${ITEM_BYTES}))
    ${put32(AREA + 8, 2)} ${put32(ITEM + 20, LETTERS)} ${put32(ITEM + 24, 1)} ${put64(ITEM + 88, 0n)}`;
  const { items, summary } = await itemsOf({ acts: [both] }, 'x\n!0\ny\n');
  expect(items).toEqual([
    [0, 2, ['x\n']],
    [2, 0, ['a']],
    [2, 3, ['!0\n']],
    [5, 2, ['y\n']],
  ]);
  expect(summary).toMatchObject({ items: 4, bytes: 7, skippedBytes: 0 });
});

test('an item of no bytes that a call returns alone is delivered again with each longer slice, until the input ends', async () => {
  const input = `!0\n${'y'.repeat(500)}`;
  const { items, summary } = await itemsOf({ acts: [put64(ITEM + 88, 0n)] }, input, { window: { bytes: 64 } });
  // Slices of 64, 128 and 256 bytes and the rest.
  expect(items.length).toBeGreaterThan(3);
  for (const item of items) expect(item).toEqual([0, 0, ['!0\n']]);
  expect(summary).toMatchObject({ status: 'completed', items: items.length, bytes: 503, skippedBytes: 503, gaps: 0 });
});

test('fewer columns than the render options name, more, and none are delivered as they are', async () => {
  const renderOptions = `${put8(16, 1)} ${put32(20, 16384)} ${put32(24, 3)}`;
  // It returns the same place, which has to be empty again.
  const schemas = `${put32(16, 0)} ${put32(20, 0)}`;
  const acts = [letters(1), letters(5), letters(0), letters(3)];
  const { items, summary } = await itemsOf({ renderOptions, schemas, acts }, '!0\n!1\n!2\n!3\n');
  expect(items.map(([, , columns]) => columns.join(' '))).toEqual(['a', 'a b c d e', '', 'a b c']);
  expect(items.map(([, , columns]) => columns.length)).toEqual([1, 5, 0, 3]);
  expect(summary).toMatchObject({ status: 'completed', items: 4, restarts: 0, gaps: 0 });
});

test('errors carry the first bytes of the input on which the plugin failed, or not', async () => {
  const trapping = { acts: ['unreachable'] };
  const excerptOf = async (options: Partial<IngestOptions>) => {
    const { records } = await itemsOf(trapping, 'x\n!0 secret\ny\n', options);
    expect(records.length).toBeGreaterThan(0);
    return [...new Set(records.map(({ error }) => error?.details?.excerpt.slice(0, 20)))];
  };
  expect(await excerptOf({})).toEqual([Buffer.from('!0 secret\n').toString('hex')]);
  expect(await excerptOf({ excerpts: false })).toEqual(['']);
});
