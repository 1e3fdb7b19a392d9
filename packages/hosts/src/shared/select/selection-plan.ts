/** What a session selects, as its workers get it: conditions that were checked, and bytes in place of text. */
import { HostError } from '@chipmunk-host/runtime/internal/shared';
import { literalPattern, type RequiredText, requiredTexts } from './literal-pattern.js';
import { caselessNeedles, type Needle, type NeedleList, plainNeedle } from './needle.js';
import { loadPatternEngine, type PatternEngine } from './pattern-engine.js';
import type { SelectOptions } from './select-options.js';
import { MOST_NEEDLE_BYTES } from './selection-space.js';
import { type TimeRange, timeRange } from './time-range.js';

/** How a string is compared. */
export const Comparison = { contains: 0, prefix: 1, equals: 2 } as const;

/** One condition: bytes that are looked for, or a pattern. */
export interface SelectionTest {
  /** Number of the column, from 0; undefined: all of the text. */
  readonly column: number | undefined;
  readonly how: (typeof Comparison)[keyof typeof Comparison];
  /** UTF-8: what the string begins with, or is. Empty where it contains something. */
  readonly bytes: Uint8Array;
  /** What it contains one of, of each list; none: any string may be meant. The list that is the rarest is looked for. */
  readonly needles: readonly NeedleList[];
  /** What the engine looks for, in those that have one of the needles. */
  readonly pattern?: string | undefined;
  /** Whether in ASCII the needles are enough, and the engine looks at other text alone. Default: false. */
  readonly isSureInAscii?: boolean;
}

export interface SelectionPlan {
  /** All must hold; none: all items are selected. */
  readonly tests: readonly SelectionTest[];
  readonly invert: boolean;
  /** Undefined: items of any time, and without one. */
  readonly times: TimeRange | undefined;
  readonly skip: number;
  readonly limit: number;
}

/** A plan, with the engine that its patterns need; without one when there are none. */
export interface Selection {
  readonly plan: SelectionPlan;
  readonly engine: PatternEngine | undefined;
}

export async function loadSelection(plan: SelectionPlan): Promise<Selection> {
  const hasPatterns = plan.tests.some(({ pattern }) => pattern !== undefined);
  return { plan, engine: hasPatterns ? await loadPatternEngine() : undefined };
}

const MOST_COLUMNS = 4096;

const utf8 = new TextEncoder();

/** Whether there is anything to select. */
export function selects(select: SelectOptions | undefined): select is SelectOptions {
  const { match, where, invert = false, since, until, skip = 0, limit } = select ?? {};
  const hasConditions = listOf(match).length + listOf(where).length > 0 || since !== undefined || until !== undefined;
  return hasConditions || invert || skip > 0 || (limit ?? Infinity) < Infinity;
}

/**
 * @param captions of the columns that the parser's render options name; none of a parser of lines
 * @throws HostError `ERR_INVALID_OPTION`
 */
export async function selectionPlan(options: SelectOptions, captions: readonly string[]): Promise<SelectionPlan> {
  const { invert = false, skip = 0, limit = Number.POSITIVE_INFINITY } = options;
  const tests = [
    ...listOf(options.match).map((pattern) => testOf('match', undefined, pattern)),
    ...listOf(options.where).map((condition) => whereTest(condition, captions)),
  ];
  const patterns = tests.flatMap(({ pattern }) => pattern ?? []);
  if (patterns.length > 0) {
    const engine = await loadPatternEngine();
    for (const pattern of patterns) requirePattern(engine, pattern);
  }
  const bytes = tests.reduce((sum, test) => sum + test.bytes.length + placedBytes(test), 0);
  if (bytes > MOST_NEEDLE_BYTES)
    throw refused('match', `with where ${bytes} bytes long`, `up to ${MOST_NEEDLE_BYTES} bytes of both`);
  return { tests, invert, times: timeRange(options.since, options.until), skip, limit };
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}

function whereTest(condition: string, captions: readonly string[]): SelectionTest {
  const { column, rest } = splitCondition(condition, captions);
  if (rest.startsWith('~')) return testOf('where', column, rest.slice(1));
  return { column, how: Comparison.equals, bytes: bytesOf('where', rest.slice(1)), needles: [] };
}

/** A caption may have `=` and `~` in it: the longest one that fits is meant. */
function splitCondition(condition: string, captions: readonly string[]): { column: number; rest: string } {
  const operator = (length: number) => condition[length] === '=' || condition[length] === '~';
  const named = captions
    .filter((caption) => condition.startsWith(caption) && operator(caption.length))
    .reduce(
      (longest: string | undefined, caption) => (caption.length > (longest?.length ?? -1) ? caption : longest),
      undefined,
    );
  if (named !== undefined) return { column: captions.indexOf(named), rest: condition.slice(named.length) };
  const number = /^#([1-9]\d{0,3})(?=[=~])/.exec(condition)?.[1];
  if (number !== undefined && Number(number) <= MOST_COLUMNS)
    return { column: Number(number) - 1, rest: condition.slice(1 + number.length) };
  const known = captions.length === 0 ? 'the parser names no columns' : `the columns are ${captions.join(', ')}`;
  throw refused(
    'where',
    `'${condition}'`,
    `COLUMN=VALUE or COLUMN~REGEX, where COLUMN is a caption (${known}), or #1 for the first column`,
  );
}

const NOTHING = new Uint8Array();

function testOf(option: string, column: number | undefined, pattern: string): SelectionTest {
  bytesOf(option, pattern);
  const literal = literalPattern(pattern);
  // A text with a tab may be found across two columns: there has to be one text for it.
  const isOneText = literal !== undefined && (column !== undefined || !literal.text.includes('\t'));
  if (isOneText && literal.ignoreCase !== true) {
    // Each text begins with nothing, also that of an item without strings.
    if (literal.isPrefix && literal.text !== '')
      return { column, how: Comparison.prefix, bytes: utf8.encode(literal.text), needles: [] };
    const needles = literal.text === '' ? [] : [{ needles: [plainNeedle(literal.text)], beyondAscii: [] }];
    return { column, how: Comparison.contains, bytes: NOTHING, needles };
  }
  return { column, how: Comparison.contains, bytes: NOTHING, ...candidatesOf(column, pattern, isOneText), pattern };
}

/** Of what is longer, the beginning is looked for. */
const MOST_REQUIRED_UNITS = 256;

/**
 * What to look for before the engine does.
 * @param isText whether the pattern is a text of any case
 */
export function candidatesOf(
  column: number | undefined,
  pattern: string,
  isText: boolean,
): Pick<SelectionTest, 'needles' | 'isSureInAscii'> {
  const lists = requiredTexts(pattern).map((texts) => needleList(column, texts));
  const needles = lists.flatMap(({ list }) => list ?? []);
  return { needles, isSureInAscii: isText && lists.length === 1 && lists.every(({ isSure }) => isSure) };
}

/** @returns no list where a text of it cannot be looked for */
function needleList(column: number | undefined, texts: readonly RequiredText[]) {
  const list: NeedleList & { readonly needles: Needle[]; readonly beyondAscii: Needle[] } = {
    needles: [],
    beyondAscii: [],
  };
  let isSure = true;
  for (const { text, ignoreCase } of texts) {
    const piece = column === undefined ? longestOf(text.split('\t')) : text;
    const sought = Array.from(piece.slice(0, MOST_REQUIRED_UNITS))
      .filter((character) => !/\p{Surrogate}/u.test(character))
      .join('');
    const caseless = ignoreCase ? caselessNeedles(sought) : undefined;
    if (sought === '' || (ignoreCase && caseless === undefined)) return { list: undefined, isSure: false };
    list.needles.push(caseless?.needle ?? plainNeedle(sought));
    list.beyondAscii.push(...(caseless?.beyondAscii ?? []));
    isSure &&= sought === text && (caseless?.isSure ?? true);
  }
  return { list, isSure };
}

function longestOf(texts: readonly string[]): string {
  return texts.reduce((longest, text) => (text.length > longest.length ? text : longest), '');
}

/** Bytes of memory that the needles take. */
export function placedBytes({ needles: lists }: SelectionTest): number {
  return lists
    .flatMap(({ needles, beyondAscii }) => [...needles, ...beyondAscii])
    .reduce((sum, { bytes, others }) => sum + bytes.length + (others?.length ?? 0), 0);
}

function bytesOf(option: string, text: string): Uint8Array {
  if (/\p{Surrogate}/u.test(text))
    throw refused(option, 'with half of a surrogate pair', 'text that can be written as UTF-8');
  return utf8.encode(text);
}

/** What the engine does not have, by the syntax that its message quotes. */
const NOT_LINEAR: readonly (readonly [syntax: RegExp, name: string])[] = [
  [/`\(\?[=!]/, 'a look-ahead'],
  [/`\(\?<[=!]/, 'a look-behind'],
  [/`\(\?P=|`\\[1-9k]/, 'a back-reference'],
  [/`\(\?>/, 'an atomic group'],
];

/** @throws HostError `ERR_INVALID_OPTION` for a pattern that the engine does not take */
export function requirePattern(engine: PatternEngine, pattern: string): void {
  try {
    engine.compile(pattern);
  } catch (error) {
    const message = (error as Error).message.replace(/^error parsing regexp: /, '');
    const name = NOT_LINEAR.find(([syntax]) => syntax.test(message))?.[1];
    const why = name === undefined ? message : `it has ${name}, which the engine of linear time lacks: ${message}`;
    throw new HostError('ERR_INVALID_OPTION', `The pattern '${pattern}' cannot be used: ${why}.`, {
      help: 'Patterns have the syntax of RE2: https://github.com/google/re2/wiki/Syntax',
    });
  }
}

function refused(option: string, value: string, expected: string): HostError {
  return new HostError('ERR_INVALID_OPTION', `The option select.${option} is ${value}; expected ${expected}.`);
}
