import { Batch, EntryKind, type Item } from '@chipmunk-host/batch';
import { expect, test } from 'vitest';
import { BatchEncoder } from '#shared/encode/batch-encoder.js';
import { literalPattern, requiredTexts } from '#shared/select/literal-pattern.js';
import { caselessNeedles, plainNeedle, rarestPlaces } from '#shared/select/needle.js';
import { writeSelected } from '#shared/select/selected-batch.js';
import { Comparison, loadSelection, selectionPlan } from '#shared/select/selection-plan.js';
import { FrameBuilder } from '#worker/output/frame-builder.js';
import { selectLarge } from '#worker/output/slot-selector.js';
import { randomBatch, seeded } from '../encode/random-batches.js';
import { isSelected, randomSelection } from './reference-selection.js';

const SEED = Number(process.env.SELECTION_SEED ?? 1);
const CASES = Number(process.env.SELECTION_CASES ?? 300);
/** How many of them are looked at in one test. */
const STEP = 100;

async function selected(batch: Batch, options: Parameters<typeof selectionPlan>[0], before = 0): Promise<Batch> {
  const selection = await loadSelection(await selectionPlan(options, []));
  const { memory, selector, rows, layout, outAt } = selectLarge(batch.bytes, selection, before);
  const { byteLength, ...counts } = writeSelected(memory, selector, rows, 0, layout, outAt);
  const made = Batch.from(new Uint8Array(memory.buffer, outAt, byteLength).slice());
  expect(counts).toEqual({
    items: made.count,
    filtered: made.filteredItems,
    filteredBytes: made.filteredBytes,
    bytes: made.consumedBytes,
    skippedBytes: made.skippedBytes,
  });
  return made;
}

const shown = (batch: Batch, keep: (item: Item) => boolean = () => true) =>
  [...batch].filter(keep).map((item) => ({ kind: item.kind, joined: batch.wasJoined(item.entry), ...item.toJSON() }));

const STARTS = Array.from({ length: Math.ceil(CASES / STEP) }, (_, index) => SEED * 1_000_000 + index * STEP);

test.each(STARTS)('random batches are selected from as after decoding: %i', async (start) => {
  let some = 0;
  for (let seed = start; seed < start + STEP; seed++) {
    const random = seeded(seed);
    const batch = randomBatch(random, seed % 50 === 0 ? 0.02 : 0);
    const texts = [...batch].flatMap(({ columns }) => columns).filter((text) => text !== '');
    const options = randomSelection(random, texts);
    const expected = shown(batch, (item) => isSelected(item, options));
    const made = await selected(batch, options);
    const about = JSON.stringify({ seed, options: { ...options } }).slice(0, 2000);
    expect(shown(made), about).toEqual(expected);
    expect(made.filteredItems, about).toBe(batch.count - expected.length);
    if (expected.length > 0 && expected.length < batch.count) some++;
    const { offset, consumedBytes, skippedBytes, sources } = batch;
    expect(made).toMatchObject({ offset, consumedBytes, skippedBytes, sources });
    // What is left out is left out of the output of an encoder, too.
    const [all = '', some_ = ''] = [batch, made].map((from) => {
      const encoder = new BatchEncoder({ format: 'ndjson' });
      return Buffer.concat([...encoder.encode(from)]).toString();
    });
    if (expected.length === batch.count) expect(some_).toBe(all);
    expect(some_.split('\n')).toHaveLength(expected.length + 1);
  }
  expect(some).toBeGreaterThan(STEP / 20);
});

test('items are skipped and limited among those that the conditions let through', async () => {
  for (let seed = 0; seed < 100; seed++) {
    const random = seeded(seed);
    const batch = randomBatch(random, 0);
    const [skip, limit, before] = [0, 0, 0].map(() => Math.floor(random() * 12)) as [number, number, number];
    // When the limit is reached, nothing more is selected from.
    const options = { match: 'a', skip, limit: Math.max(1, limit, before - skip + 1) };
    const passing = shown(batch, (item) => isSelected(item, options));
    const expected = passing.filter((_, index) => before + index >= skip && before + index < skip + options.limit);
    const made = await selected(batch, options, before);
    expect(shown(made)).toEqual(expected);
    const isCut = before + passing.length >= skip + options.limit;
    const last = expected.at(-1);
    if (isCut && last !== undefined) expect(made.offset + made.consumedBytes).toBe(last.offset + last.length);
  }
});

test('entries that stand for left out items are of a kind of their own, and no item', async () => {
  const batch = randomBatch(seeded(4), 0);
  const made = await selected(batch, { match: 'nowhere to be found' });
  expect([made.count, made.filteredItems, made.filteredBytes]).toEqual([
    0,
    batch.count,
    batch.consumedBytes - batch.skippedBytes,
  ]);
  const kinds = Array.from({ length: made.entries }, (_, entry) => made.kind(entry));
  expect(kinds).toContain(EntryKind.filtered);
  expect(kinds.filter((kind) => kind !== EntryKind.skipped && kind !== EntryKind.filtered)).toEqual([]);
  const texts: string[] = [];
  made.forEachText((text) => texts.push(text));
  expect(texts).toEqual([]);
  expect([...made.encodedLines('\t')]).toEqual([]);
});

test.each(['(a+)+$', '(?i)(a|aa)+!', '\\b(a+)+\\b$'])(
  '%j reads each byte of a long text a few times at most',
  async (match) => {
    const plan = await selectionPlan({ match, where: `#1~${match}` }, []);
    const { engine } = await loadSelection(plan);
    let reads = 0;
    const counting: typeof engine = {
      compile(pattern) {
        const compiled = engine?.compile(pattern);
        return { test: (text) => compiled?.test(counted(text, () => reads++)) ?? false };
      },
    };
    const perByte = [64, 256, 1024].map((kibibytes) => {
      const bytes = kibibytes * 1024;
      reads = 0;
      const builder = new FrameBuilder();
      for (const text of ['a'.repeat(bytes), `${'a'.repeat(bytes)}!`, `${'a'.repeat(bytes)} `]) {
        builder.addString(text);
        builder.endEntry(EntryKind.line, bytes);
      }
      const { rows } = selectLarge(Buffer.concat(builder.finish(0).segments), { plan, engine: counting }, 0);
      expect(rows.end).toBe(3);
      return reads / bytes;
    });
    const [least = 0, , most = 0] = perByte;
    expect(least).toBeGreaterThan(1);
    expect(most).toBeLessThan(least * 1.01);
    expect(most).toBeLessThan(7);
  },
);

/** The text, each of whose bytes is counted when it is read. */
function counted(text: Uint8Array, read: () => void): Uint8Array {
  return new Proxy(text, {
    get(target, key) {
      if (typeof key === 'string' && /^\d+$/.test(key)) read();
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

test.each([
  ['Level=warn', 0, 'equals', 'warn'],
  ['Level=', 0, 'equals', ''],
  ['Level==x', 0, 'equals', '=x'],
  ['Level=a=b', 1, 'equals', 'b'],
  ['Level=a~b', 1, 'contains', 'b'],
  ['Level~^b', 0, 'prefix', 'b'],
  ['a~b=c~d', 2, 'equals', 'c~d'],
  ['#2=x', 1, 'equals', 'x'],
  ['#4096~x', 4095, 'contains', 'x'],
] as const)('%j is a condition on a column, whatever is in its caption', async (where, column, how, text) => {
  const { tests } = await selectionPlan({ where }, ['Level', 'Level=a', 'a~b']);
  const bytes = new TextEncoder().encode(text);
  expect(tests).toEqual([
    how === 'contains'
      ? {
          column,
          how: Comparison.contains,
          bytes: new Uint8Array(),
          needles: [{ needles: [plainNeedle(text)], beyondAscii: [] }],
        }
      : { column, how: Comparison[how], bytes, needles: [] },
  ]);
});

test.each([
  ['plain', { text: 'plain', isPrefix: false }],
  ['^a\\.b', { text: 'a.b', isPrefix: true }],
  ['', { text: '', isPrefix: false }],
  ['(?i)plain', { text: 'plain', isPrefix: false, ignoreCase: true }],
  ['(?i)^plain', undefined],
  ['a.b', undefined],
  ['a$', undefined],
  ['a|b', undefined],
  ['\\d', undefined],
  ['a{', undefined],
])('%j is text alone: %j', (pattern, literal) => {
  expect(literalPattern(pattern)).toEqual(literal);
});

test.each([
  ['error: .*timeout \\d+', ['timeout ', 'error: ']],
  ['(?:a|b)cde[fgh]ij', ['cde', 'ij', 'a|b']],
  ['abc?de', ['ab', 'de']],
  ['abc{0,2}d', ['ab', 'd']],
  ['ab[]|(]cde', ['cde', 'ab']],
  ['a|b', ['a|b']],
  ['timeout|refus(?:ed|al) \\d|[(|]no', ['timeout|refus|no']],
  ['a|b|', []],
  ['x(one|two)+y', ['one|two', 'x', 'y']],
  ['x(one|two)*y', ['x', 'y']],
  ['x(one|two){0,3}y', ['x', 'y']],
  ['(?P<name>one|two)', ['one|two']],
  ['a.b.cc.dd.e', ['cc', 'dd', 'a', 'b']],
  ['a|b|c|d|e|f|g|h|i', []],
  ['(?i)abc', ['abc/i']],
  ['(?im)abc|d\\d', ['abc/i|d/i']],
  ['a(?i:bcd)', ['bcd/i', 'a']],
  ['(?i)a(?-i:bcd|efg)', ['bcd|efg', 'a/i']],
  ['abc(?i)d', []],
  ['a\\QbcdE', []],
  ['foo{|bar}', []],
  ['(\\(|x)yz', ['yz', '(|x']],
])('%j cannot do without one text of each of %j', (pattern, lists) => {
  const shown = requiredTexts(pattern).map((texts) =>
    texts.map(({ text, ignoreCase }) => (ignoreCase ? `${text}/i` : text)).join('|'),
  );
  expect(shown).toEqual(lists);
});

test.each([
  ['Error', 'error', true, []],
  ['Task 9', 'task 9', true, ['\u017f', '\u212a']],
  // Some of these letters have forms that take more bytes.
  ['привет', 'при', false, []],
  ['äbc', 'äbc', false, []],
  ['東京x', '東京x', true, []],
  ['ſx', 'x', false, []],
  ['σσ', undefined, false, []],
])('%j of any case is looked for by %j', (text, looked, isSure, beyondAscii) => {
  const found = caselessNeedles(text);
  expect(found && new TextDecoder().decode(found.needle.bytes)).toBe(looked);
  expect(found?.isSure ?? false).toBe(isSure);
  expect((found?.beyondAscii ?? []).map(({ bytes }) => new TextDecoder().decode(bytes)).sort()).toEqual(beyondAscii);
});

test('a needle is looked for by its rarest bytes', () => {
  const counts = new Uint32Array(256).fill(100);
  counts[0x7a] = 1;
  counts[0x79] = 2;
  expect(rarestPlaces(plainNeedle('abzcy'), counts)).toEqual([2, 4]);
  expect(rarestPlaces(plainNeedle('yzabc'), counts)).toEqual([1, 0]);
  expect(rarestPlaces(plainNeedle('a'), counts)).toEqual([0, 0]);
});
