import { isDeepStrictEqual } from 'node:util';
import { Batch } from '@chipmunk-host/batch';
import { describe, expect, test } from 'vitest';
import { ArrowOutput } from '#shared/encode/arrow/arrow-output.js';
import { BatchEncoder, type BatchEncoderOptions } from '#shared/encode/batch-encoder.js';
import { FrameBuilder } from '#worker/output/frame-builder.js';
import { readArrow, referenceRows } from './arrow-reader.js';
import { randomArrowEncoding, randomBatch, repeatingBatch, seeded } from './random-batches.js';
import { rendering } from './rendering.js';

const SEED = Number(process.env.ENCODER_SEED ?? 1);
const CASES = Number(process.env.ENCODER_CASES ?? 100);
/** How many of them are looked at in one test. */
const STEP = 50;

test.each(Array.from({ length: Math.ceil(CASES / STEP) }, (_, index) => SEED * 1_000_000 + index * STEP))(
  'random items are read back by the library of Arrow: %i',
  (start) => {
    for (let seed = start; seed < start + STEP; seed++) {
      const random = seeded(seed);
      const { options, captions } = randomArrowEncoding(random);
      const made = Array.from({ length: 1 + Math.floor(random() * 3) }, () =>
        random() < 0.3 ? repeatingBatch(random) : randomBatch(random, seed % 10 === 0 ? 0.02 : 0),
      );
      const hasTimes = made[0]?.hasTimes === true;
      // A batch with times is refused when the first one has none.
      const batches = made.filter((batch) => hasTimes || options.fields !== undefined || !batch.hasTimes);
      const encoder = new BatchEncoder(options, rendering(captions));
      const selections = batches.map(({ entries }) => (random() < 0.3 ? randomBits(entries, random) : undefined));
      const chunks = batches.flatMap((batch, index) => [...encoder.encode(batch, selections[index])]);
      const { rows, batches: counts } = readArrow(Buffer.concat([...chunks, encoder.end()]));
      const expected = batches.flatMap((batch, index) => {
        const selected = selections[index];
        const entries = [...batch].map(({ entry }) => entry);
        return referenceRows(batch, options, captions, hasTimes).filter(
          (row, item) => row !== undefined && (selected === undefined || bit(selected, entries[item] as number)),
        );
      });
      // Says where they differ, when they do: that takes long.
      if (!isDeepStrictEqual(rows, expected)) expect(rows, `seed ${seed}`).toEqual(expected);
      for (const count of counts) expect(count).toBeLessThanOrEqual(options.batchRows ?? Number.POSITIVE_INFINITY);
      for (const chunk of chunks.slice(1)) expect(chunk.length).toBeLessThanOrEqual(options.pieceBytes ?? 0);
    }
  },
);

function randomBits(count: number, random: () => number): Uint8Array {
  return Uint8Array.from({ length: Math.ceil(count / 8) }, () => Math.floor(random() * 256));
}

function bit(bits: Uint8Array, index: number): boolean {
  return (((bits[index >> 3] as number) >> (index & 7)) & 1) !== 0;
}

test('a damaged batch is refused, or gives some bytes, and the encoder goes on with the next one', () => {
  let refused = 0;
  for (let seed = 0; seed < CASES * 2; seed++) {
    const random = seeded(SEED * 1_000_000 + seed);
    const { options, captions } = randomArrowEncoding(random);
    const whole = seed % 8 === 0 ? repeatingBatch(random) : randomBatch(random, 0);
    const encoder = new BatchEncoder({ ...options, fields: ['time', 'text', 'attachment'] }, rendering(captions));
    const before = [...encoder.encode(whole)];
    const bytes = Uint8Array.from(whole.bytes);
    for (let flips = 1 + Math.floor(random() * 3); flips > 0; flips--)
      bytes[Math.floor(random() * bytes.length)] = random() < 0.3 ? 0xff : Math.floor(random() * 256);
    try {
      for (const _ of encoder.encode(Batch.from(bytes)));
    } catch (error) {
      expect(error).toMatchObject({ name: 'BatchError', code: 'ERR_BATCH_FORMAT' });
      refused++;
    }
    const after = [...encoder.encode(whole)];
    expect(Buffer.concat(after.slice(-before.length)).equals(Buffer.concat(before.slice(-after.length)))).toBe(true);
  }
  expect(refused).toBeGreaterThan(CASES / 10);
});

/** Lines of columns. */
function batchOf(rows: readonly (readonly string[])[], time?: bigint): Batch {
  const builder = new FrameBuilder();
  for (const row of rows) {
    for (const text of row) builder.addString(text);
    builder.endEntry(2, 10, time);
  }
  return Batch.from(Buffer.concat(builder.finish(0).segments));
}

function encoded(options: BatchEncoderOptions, captions: readonly string[], ...batches: readonly Batch[]) {
  const encoder = new BatchEncoder(options, rendering(captions));
  return readArrow(Buffer.concat([...batches.flatMap((batch) => [...encoder.encode(batch)]), encoder.end()]));
}

describe('the schema', () => {
  const repeating = batchOf(
    Array.from({ length: 100 }, (_, row) => [`level ${row % 3}`, `id ${row}`, `level ${row % 3}`]),
  );
  const different = batchOf(Array.from({ length: 100 }, (_, row) => [`first ${row}`, `second ${row}`, `third ${row}`]));
  const captions = ['Level', 'Id', 'Payload'];
  const plain = { offset: 'Int64', length: 'Uint32', Level: 'Utf8', Id: 'Utf8', Payload: 'Utf8' };
  const attachments =
    'List<Struct<{name:Utf8, size:Uint64, created:Utf8, modified:Utf8, messages:List<Uint64>, data:Binary}>>';

  test('has a dictionary for columns with few values in the first batch, but for the last column', () => {
    const { types, rows } = encoded({ format: 'arrow' }, captions, repeating, different, repeating);
    expect(types).toEqual({ ...plain, Level: 'Dictionary<Int32, Utf8>', attachments });
    expect(rows.map(({ Level }) => Level).slice(99, 202)).toEqual([
      'level 0',
      ...Array.from({ length: 100 }, (_, row) => `first ${row}`),
      'level 0',
      'level 1',
    ]);
  });

  test('is that of the first batch', () => {
    expect(encoded({ format: 'arrow' }, captions, different, repeating).types).toEqual({ ...plain, attachments });
  });

  test('has no dictionaries where they are not wanted, and in files', () => {
    expect(encoded({ format: 'arrow', dictionaries: false }, captions, repeating).types).toEqual({
      ...plain,
      attachments,
    });
    expect(encoded({ format: 'arrow-file' }, captions, repeating).types).toEqual({ ...plain, attachments });
  });

  test.each(['arrow', 'arrow-file'] as const)('is there without any batch, in %s', (format) => {
    const { rows, types } = encoded({ format, source: 'a.log' }, captions);
    expect({ rows, types }).toEqual({
      rows: [],
      types: { source: format === 'arrow' ? 'Dictionary<Int32, Utf8>' : 'Utf8', ...plain, attachments },
    });
  });

  test('has times when the first batch has some, or they are asked for', () => {
    const timed = batchOf([['a', 'b', 'c']], 1_700_000_000_123_456_789n);
    const { types, rows } = encoded({ format: 'arrow' }, captions, timed, different);
    expect(types).toMatchObject({ time: 'Timestamp<NANOSECOND>' });
    expect([rows[0]?.time, rows[1]?.time]).toEqual([1_700_000_000_123_456_789n, null]);
    expect(encoded({ format: 'arrow', fields: ['time'] }, captions, different, timed).rows.at(-1)).toEqual({
      time: 1_700_000_000_123_456_789n,
    });
    const encoder = new BatchEncoder({ format: 'arrow' }, rendering(captions));
    for (const _ of encoder.encode(different));
    expect(() => [...encoder.encode(timed)]).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION', help: 'Name `time` among the fields.' }),
    );
  });
});

test('rows are spread evenly over record batches', () => {
  const batch = batchOf(Array.from({ length: 1000 }, (_, row) => [`line ${row}`]));
  const { batches } = encoded({ format: 'arrow', pieceBytes: 8192 }, [], batch);
  expect(batches.length).toBeGreaterThan(2);
  expect(Math.max(...batches) - Math.min(...batches)).toBeLessThan(batches.length + 2);
});

describe('an output of several encoders', () => {
  const batch = batchOf([['one'], ['two']]);

  test.each(['arrow', 'arrow-file'] as const)('is one %s', (format) => {
    const output = new ArrowOutput(format);
    expect(output.end.call(new ArrowOutput(format))).toHaveLength(0);
    const chunks = ['a', 'b'].flatMap((source) => [...new BatchEncoder({ format, source, output }).encode(batch)]);
    const { rows } = readArrow(Buffer.concat([...chunks, output.end()]));
    expect(rows.map(({ source, text }) => `${source} ${text}`)).toEqual(['a one', 'a two', 'b one', 'b two']);
    expect(() => new BatchEncoder({ format, source: 'c', output })).toThrow(
      expect.objectContaining({ code: 'ERR_CLOSED' }),
    );
  });

  test.each<[string, BatchEncoderOptions, string]>([
    ['another format', { format: 'arrow-file' }, 'The option output is for arrow; expected one for arrow-file.'],
    ['a format of text', { format: 'text' }, 'The option output is given; expected nothing with the format text.'],
    ['other columns', { format: 'arrow', fields: ['text'] }, 'expected those of this session: text.'],
  ])('takes no encoder of %s', (_, options, message) => {
    const output = new ArrowOutput('arrow');
    for (const _ of new BatchEncoder({ format: 'arrow', output }).encode(batch));
    expect(() => new BatchEncoder({ ...options, output })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION', message: expect.stringContaining(message) }),
    );
  });

  test('is an ArrowOutput', () => {
    expect(() => new BatchEncoder({ format: 'arrow', output: {} as ArrowOutput })).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_OPTION',
        message: expect.stringContaining('expected an ArrowOutput'),
      }),
    );
    expect(() => new ArrowOutput('csv' as 'arrow')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
  });
});
