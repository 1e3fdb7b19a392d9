// What the lines of an input should become, found with JSON.parse and a search for tokens.
import { readFileSync } from 'node:fs';
import type { Settings, Taken } from './feed.js';

/** A member of an object: its name, and its value as it is written. */
type Member = readonly [name: string, raw: string];

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
/** For each of the common columns the names of its members, the first of which is shown. Members of members are left out. */
const COMMON = ['Time', 'Level', 'Source', 'Message'].map((caption) => {
  const row = README.split('\n').find((line) => line.startsWith(`| \`${caption}\` `)) ?? '';
  const names = [...(row.split(' | ')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
  return names.filter((name) => !/[^\\]\./.test(name)).map((name) => name.replaceAll('\\.', '.'));
});

/** A row whose last column, if there is one for the rest, has members in any order. */
export function expectedItems(input: Buffer, settings: Settings): Taken[] {
  const items: Taken[] = [];
  for (let start = 0; start < input.length; ) {
    const feed = input.indexOf(10, start);
    const next = feed === -1 ? input.length : feed + 1;
    const hasMark = start === 0 && input.subarray(0, 3).toString('hex') === 'efbbbf';
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(
      input.subarray(hasMark ? 3 : start, feed === -1 ? next : feed),
    );
    items.push({ shown: shownFor(text, settings), bytes: next - start });
    start = next;
  }
  return items;
}

/** The same items, with the members of the rest in the order that expected ones have. */
export function comparable(items: readonly Taken[], { rest = true }: Settings): Taken[] {
  return items.map(({ shown, bytes }) => {
    if (!rest || !Array.isArray(shown) || shown.length === 1) return { shown, bytes };
    const text = shown.at(-1) as string;
    return { shown: [...shown.slice(0, -1), sorted(text === '' ? [] : membersOf(text))], bytes };
  });
}

function shownFor(line: string, { columns = '', rest = true }: Settings): Taken['shown'] {
  if (/^[ \t\r]*$/.test(line)) return undefined;
  if (!isObject(line)) {
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    return text.includes('\x04') ? [text] : text;
  }
  const members = membersOf(line);
  const row = columns === '' ? commonRow(members) : namedRow(members, columns.split(','));
  return [...row.cells, ...(rest ? [sorted(row.rest)] : [])];
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** The members of an object that `JSON.parse` has taken. */
function membersOf(object: string): Member[] {
  const tokens = [...object.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)];
  const members: Member[] = [];
  let depth = 0;
  let [name, start]: [string | undefined, number] = [undefined, 0];
  for (const [index, { 0: token, index: at }] of tokens.entries()) {
    if (depth === 1 && (token === ',' || token === '}') && name !== undefined) {
      const last = tokens[index - 1];
      members.push([name, object.slice(start, (last?.index ?? 0) + (last?.[0].length ?? 0))]);
      name = undefined;
    } else if (depth === 1 && token === ':') {
      name = JSON.parse(tokens[index - 1]?.[0] ?? '') as string;
      start = tokens[index + 1]?.index ?? 0;
    }
    if (token === '{' || token === '[') depth++;
    if (token === '}' || token === ']') depth--;
    if (at === undefined) throw new Error('a token has no place');
  }
  return members;
}

/** A text for members that does not depend on their order. */
function sorted(members: readonly Member[]): string {
  return JSON.stringify(members.map(([name, raw]) => JSON.stringify([name.toWellFormed(), raw])).sort());
}

/** A value as a column shows it. */
function cell(raw: string): string {
  return raw.startsWith('"') ? (JSON.parse(raw) as string).toWellFormed() : raw;
}

interface Row {
  readonly cells: readonly string[];
  readonly rest: readonly Member[];
}

function namedRow(members: readonly Member[], columns: readonly string[]): Row {
  const cells = columns.map((path) => valueAt(members, path.split('.')));
  const paths = columns.map((path) => path.split('.'));
  const again = (index: number) => members.slice(0, index).some(([name]) => name === members[index]?.[0]);
  const rest = members.filter((member, index) => !isShown(member, paths, again(index)));
  return { cells: cells.map((raw) => (raw === undefined ? '' : cell(raw))), rest };
}

/** The last member of a name counts, as for `JSON.parse`. */
function valueAt(members: readonly Member[], [first, ...more]: readonly string[]): string | undefined {
  const raw = members.findLast(([name]) => name === first)?.[1];
  if (raw === undefined || more.length === 0) return raw;
  return raw.startsWith('{') ? valueAt(membersOf(raw), more) : undefined;
}

/** Whether all of a member is in columns. */
function isShown([name, raw]: Member, paths: readonly (readonly string[])[], isAgain: boolean): boolean {
  const below = paths.filter(([first]) => first === name).map((path) => path.slice(1));
  if (below.some((path) => path.length === 0)) return true;
  if (below.length === 0 || isAgain || !raw.startsWith('{')) return false;
  const members = membersOf(raw);
  return members.every((member, index) =>
    isShown(
      member,
      below,
      members.slice(0, index).some(([other]) => other === member[0]),
    ),
  );
}

/** The member is shown whose name comes first; of those of one name the last one. What it takes the place of comes to the rest. */
function commonRow(members: readonly Member[]): Row {
  const fits = [isTime, (raw: string) => !/^[{[]/.test(raw), isText, isText];
  const shown: (readonly [rank: number, member: Member] | undefined)[] = COMMON.map(() => undefined);
  const rest: Member[] = [];
  for (const member of members) {
    const [name, raw] = member;
    const column = COMMON.findIndex((names) => names.includes(name));
    const rank = COMMON[column]?.indexOf(name) ?? 0;
    const now = shown[column];
    if (column === -1 || !fits[column]?.(raw) || (now !== undefined && now[0] < rank)) {
      rest.push(member);
    } else {
      if (now !== undefined && now[0] > rank) rest.push(now[1]);
      shown[column] = [rank, member];
    }
  }
  return { cells: shown.map((one) => (one === undefined ? '' : cell(one[1][1]))), rest };
}

const isText = (raw: string) => raw.startsWith('"');
const DATE = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)? ?(?:[Zz]|[+-](\d\d)(?::?(\d\d))?)$/;
const MOST_NANOSECONDS = 2n ** 63n - 1n;

function isTime(raw: string): boolean {
  const text = isText(raw) ? raw.slice(1, -1) : raw;
  return isSince1970(text) || (isText(raw) && isDate(text));
}

function isDate(text: string): boolean {
  const found = DATE.exec(text);
  if (found === null) return false;
  const [, year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, zoneHour = 0, zoneMinute = 0] = found.map(
    (part) => Number(part ?? 0),
  );
  if (year < 1678 || year > 2261 || month < 1 || month > 12) return false;
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return day >= 1 && day <= days && hour < 24 && minute < 60 && second <= 60 && zoneHour < 24 && zoneMinute < 60;
}

function isSince1970(text: string): boolean {
  const digits = /^([1-9]\d*)(\.\d+)?$/.exec(text)?.[1] ?? '';
  const unit = { 9: 9, 10: 9, 12: 6, 13: 6, 15: 3, 16: 3, 18: 0, 19: 0 }[digits.length];
  return unit !== undefined && BigInt(digits) < MOST_NANOSECONDS / 10n ** BigInt(unit);
}
