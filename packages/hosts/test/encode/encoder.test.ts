import { Batch, EntryKind } from '@chipmunk-host/batch';
import { EntryCode, readBatchLayout } from '@chipmunk-host/batch/internal';
import { expect, test } from 'vitest';
import { BatchEncoder, type BatchEncoderOptions } from '#shared/encode/batch-encoder.js';
import { FrameBuilder } from '#worker/output/frame-builder.js';
import { type Random, randomBatch, randomEncoding, seeded } from './random-batches.js';
import { itemText, referenceText } from './reference-encoder.js';
import { rendering } from './rendering.js';

const SEED = Number(process.env.ENCODER_SEED ?? 1);
const CASES = Number(process.env.ENCODER_CASES ?? 600);
/** How many of them are looked at in one test. */
const STEP = 100;

/** Says where they differ: the whole of them may be megabytes. */
function expectSame(actual: string, expected: string, about: unknown): void {
  if (actual === expected) return;
  let at = 0;
  while (actual[at] === expected[at]) at++;
  const near = (text: string) => text.slice(Math.max(0, at - 40), at + 40);
  expect({ about, at, text: near(actual) }).toEqual({ about, at, text: near(expected) });
}

test.each(Array.from({ length: Math.ceil(CASES / STEP) }, (_, index) => SEED * 1_000_000 + index * STEP))(
  'random items are written as in plain JavaScript: %i',
  (start) => {
    for (let seed = start; seed < start + STEP; seed++) {
      const random = seeded(seed);
      const { options, captions } = randomEncoding(random);
      const batch = randomBatch(random, seed % 10 === 0 ? 0.02 : 0);
      const encoder = new BatchEncoder(options, rendering(captions));
      const chunks = [...encoder.encode(batch)];
      const about = { seed, options, captions };
      expectSame(Buffer.concat(chunks).toString(), referenceText(batch, options, captions), about);
      for (const chunk of chunks) expect(chunk.length).toBeLessThanOrEqual(options.pieceBytes ?? 0);
      // The next batch goes on as if nothing had been before, also when not all of this one is taken.
      for (const _ of encoder.encode(batch)) break;
      const selected = Uint8Array.from({ length: Math.ceil(batch.entries / 8) }, () => Math.floor(random() * 256));
      const chosen = [...batch].filter(({ entry }) => ((selected[entry >> 3] as number) >> (entry & 7)) & 1);
      const expected = chosen.map((item) => itemText(item, options, captions)).join('');
      expectSame(Buffer.concat([...encoder.encode(batch, selected)]).toString(), expected, about);
    }
  },
);

test('positions are written right where their number of digits, or the digits above the last eight, change', () => {
  const encoder = new BatchEncoder({ format: 'csv', fields: ['offset', 'text'], header: false });
  for (const around of [10, 10 ** 7, 10 ** 8, 2 * 10 ** 8, 10 ** 9, 99 * 10 ** 8, 10 ** 15, 10 ** 8]) {
    const builder = new FrameBuilder();
    for (let row = 0; row < 6; row++) {
      builder.addString('x');
      builder.endEntry(EntryCode.line, 1);
    }
    const batch = Batch.from(Buffer.concat(builder.finish(around - 3).segments));
    const expected = Array.from({ length: 6 }, (_, row) => `${around - 3 + row},x\r\n`).join('');
    expect(Buffer.concat([...encoder.encode(batch)]).toString()).toBe(expected);
  }
});

test('a damaged batch is refused, or gives some bytes, and the encoder goes on with the next one', () => {
  let refused = 0;
  for (let seed = 0; seed < CASES; seed++) {
    const random = seeded(SEED * 1_000_000 + seed);
    const { options, captions } = randomEncoding(random);
    const encoder = new BatchEncoder(options, rendering(captions));
    const whole = randomBatch(random, 0);
    const bytes = Uint8Array.from(whole.bytes);
    for (let flips = 1 + Math.floor(random() * 3); flips > 0; flips--)
      bytes[Math.floor(random() * bytes.length)] = pickByte(random);
    try {
      for (const _ of encoder.encode(Batch.from(bytes)));
    } catch (error) {
      expect(error).toMatchObject({ name: 'BatchError', code: 'ERR_BATCH_FORMAT' });
      refused++;
    }
    const text = Buffer.concat([...encoder.encode(whole)]).toString();
    expectSame(text, referenceText(whole, options, captions), { seed });
  }
  expect(refused).toBeGreaterThan(CASES / 10);
});

test.each(['text', 'ndjson', 'arrow'] as const)('a batch whose tables and totals disagree is refused: %s', (format) => {
  const builder = new FrameBuilder();
  for (const line of ['one', 'two', 'three']) {
    builder.addString(line);
    builder.endEntry(EntryCode.line, 10);
  }
  const whole = Buffer.concat(builder.finish(0).segments);
  const { consumed, kinds } = readBatchLayout(whole);
  const changed = (at: number, value: number) => {
    const bytes = Buffer.from(whole);
    bytes[at] = value;
    return Batch.from(bytes);
  };
  const lessInput = changed(consumed, 9);
  const fewerItems = changed(kinds + 1, EntryKind.skipped);
  for (const batch of [lessInput, fewerItems]) {
    const encoder = new BatchEncoder({ format });
    expect(() => [...encoder.encode(batch)]).toThrow(/tables and totals disagree/);
  }
});

/** Often one that makes a number of a table very large. */
function pickByte(random: Random): number {
  return random() < 0.3 ? 0xff : Math.floor(random() * 256);
}

test.each<[string, BatchEncoderOptions, string]>([
  ['a separator that is too long', { format: 'text', separator: 'x'.repeat(1025) }, 'separator'],
  ['a delimiter of two characters', { format: 'csv', delimiter: ',,' }, 'delimiter'],
  ['a quote as delimiter', { format: 'csv', delimiter: '"' }, 'delimiter'],
  ['a column that is not known', { format: 'text', columns: ['nope'] }, 'columns'],
  ['a column twice', { format: 'text', columns: ['#1', '#1'] }, 'columns'],
  ['fields of text', { format: 'text', fields: ['text'] }, 'fields'],
  ['attachments in csv', { format: 'csv', fields: ['attachment'] }, 'fields'],
  ['raw', { format: 'raw' }, 'format'],
])('%s is refused', (_, options, named) => {
  expect(() => new BatchEncoder(options)).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_OPTION', message: expect.stringContaining(`option ${named}`) }),
  );
});
