/** For those who show what was found: in which column, and where in a text. */
import { loadPatternEngine, rangeFinder, requirePattern } from '@chipmunk-host/hosts/internal/select';
import { captionsOf } from './captions.js';
import { columnIn, enginePattern, sourceOf } from './search-query.js';
import type { SearchQuery } from './search-types.js';

/** Where a query was found in a text: UTF-16 code units, the end behind the last one. */
export interface FoundRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Where a query is found in a text, for those who show it: a line, or the column that is searched.
 * @throws HostError `ERR_INVALID_OPTION` for a pattern that cannot be used
 */
export async function searchRanges(query: SearchQuery): Promise<(text: string) => readonly FoundRange[]> {
  const source = sourceOf(query);
  requirePattern(await loadPatternEngine(), source);
  return rangeFinder(enginePattern(source, query), query.wholeWord === true ? 1 : 0);
}

/**
 * Number of a column, from 0.
 * @param column its caption, or `#N` for number N, from 1 on
 * @param renderOptions of the parser, as a session or a spool has them
 * @throws HostError `ERR_INVALID_OPTION` when there is no such column
 */
export function columnNumber(column: string, renderOptions: unknown): number {
  return columnIn(column, captionsOf(renderOptions));
}
