/** Random items and heaps for property tests. */
import fc from 'fast-check';
import type { AttachmentModel, HeapOptions, ItemModel } from './plugin-heap.js';

const pieces = fc.constantFrom(
  '',
  'a',
  'log line ',
  'Grüße',
  'ß',
  '€',
  '请求已处理',
  '😀',
  '\0',
  '\ufeff',
  '\u0004',
  '\t',
  'x'.repeat(31),
);

const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 120 }) },
  { weight: 3, arbitrary: fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(pieces, fc.integer({ min: 0, max: 70_000 }))
      .map(([p, n]) => p.repeat(Math.ceil(n / (p.length || 1)))),
  },
);
const shortText = fc.oneof(
  fc.string({ unit: 'binary-ascii', maxLength: 40 }),
  fc.array(pieces, { maxLength: 3 }).map((p) => p.join('')),
);

const attachment: fc.Arbitrary<AttachmentModel> = fc.record({
  name: shortText,
  size: fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
  created: fc.option(shortText, { nil: undefined }),
  modified: fc.option(shortText, { nil: undefined }),
  messages: fc.array(fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }), { maxLength: 4 }),
  data: fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.integer({ min: 60_000, max: 80_000 }).map((n) => new Uint8Array(n).fill(n)),
  ),
});

const consumed = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 100_000 }));

const line: fc.Arbitrary<ItemModel> = fc.record({ columns: shortText, consumed });
const anyItem: fc.Arbitrary<ItemModel> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ columns: text, consumed }) },
  { weight: 6, arbitrary: fc.record({ columns: fc.array(text, { maxLength: 5 }), consumed }) },
  { weight: 3, arbitrary: fc.record({ consumed }) },
  { weight: 1, arbitrary: fc.record({ attachment, consumed }) },
  {
    weight: 1,
    arbitrary: fc.record({ columns: fc.oneof(text, fc.array(text, { maxLength: 3 })), attachment, consumed }),
  },
);

/** Lines whose columns were joined, with fewer, more and no separators, beside those that have columns. */
const joined = (column: fc.Arbitrary<string>) =>
  fc.array(column, { minLength: 1, maxLength: 7 }).map((columns) => columns.join('\u0004'));
const joinedText = joined(fc.oneof({ weight: 3, arbitrary: shortText }, { weight: 1, arbitrary: text }));
const joinedItem: fc.Arbitrary<ItemModel> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ columns: joinedText, consumed }) },
  { weight: 2, arbitrary: fc.record({ columns: joinedText, attachment, consumed }) },
  { weight: 2, arbitrary: anyItem },
);

export const joinedItems = fc.oneof(
  fc.array(joinedItem, { maxLength: 40 }),
  fc
    .tuple(fc.array(fc.record({ columns: joined(shortText), consumed }), { minLength: 1, maxLength: 8 }), fc.nat(1500))
    .map(([some, count]) => Array.from({ length: count }, (_, i) => some[i % some.length] as ItemModel)),
);

/** How many columns render options name. */
export const mostColumns = fc.constantFrom(0, 1, 2, 3, 4, 5, 11);

export const items = fc.oneof(
  fc.array(anyItem, { maxLength: 40 }),
  // Long enough for several runs of the lifter.
  fc
    .tuple(fc.array(line, { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 3000 }))
    .map(([some, count]) => Array.from({ length: count }, (_, i) => some[i % some.length] as ItemModel)),
);

/** Messages of one case with the same number of texts, which all fit most slots, or all but one. */
export const alikeItems: fc.Arbitrary<ItemModel[]> = fc
  .tuple(fc.integer({ min: 0, max: 5 }), fc.boolean(), fc.integer({ min: 1, max: 40 }), fc.nat(40))
  .chain(([columns, isAscii, count, odd]) => {
    const text = isAscii ? fc.string({ unit: 'binary-ascii', maxLength: 150 }) : shortText;
    const message = columns === 0 ? text : fc.array(text, { minLength: columns, maxLength: columns });
    const item = fc.record({ columns: message, consumed: fc.nat(3) });
    return fc
      .tuple(fc.array(item, { minLength: count, maxLength: count }), anyItem)
      .map(([alike, other]) => alike.map((one, at) => (at === odd ? other : one)));
  });

export const heapOptions: fc.Arbitrary<HeapOptions> = fc.record({
  shareStrings: fc.boolean(),
  gap: fc.constantFrom(
    undefined,
    (n: number) => n % 7,
    (n: number) => (n % 13 === 0 ? 200_000 : 0),
    (n: number) => (n < 100 ? 300_000 : 3),
  ) as fc.Arbitrary<(allocation: number) => number>,
});

export const slotBytes = fc.oneof(
  fc.integer({ min: 0, max: 400 }),
  fc.integer({ min: 256, max: 8192 }),
  fc.constantFrom(65_536, 1_048_576),
);

export const offset = fc.oneof(
  fc.constant(0),
  fc.maxSafeNat().map((n) => Math.floor(n / 2)),
);
