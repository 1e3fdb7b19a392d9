/** What a search looks for, and how each row is tested for it. */
import {
  Comparison,
  candidatesOf,
  caselessNeedles,
  literalPattern,
  loadPatternEngine,
  MOST_NEEDLE_BYTES,
  placedBytes,
  plainNeedle,
  requirePattern,
  type SelectionPlan,
  type SelectionTest,
} from '@chipmunk-host/hosts/internal/select';
import { HostError } from '@chipmunk-host/runtime';
import { type OptionTable, option, requireOptions } from '@chipmunk-host/runtime/internal/options';
import type { SearchQuery } from './search-types.js';

export const QUERY: OptionTable<SearchQuery> = {
  pattern: option.required(option.text),
  fixed: option.flag,
  ignoreCase: option.flag,
  wholeWord: option.flag,
  column: option.text,
};

export const MOST_QUERIES = 64;
const MOST_PATTERN_BYTES = MOST_NEEDLE_BYTES / 4;
const MOST_COLUMNS = 4096;
/** Neither before nor behind a whole word. */
const NO_WORD = '[^\\p{L}\\p{M}\\p{N}_]';

/**
 * @param captions of the columns; none where rows are lines
 * @throws HostError `ERR_INVALID_OPTION`
 */
export async function searchPlans(
  queries: readonly SearchQuery[],
  captions: readonly string[],
): Promise<readonly SelectionPlan[]> {
  if (!(queries.length >= 1 && queries.length <= MOST_QUERIES))
    throw refused(`${queries.length} queries were given; expected 1 to ${MOST_QUERIES}`);
  const engine = await loadPatternEngine();
  return queries.map((query) => {
    requireOptions('The query', query, QUERY);
    const bytes = Buffer.byteLength(query.pattern);
    if (bytes > MOST_PATTERN_BYTES)
      throw refused(`The pattern is ${bytes} bytes long; expected up to ${MOST_PATTERN_BYTES}`);
    if (!query.pattern.isWellFormed())
      throw refused('The pattern has half of a surrogate pair; expected text that can be written as UTF-8');
    if (query.fixed !== true) requirePattern(engine, query.pattern);
    const test = testOf(query, query.column === undefined ? undefined : columnIn(query.column, captions));
    if (test.pattern !== undefined) requirePattern(engine, test.pattern);
    return { tests: [test], invert: false, times: undefined, skip: 0, limit: Number.POSITIVE_INFINITY };
  });
}

/** @throws HostError `ERR_INVALID_OPTION` when there is no such column */
export function columnIn(column: string, captions: readonly string[]): number {
  const named = captions.indexOf(column);
  if (named >= 0) return named;
  const number = Number(/^#([1-9]\d{0,3})$/.exec(column)?.[1]);
  if (number <= MOST_COLUMNS) return number - 1;
  const known = captions.length === 0 ? 'the rows have no named columns' : `the columns are ${captions.join(', ')}`;
  throw refused(`There is no column '${column}'; expected a caption (${known}), or #1 for the first column`);
}

function testOf(query: SearchQuery, column: number | undefined): SelectionTest {
  const { wholeWord = false } = query;
  const source = sourceOf(query);
  const literal = literalPattern(source);
  const ignoreCase = query.ignoreCase === true || literal?.ignoreCase === true;
  const about = { column, how: Comparison.contains, bytes: new Uint8Array() };
  if (literal?.text === '' && !wholeWord) return { ...about, needles: [] };
  // A text with a tab may be found across two columns: there has to be one text for it.
  const isText = literal !== undefined && literal.text !== '' && (column !== undefined || !literal.text.includes('\t'));
  if (!isText || (literal.isPrefix && (ignoreCase || wholeWord))) {
    const candidates = candidatesOf(column, query.ignoreCase === true ? `(?i)${source}` : source, false);
    return { ...about, ...candidates, pattern: enginePattern(source, query) };
  }
  if (literal.isPrefix)
    return { ...about, how: Comparison.prefix, bytes: new TextEncoder().encode(literal.text), needles: [] };
  const pattern = enginePattern(source, query);
  if (!ignoreCase) {
    const needles = [{ needles: [plainNeedle(literal.text, wholeWord)], beyondAscii: [] }];
    return wholeWord ? { ...about, needles, pattern, isSureInAscii: true } : { ...about, needles };
  }
  const caseless = caselessNeedles(literal.text, wholeWord);
  if (caseless === undefined) return { ...about, needles: [], pattern };
  const { needle, beyondAscii, isSure } = caseless;
  return { ...about, needles: [{ needles: [needle], beyondAscii }], isSureInAscii: isSure, pattern };
}

/** @param source a regular expression: `sourceOf` the query */
export function enginePattern(source: string, { ignoreCase = false, wholeWord = false }: SearchQuery): string {
  const inner = ignoreCase ? `(?i:${source})` : source;
  return wholeWord ? `(?:^|${NO_WORD})(${inner})(?:$|${NO_WORD})` : inner;
}

/** The query as a regular expression, whatever its letters and words. */
export function sourceOf({ pattern, fixed = false }: SearchQuery): string {
  return fixed ? quoted(pattern) : pattern;
}

function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** Bytes of memory that its needles take. */
export function planBytes({ tests }: SelectionPlan): number {
  return tests.reduce((sum, test) => sum + test.bytes.length + placedBytes(test), 0);
}

function refused(why: string): HostError {
  return new HostError('ERR_INVALID_OPTION', `${why}.`);
}
