/** Selecting in plain JavaScript, item by item, after decoding: what the selection in wasm is compared with. */
import { EntryKind, type Item } from '@chipmunk-host/batch';
import { RE2JS } from 're2js';
import type { SelectOptions } from '#shared/select/select-options.js';
import type { Random } from '../encode/random-batches.js';

const listOf = (value: string | readonly string[] | undefined) =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;

/** Whether the conditions hold for an item; captions may not be in the conditions: `#N` alone. */
export function isSelected(item: Item, { match, where, invert = false }: SelectOptions): boolean {
  const columns = item.kind === EntryKind.attachment ? [] : item.columns;
  const holds =
    listOf(match).every((pattern) => RE2JS.compile(pattern).matcher(columns.join('\t')).find()) &&
    listOf(where).every((condition) => {
      const [, number, operator, value = ''] = /^#(\d+)([=~])(.*)$/s.exec(condition) ?? [];
      const column = columns[Number(number) - 1];
      if (column === undefined) return false;
      return operator === '=' ? column === value : RE2JS.compile(value).matcher(column).find();
    });
  return holds !== invert;
}

const FIXED = [
  '[a-z]+',
  '\\d',
  '^$',
  '^',
  '',
  '(?i)PLAIN',
  '\\s$',
  '(a+)+$',
  'a|b',
  '[^ -~]',
  '\\bplain\\b',
  '.{12}',
  '\t',
];

function pick<Value>(random: Random, from: readonly Value[]): Value {
  return from[Math.floor(random() * from.length)] as Value;
}

/** A pattern that some of the texts are likely to have. */
export function randomPattern(random: Random, texts: readonly string[]): string {
  if (random() < 0.15) return pick(random, FIXED);
  const part = () => {
    const points = Array.from(pick(random, ['x', ...texts])).slice(0, 200);
    const start = Math.floor(random() * points.length);
    return RE2JS.quote(points.slice(start, start + 1 + Math.floor(random() * 5)).join(''));
  };
  const [a, b] = [part(), part()];
  return pick(random, [
    a,
    a,
    `^${a}`,
    `${a}$`,
    `${a}.*${b}`,
    `${a}?${b}`,
    `${a}+${b}`,
    `${a}{2}${b}`,
    `(?:${a}|${b})`,
    `${a}|${b}`,
    `(${a}|x)*${b}`,
    `[]a-c]${a}`,
    `[[:alpha:]]*${a}`,
    `(?i)${a}`,
    `(?:(?i)${a})${b}`,
    `\\w*${a}`,
    `\\Q${a}\\E`,
  ]);
}

export function randomSelection(random: Random, texts: readonly string[]): SelectOptions {
  const several = <Value>(make: () => Value) => Array.from({ length: random() < 0.7 ? 1 : 2 }, make);
  const condition = () =>
    random() < 0.3
      ? `#${1 + Math.floor(random() * 3)}=${pick(random, ['', 'a', ...texts])}`
      : `#${1 + Math.floor(random() * 3)}~${randomPattern(random, texts)}`;
  return {
    ...(random() < 0.7 ? { match: several(() => randomPattern(random, texts)) } : {}),
    ...(random() < 0.4 ? { where: several(condition) } : {}),
    invert: random() < 0.2,
  };
}
