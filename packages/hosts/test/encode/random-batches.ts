/** Batches of random items, and random ways to write them, alike for the same seed. */
import { Batch, EntryKind } from '@chipmunk-host/batch';
import { EntryCode } from '@chipmunk-host/batch/internal';
import type { BatchEncoderOptions } from '#shared/encode/batch-encoder.js';
import { ITEM_FIELDS } from '#shared/encode/encoding-options.js';
import { FrameBuilder } from '#worker/output/frame-builder.js';

export type Random = () => number;

/** mulberry32 */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const PIECES = [
  '',
  'a',
  'plain text ',
  'twelve bytes',
  'sixteen bytes as',
  '"',
  '\\',
  '""',
  ',',
  ';',
  '\t',
  '\r',
  '\n',
  '\r\n',
  '\0',
  '\u0001',
  '\b',
  '\f',
  '\u001f',
  '\u0004',
  ' ',
  '!',
  '#',
  '[',
  ']',
  '\u007f',
  '\u0080',
  'ä',
  '\u2028',
  '\u2029',
  '\ufeff',
  '\uffff',
  '東京',
  '🐿️',
  '\u{10ffff}',
  '=1+1',
  '+',
  '-5',
  '@',
  'x'.repeat(100),
];
const EDGES = [0n, 1n, 9n, 10n, 99_999_999n, 100_000_000n, 9_007_199_254_740_991n, 2n ** 63n - 1n, 2n ** 64n - 1n];

function whole(random: Random, below: number): number {
  return Math.floor(random() * below);
}

function pick<Value>(random: Random, from: readonly Value[]): Value {
  return from[whole(random, from.length)] as Value;
}

function text(random: Random, giant: number): string {
  if (random() < giant)
    return pick(random, PIECES)
      .padEnd(2, '"')
      .repeat(whole(random, 2 ** 20 / 8));
  let made = '';
  for (let left = whole(random, 8); left > 0; left--) made += pick(random, PIECES);
  return made;
}

const utf8 = (from: string) => Buffer.from(from);

function addAttachment(builder: FrameBuilder, random: Random, giant: number): void {
  const data = Buffer.alloc(random() < giant ? whole(random, 2 ** 20) : whole(random, 60));
  for (let index = 0; index < data.length; index++) data[index] = whole(random, 256);
  const messages = Buffer.alloc(whole(random, 4) * 8);
  for (let at = 0; at < messages.length; at += 8) messages.writeBigUInt64LE(pick(random, EDGES), at);
  builder.addAttachment({
    name: utf8(text(random, 0)),
    size: pick(random, EDGES),
    created: random() < 0.5 ? undefined : utf8(text(random, 0)),
    modified: random() < 0.5 ? undefined : utf8(text(random, 0)),
    messages,
    data,
  });
}

/** @param giant how often a text or an attachment has up to 1 MiB, from 0 to 1 */
export function randomBatch(random: Random, giant: number): Batch {
  const builder = new FrameBuilder();
  // Most batches of most parsers.
  const isPlain = random() < 0.3;
  const all = Object.values(EntryCode);
  const likes = isPlain ? [EntryCode.line] : random() < 0.5 ? [pick(random, all)] : all;
  const columns = whole(random, 5);
  const hasTimes = !isPlain && random() < 0.3;
  for (let entries = whole(random, 40); entries > 0; entries--) {
    if (!isPlain && random() < 0.1) builder.addSkipped(1 + whole(random, 1000));
    const code = pick(random, likes);
    const kind = code & ~8;
    if (kind === EntryKind.line || kind === EntryKind.lineAndAttachment) builder.addString(text(random, giant));
    else if (kind !== EntryKind.attachment) {
      const count = random() < 0.8 ? columns : whole(random, 7);
      for (let column = 0; column < count; column++) builder.addString(text(random, giant));
    }
    if (kind >= EntryKind.attachment) addAttachment(builder, random, giant);
    const time =
      hasTimes && random() < 0.8
        ? pick(random, [
            -1n,
            -(2n ** 63n) + 1n,
            2n ** 63n - 1n,
            1_700_000_000_000_000_000n,
            anyTime(random),
            anyTime(random),
          ])
        : undefined;
    builder.endEntry(code, pick(random, [0, 1, whole(random, 1000), whole(random, 2 ** 31)]), time);
  }
  const offset = pick(random, [0, 1, 99_999_990, 2 ** 32, 10 ** 15 - 7, whole(random, 2 ** 40)]);
  return Batch.from(Buffer.concat(builder.finish(offset).segments));
}

/** A batch of many rows of columns, each of which has one, a few, many or only different values; what comes first may have fewer than what follows. */
export function repeatingBatch(random: Random): Batch {
  const builder = new FrameBuilder();
  const values = Array.from({ length: whole(random, 5) }, () => pick(random, [1, 3, 20, 100, 2 ** 31]));
  const holes = pick(random, [0, 0.01, 0.3]);
  for (let entries = whole(random, 400); entries > 0; entries--) {
    if (random() < holes) builder.addSkipped(1 + whole(random, 9));
    const columns = random() < holes ? whole(random, 7) : values.length;
    for (let column = 0; column < columns; column++)
      builder.addString(`${column % 2 === 0 ? 'Wert ä ' : ''}${whole(random, values[column] ?? 4)}`);
    builder.endEntry(EntryCode.columns, whole(random, 1000));
  }
  return Batch.from(Buffer.concat(builder.finish(whole(random, 2 ** 40)).segments));
}

/** @returns options, and the captions that they are for */
export function randomEncoding(random: Random): {
  readonly options: BatchEncoderOptions;
  readonly captions: readonly string[];
} {
  const captions = pick(random, [[], ['one'], ['one', 'two'], ['Zeit', 'say "x"', 'a,b', '=d']]);
  const columns = ['#2', '#1', ...captions.slice(2), '#9'].filter(() => random() < 0.6);
  const fields = [...ITEM_FIELDS].sort(() => random() - 0.5).slice(0, 1 + whole(random, 6));
  const shared = {
    pieceBytes: pick(random, [4096, 5000, 65_536, 2 ** 20]),
    ...(random() < 0.3 ? { source: text(random, 0) } : {}),
    ...(random() < 0.3 && columns.length > 0 ? { columns } : {}),
  };
  switch (whole(random, 3)) {
    case 0:
      return {
        captions,
        options: { ...shared, format: 'text', separator: pick(random, ['\t', '', ' | ', '×'.repeat(20)]) },
      };
    case 1:
      return { captions, options: { ...shared, format: 'ndjson', ...(random() < 0.3 ? { fields } : {}) } };
    default: {
      const placed = fields.filter((field) => field !== 'attachment');
      return {
        captions,
        options: {
          ...shared,
          format: 'csv',
          delimiter: pick(random, [',', ';', '\t', '|', 'x']),
          guardFormulas: random() < 0.5,
          ...(random() < 0.3 && placed.length > 0 ? { fields: placed } : {}),
        },
      };
    }
  }
}

/** Of all that there are. */
function anyTime(random: () => number): bigint {
  return BigInt.asIntN(64, (BigInt(whole(random, 2 ** 32)) << 32n) | BigInt(whole(random, 2 ** 32)));
}

/** @returns options of Arrow, and the captions that they are for */
export function randomArrowEncoding(random: Random): {
  readonly options: BatchEncoderOptions;
  readonly captions: readonly string[];
} {
  const captions = pick(random, [[], ['one'], ['one', 'two'], ['Zeit', 'offset', 'zeit', '東京']]);
  const columns = ['#2', '#1', ...captions.slice(2), '#9'].filter(() => random() < 0.6);
  const fields = [...ITEM_FIELDS].sort(() => random() - 0.5).slice(0, 1 + whole(random, 6));
  return {
    captions,
    options: {
      format: pick(random, ['arrow', 'arrow-file']),
      pieceBytes: pick(random, [4096, 5000, 65_536, 2 ** 20]),
      batchRows: pick(random, [undefined, 1, 7, 100_000]),
      dictionaries: pick(random, [undefined, false, true]),
      ...(random() < 0.3 ? { source: text(random, 0) } : {}),
      ...(random() < 0.3 && columns.length > 0 ? { columns } : {}),
      ...(random() < 0.3 ? { fields } : {}),
    },
  };
}
