import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildPlugin } from '#index.js';
import { loadParser, type ParserExports } from '#testing/index.js';

const entry = fileURLToPath(new URL('assembly/lines.ts', import.meta.url));
let parser: ParserExports;

beforeAll(async () => {
  const { component } = await buildPlugin({ kind: 'parser', entry, name: 'lines' });
  ({ exports: parser } = await loadParser(component));
  parser.init({ logLevel: 'info' }, []);
});

/** What `lines` should make of a slice: each line with the bytes that it consumed. */
function expectedLines(input: Buffer): [text: string, consumed: number][] {
  const lines: [string, number][] = [];
  for (let start = 0, feed = input.indexOf(10); feed !== -1; start = feed + 1, feed = input.indexOf(10, start)) {
    const end = feed > start && input[feed - 1] === 13 ? feed - 1 : feed;
    lines.push([input.toString('utf8', start, end), feed + 1 - start]);
  }
  return lines;
}

function foundLines(input: Uint8Array): unknown[] {
  return parser.parse(input).map(({ value, consumed }) => {
    const message = value?.val as { readonly val: string } | undefined;
    return [message?.val, Number(consumed)];
  });
}

describe('lines', () => {
  test.each([
    ['none at all', ''],
    ['none that is complete', 'abc'],
    ['empty ones', '\n\r\n\r\r\n\n'],
    ['more than a list first has room for', 'ab\n'.repeat(1000)],
    ['only line feeds, for many blocks', '\n'.repeat(20_000)],
    ['one longer than many blocks', `${'x'.repeat(50_000)}\r\nabc\n`],
    [
      'few, then many, then few',
      `${'x'.repeat(9000)}\n`.repeat(3) + 'ab\n'.repeat(9000) + `${'y'.repeat(9000)}\n`.repeat(3),
    ],
  ])('of a slice: %s', (_, text) => {
    const input = Buffer.from(text);
    expect(foundLines(input)).toEqual(expectedLines(input));
  });

  test('are found in all texts', () => {
    const piece = fc.oneof(
      fc.constantFrom('\n', '\r\n', '\r', 'a', 'ü', '😀'),
      fc.integer({ min: 0, max: 200 }).map((length) => 'x'.repeat(length)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
        const input = Buffer.from(pieces.join(''));
        expect(foundLines(input)).toEqual(expectedLines(input));
      }),
      { numRuns: 300, seed: 14 },
    );
  });

  test('end where the limit of a call is reached, at the end of a block', () => {
    expect(parser.parse(Buffer.alloc(100_000, '\n'))).toHaveLength(65_536);
  });
});

/** Whether a plugin of the SDK takes the bytes for UTF-8. */
function isTaken(bytes: Uint8Array): boolean {
  try {
    parser.parse(Buffer.concat([bytes, Buffer.from('\n')]));
    return true;
  } catch {
    return false;
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

describe('UTF-8', () => {
  test('is told from other bytes: all sequences of two bytes, and borders of those of three and four', () => {
    const borders = [
      0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef,
    ];
    const all = [...borders, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xff];
    const wrong: string[] = [];
    const check = (...bytes: number[]) => {
      const text = Uint8Array.from(bytes);
      if (isTaken(text) !== isUtf8(text)) wrong.push(Buffer.from(text).toString('hex'));
    };
    for (let first = 0x80; first < 0x100; first++) for (let second = 0; second < 0x100; second++) check(first, second);
    for (const first of all) for (const second of all) for (const third of all) check(first, second, third);
    const leads = [0xf0, 0xf1, 0xf4, 0xf5];
    const inner = [0x7f, 0x80, 0x8f, 0x90, 0xbf, 0xc0];
    for (const first of leads)
      for (const second of inner)
        for (const third of inner) for (const fourth of inner) check(first, second, third, fourth);
    expect(wrong).toEqual([]);
  });

  test('is told from other bytes wherever they lie in vectors and steps', () => {
    const wrong: string[] = [];
    for (const sequence of [
      'c3a4',
      'e282ac',
      'f09f9880',
      'c3',
      'e282',
      'f09f98',
      '80',
      'c3a4a4',
      'eda080',
      'f4908080',
      'e08080',
      'ff',
    ])
      for (const filler of ['x', 'ä', '€', '😀'])
        for (let before = 0; before < 140; before++)
          for (const after of [0, 1, 15, 64]) {
            const text = Buffer.concat([
              Buffer.from(filler.repeat(before)),
              Buffer.from(sequence, 'hex'),
              Buffer.from(filler.repeat(after)),
            ]);
            if (isTaken(text) !== isUtf8(text)) wrong.push(`${sequence} between ${before} and ${after} of ${filler}`);
          }
    expect(wrong).toEqual([]);
  });
});
