/** Random rows and queries, and a plain search after decoding: what the search in threads is compared with. */
import { Batch, EntryKind } from '@chipmunk-host/batch';
import { FrameBuilder } from '@chipmunk-host/hosts/internal/worker';
import type { SearchQuery } from '#search/search-types.js';

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

const whole = (random: Random, below: number) => Math.floor(random() * below);
const pick = <Value>(random: Random, from: readonly Value[]) => from[whole(random, from.length)] as Value;

const ASCII = [
  'timeout',
  'Task',
  'KISS',
  'ok',
  ' ',
  '-',
  '_',
  '7',
  '(x)',
  'a.b',
  'sss',
  'foo',
  'bar',
  '\t',
  '\n',
  '',
  '$^',
];
const BEYOND = [
  'ä',
  'Äb',
  'ſ',
  '\u212a',
  'σ',
  'ς',
  'Σ',
  'привет',
  'ПРИВЕТ',
  '東京',
  '🐿️',
  'e\u0301',
  'ﬀ',
  'ß',
  'ẞ',
  'İ',
  '\u0661',
];

function text(random: Random, pieces: readonly string[]): string {
  let made = '';
  for (let left = whole(random, 9); left > 0; left--) made += pick(random, pieces);
  return random() < 0.01 ? made.repeat(1 + whole(random, 500)) : made;
}

/** Its content is not searched. */
const ATTACHMENT = {
  name: Buffer.from('timeout.bin'),
  size: 7n,
  created: undefined,
  modified: undefined,
  messages: Buffer.alloc(0),
  data: Buffer.from('timeout'),
};

/** Lines, columns, attachments, skipped stretches, in batches of ASCII and of more. */
export function randomBatch(random: Random, offset: number): Uint8Array {
  const builder = new FrameBuilder();
  const pieces = random() < 0.5 ? ASCII : [...ASCII, ...BEYOND];
  const isOfLines = random() < 0.4;
  for (let entries = whole(random, 200); entries > 0; entries--) {
    const kind = random();
    if (isOfLines || kind < 0.3) {
      builder.addString(text(random, pieces));
      builder.endEntry(EntryKind.line, whole(random, 100));
    } else if (kind < 0.4) builder.addSkipped(1 + whole(random, 100));
    else if (kind < 0.5) {
      builder.addAttachment(ATTACHMENT);
      builder.endEntry(EntryKind.attachment, whole(random, 100));
    } else {
      for (let columns = whole(random, 4); columns > 0; columns--) builder.addString(text(random, pieces));
      builder.endEntry(EntryKind.columns, whole(random, 100));
    }
  }
  return Buffer.concat(builder.finish(offset).segments);
}

const escaped = (literal: string) => literal.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** A part of one of the texts, or of a piece. */
function part(random: Random, texts: readonly string[]): string {
  const points = Array.from(pick(random, random() < 0.7 && texts.length > 0 ? texts : [...ASCII, ...BEYOND]));
  const start = whole(random, points.length);
  const found = points.slice(start, start + 1 + whole(random, 6)).join('');
  return random() < 0.1 ? `${found}#` : found;
}

/** Syntax that RE2 and JavaScript share. */
function pattern(random: Random, texts: readonly string[]): string {
  const [a, b, c] = [0, 0, 0].map(() => escaped(part(random, texts))) as [string, string, string];
  return pick(random, [
    a,
    `^${a}`,
    `${a}$`,
    `${a}[^\\n]*${b}`,
    `(?:${a}|${b})${c}`,
    `${a}|${b}|${c}`,
    `(${a})+(?:x|${b})`,
    `(?:${a}){0,2}${b}`,
    `[a-m]${a}`,
    '[0-9]+',
    '^$',
    '',
    `(?:${a}|(?:${b}|${c}))`,
  ]);
}

export function randomQuery(random: Random, texts: readonly string[]): SearchQuery {
  const fixed = random() < 0.5;
  const sought = fixed ? part(random, texts) : pattern(random, texts);
  // JavaScript finds nothing, as a whole word, also between the halves of a surrogate pair.
  const isOfNothing = fixed ? sought === '' : new RegExp(sought, 'u').test('');
  return {
    pattern: sought,
    fixed,
    ignoreCase: random() < 0.4,
    wholeWord: random() < 0.3 && !isOfNothing,
    ...(random() < 0.3 ? { column: `#${1 + whole(random, 3)}` } : {}),
  };
}

const WORD = '[\\p{L}\\p{M}\\p{N}_]';

/** The rows of the batches that JavaScript's own engine finds. */
export function plainSearch(batches: readonly Uint8Array[], query: SearchQuery): number[] {
  const source = query.fixed === true ? escaped(query.pattern) : query.pattern;
  const wrapped = query.wholeWord === true ? `(?<!${WORD})(?:${source})(?!${WORD})` : source;
  const expression = new RegExp(wrapped, query.ignoreCase === true ? 'iu' : 'u');
  const column = query.column === undefined ? undefined : Number(query.column.slice(1)) - 1;
  const found: number[] = [];
  let row = 0;
  for (const bytes of batches) {
    for (const { columns } of Batch.from(bytes)) {
      const sought = column === undefined ? columns.join('\t') : columns[column];
      if (sought !== undefined && expression.test(sought)) found.push(row);
      row++;
    }
  }
  return found;
}

export function textsOf(batches: readonly Uint8Array[]): readonly string[] {
  return batches
    .flatMap((bytes) => [...Batch.from(bytes)].flatMap(({ columns }) => columns))
    .filter((each) => each !== '');
}
