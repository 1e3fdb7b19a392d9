/** What can be said of a regular expression without an engine: whether it is nothing but text, and which text it cannot do without. */

/** A pattern that is found where the text is: anywhere, or at the beginning. */
export interface LiteralPattern {
  readonly text: string;
  readonly isPrefix: boolean;
}

/** A part of a pattern: a character of the text that it matches, or undefined where it is any of several, or none. */
type Part = string | undefined;

const META = /[\\^$.*+?()[\]{}|]/;
/** Escapes of these are the characters themselves. */
const PUNCTUATION = /^[!-/:-@[-`{-~]$/;
const CLASS_OR_BOUNDARY = /^[dDsSwWbB]$/;
const REPETITION = /^(?:[*+?]|\{\d+(?:,\d*)?\})/;
/** How groups begin that change nothing for what is in them or behind them. */
const PLAIN_GROUP = /^\((?:\?(?::|P?<[A-Za-z_]))?(?!\?)/;

/** @returns undefined when it is more than text */
export function literalPattern(pattern: string): LiteralPattern | undefined {
  const isPrefix = pattern.startsWith('^');
  const parts = partsOf(isPrefix ? pattern.slice(1) : pattern);
  return parts?.every((part) => part !== undefined) ? { text: parts.join(''), isPrefix } : undefined;
}

/**
 * The longest text that is in everything that the pattern matches, as far as it is easily seen; empty where it is not. Groups, classes and
 * alternatives are not looked into. The pattern must be one that the engine takes.
 */
export function requiredText(pattern: string): string {
  let longest = '';
  let run = '';
  for (const part of partsOf(pattern) ?? []) {
    run = part === undefined ? '' : run + part;
    if (run.length > longest.length) longest = run;
  }
  return longest;
}

/** @returns undefined when the pattern has what is not understood here, such as alternatives and flags */
function partsOf(pattern: string): readonly Part[] | undefined {
  // Between \Q and \E, nothing means what it means elsewhere.
  if (pattern.includes('\\Q')) return undefined;
  const parts: Part[] = [];
  for (let at = 0; at < pattern.length; ) {
    const rest = pattern.slice(at);
    const repetition = REPETITION.exec(rest)?.[0];
    if (repetition !== undefined) {
      // What it repeats may be missing, or be there more than once.
      parts[parts.length - 1] = undefined;
      at += repetition.length;
      continue;
    }
    const read = readPart(rest);
    if (read === undefined) return undefined;
    parts.push(read.part);
    at += read.length;
  }
  return parts;
}

function readPart(rest: string): { readonly part: Part; readonly length: number } | undefined {
  const [first = ''] = rest;
  const escaped = rest[1] ?? '';
  switch (first) {
    case '\\':
      if (PUNCTUATION.test(escaped)) return { part: escaped, length: 2 };
      return CLASS_OR_BOUNDARY.test(escaped) ? { part: undefined, length: 2 } : undefined;
    case '(':
      return PLAIN_GROUP.test(rest) ? { part: undefined, length: groupLength(rest) } : undefined;
    case '[':
      return { part: undefined, length: classLength(rest) };
    case '|':
    case '{':
      return undefined;
    default:
      return { part: META.test(first) ? undefined : first, length: first.length };
  }
}

/** Of the group that `text` begins with. */
function groupLength(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '[') at += classLength(text.slice(at)) - 1;
    else if (text[at] === '(') depth++;
    else if (text[at] === ')') depth--;
    if (depth === 0) return at + 1;
  }
  return text.length;
}

/** Of the class that `text` begins with. */
function classLength(text: string): number {
  const begin = text[1] === '^' ? 2 : 1;
  for (let at = begin; at < text.length; at++) {
    const named = text.startsWith('[:', at) ? text.indexOf(':]', at + 2) : -1;
    if (named !== -1) at = named + 1;
    else if (text[at] === '\\') at++;
    else if (text[at] === ']' && at > begin) return at + 1;
  }
  return text.length;
}
