/** What can be said of a regular expression without an engine: whether it is nothing but text, and which text it cannot do without. */

/** A pattern that is found where the text is: anywhere, or at the beginning. */
export interface LiteralPattern {
  readonly text: string;
  readonly isPrefix: boolean;
  /** Whether letters of the other case are the same. Default: false. */
  readonly ignoreCase?: boolean;
}

/** A text that is in everything that a pattern matches. */
export interface RequiredText {
  readonly text: string;
  readonly ignoreCase: boolean;
}

interface Group {
  readonly inner: string;
  /** Undefined: as outside of it. */
  readonly ignoreCase: boolean | undefined;
}

/** A part of a pattern: a character of the text that it matches, a group, or undefined where it is any of several, or none. */
type Part = string | Group | undefined;

const META = /[\\^$.*+?()[\]{}|]/;
/** Escapes of these are the characters themselves. */
const PUNCTUATION = /^[!-/:-@[-`{-~]$/;
const CLASS_OR_BOUNDARY = /^[dDsSwWbB]$/;
const REPETITION = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/;
/** Those that may be none at all. */
const MAY_BE_NONE = /^(?:[*?]|\{0+[,}])/;
/** How groups begin that change nothing for what is behind them, with the flags in them. */
const PLAIN_GROUP = /^\((?:\?(?:([imsU]*)(-[imsU]+)?:|P?<[A-Za-z_]\w*>))?(?!\?)/;
/** Flags for all of the pattern. */
const FLAGS = /^\(\?([imsU]+)\)/;
/** Alternatives that are looked for at most: each costs time of its own. */
const MOST_TEXTS = 8;
/** Of which the rarest is taken. */
const MOST_LISTS = 4;

/** @returns undefined when it is more than text */
export function literalPattern(pattern: string): LiteralPattern | undefined {
  const { ignoreCase, rest } = withoutFlags(pattern);
  // With (?m), ^ is also behind each line feed.
  const isPrefix = rest === pattern && rest.startsWith('^');
  const parts = partsOf(isPrefix ? rest.slice(1) : rest);
  if (parts?.every((part) => typeof part === 'string') !== true) return undefined;
  return { text: parts.join(''), isPrefix, ...(ignoreCase ? { ignoreCase } : {}) };
}

/**
 * Lists of texts: of each list at least one is in everything that the pattern matches, as far as it is easily seen; no list where it is not.
 * The lists with the longest texts come first. The pattern must be one that the engine takes.
 */
export function requiredTexts(pattern: string): readonly (readonly RequiredText[])[] {
  const { ignoreCase, rest } = withoutFlags(pattern);
  return listsOf(rest, ignoreCase);
}

function listsOf(pattern: string, ignoreCase: boolean): readonly (readonly RequiredText[])[] {
  // Between \Q and \E, nothing means what it means elsewhere.
  if (pattern.includes('\\Q')) return [];
  const branches = branchesOf(pattern).map((branch) => listsOfBranch(branch, ignoreCase));
  const [only] = branches;
  if (branches.length === 1) return only ?? [];
  // One of the best of each.
  const texts = branches.flatMap(([best = []]) => best);
  return branches.every((lists) => lists.length > 0) && texts.length <= MOST_TEXTS ? [texts] : [];
}

/** Of a pattern without alternatives. */
function listsOfBranch(pattern: string, ignoreCase: boolean): readonly (readonly RequiredText[])[] {
  const lists: (readonly RequiredText[])[] = [];
  let run = '';
  const endRun = () => {
    if (run !== '') lists.push([{ text: run, ignoreCase }]);
    run = '';
  };
  for (const part of partsOf(pattern) ?? []) {
    if (typeof part === 'string') run += part;
    else endRun();
    if (typeof part === 'object') lists.push(...listsOf(part.inner, part.ignoreCase ?? ignoreCase));
  }
  endRun();
  return lists.sort((a, b) => shortest(b) - shortest(a)).slice(0, MOST_LISTS);
}

function shortest(texts: readonly RequiredText[]): number {
  return texts.reduce((least, { text }) => Math.min(least, text.length), Number.POSITIVE_INFINITY);
}

function withoutFlags(pattern: string): { readonly ignoreCase: boolean; readonly rest: string } {
  const [whole = '', flags = ''] = FLAGS.exec(pattern) ?? [];
  return { ignoreCase: flags.includes('i'), rest: pattern.slice(whole.length) };
}

/** What stands between the `|` that are in no group. */
function branchesOf(pattern: string): readonly string[] {
  const branches: string[] = [];
  let from = 0;
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++;
    else if (pattern[at] === '[') at += classLength(pattern.slice(at)) - 1;
    else if (pattern[at] === '(') at += groupLength(pattern.slice(at)) - 1;
    else if (pattern[at] === '|') {
      branches.push(pattern.slice(from, at));
      from = at + 1;
    }
  }
  return [...branches, pattern.slice(from)];
}

/** @returns undefined when the pattern has what is not understood here, such as alternatives and flags */
function partsOf(pattern: string): readonly Part[] | undefined {
  if (pattern.includes('\\Q')) return undefined;
  const parts: Part[] = [];
  for (let at = 0; at < pattern.length; ) {
    const rest = pattern.slice(at);
    const repetition = REPETITION.exec(rest)?.[0];
    if (repetition !== undefined) {
      // What it repeats may be missing, or be there more than once.
      const last = parts.length - 1;
      if (typeof parts[last] !== 'object' || MAY_BE_NONE.test(repetition)) parts[last] = undefined;
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
  const first = String.fromCodePoint(rest.codePointAt(0) ?? 0);
  const escaped = rest[1] ?? '';
  switch (first) {
    case '\\':
      if (PUNCTUATION.test(escaped)) return { part: escaped, length: 2 };
      return CLASS_OR_BOUNDARY.test(escaped) ? { part: undefined, length: 2 } : undefined;
    case '(':
      return readGroup(rest);
    case '[':
      return { part: undefined, length: classLength(rest) };
    case '|':
    case '{':
      return undefined;
    default:
      return { part: META.test(first) ? undefined : first, length: first.length };
  }
}

function readGroup(rest: string): { readonly part: Group; readonly length: number } | undefined {
  const begin = PLAIN_GROUP.exec(rest);
  if (begin === null) return undefined;
  const [opening, on = '', off = ''] = begin;
  const length = groupLength(rest);
  const inner = rest.slice(opening.length, length - 1);
  return { part: { inner, ignoreCase: on.includes('i') ? true : off.includes('i') ? false : undefined }, length };
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
