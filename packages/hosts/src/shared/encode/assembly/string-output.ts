/** The string under way: what is left of it, and how it is written. It may need more than one piece of output. */
import { beginsFormula, CSV_GROWTH, mustQuote, quotedText } from './csv-text';
import { JSON_GROWTH, jsonText } from './json-text';
import { copied } from './plain-text';
import { CSV, CSV_GUARDED, CSV_INSIDE, DELIMITER, JSON_TEXT, plan } from './plan';

const QUOTE: u8 = 0x22;
/** A quote and an apostrophe. */
const QUOTE_AND_GUARD: u16 = 0x2722;

/** Written behind the end of a copy at most, and what stands around a string. */
export const SLACK: usize = 32;
/** Without so much no step begins. */
export const LEAST_ROOM: usize = 96;

/** Whether a string is not written whole. */
export let inString: bool = false;
export let from: usize = 0;
export let to: usize = 0;
let isQuoted: bool = false;

/** What `put` writes next. */
// @ts-ignore: decorator
@inline export function setString(start: usize, stop: usize): void {
  from = start;
  to = stop;
}

/** Says that what was set is not written whole, or that it is. */
// @ts-ignore: decorator
@inline export function setInString(value: bool): void {
  inString = value;
}

/**
 * Writes the string from `from` up to `to`, or what is left of it, as far as there is room: `inString` says whether more is left.
 * @returns where the output ends
 */
export function put(mode: u32, start: usize, end: usize): usize {
  let at = start;
  if (end - at < LEAST_ROOM) {
    inString = true;
    return at;
  }
  if (!inString) {
    isQuoted = mode == JSON_TEXT;
    if (mode == CSV || mode == CSV_GUARDED) {
      const isGuarded = mode == CSV_GUARDED && from < to && beginsFormula(load<u8>(from));
      isQuoted = isGuarded || mustQuote(from, to, load<u8>(plan + DELIMITER));
      store<u16>(at, QUOTE_AND_GUARD);
      at += isGuarded ? 2 : isQuoted ? 1 : 0;
    } else if (isQuoted) {
      store<u8>(at, QUOTE);
      at++;
    }
  }
  const doubles = mode == CSV_INSIDE || (isQuoted && mode != JSON_TEXT);
  const growth: u32 = mode == JSON_TEXT ? JSON_GROWTH : doubles ? CSV_GROWTH : 1;
  const room = end - at - SLACK;
  let stop = to;
  if (<u64>(to - from) * growth > <u64>room) stop = from + room / growth;
  if (mode == JSON_TEXT) at = jsonText(from, stop, at);
  else if (doubles) at = quotedText(from, stop, at);
  else at = copied(from, stop, at);
  from = stop;
  inString = stop < to;
  if (!inString && isQuoted) {
    store<u8>(at, QUOTE);
    at++;
  }
  return at;
}

