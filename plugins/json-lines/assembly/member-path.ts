/**
 * Where a value lies in an object: the names that lead to it, with dots between them. `a.b` is the member `b` of the object that is the
 * member `a`. A backslash takes its meaning from the dot, comma or backslash behind it: `a\.b` is the member named `a.b`.
 */

const BACKSLASH: i32 = 92;
const COMMA: i32 = 44;
const DOT: i32 = 46;
const SPACE: i32 = 32;

export class MemberPath {
  constructor(
    /** As it was written. */
    readonly text: string,
    /** From the outermost one. */
    readonly names: string[],
  ) {}

  /** The name of the value itself. */
  get last(): string {
    return this.names[this.names.length - 1];
  }
}

/** What a list of paths was read as. */
export class MemberPaths {
  readonly paths: MemberPath[] = [];
  /** What is wrong with it. */
  error: string | null = null;
}

/** Reads paths between commas. Spaces around them do not count. */
export function parsePaths(text: string): MemberPaths {
  const result = new MemberPaths();
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    if (at < text.length && text.charCodeAt(at) == BACKSLASH) {
      at++;
      continue;
    }
    if (at < text.length && text.charCodeAt(at) != COMMA) continue;
    const path = trimmed(text, start, at);
    const names = namesOf(path);
    if (names.indexOf('') >= 0) {
      result.error = path == '' ? 'a name is empty' : `'${path}' has a name that is empty`;
      return result;
    }
    for (let i = 0; i < result.paths.length; i++) {
      if (isSame(result.paths[i].names, names)) {
        result.error = `'${path}' is there twice`;
        return result;
      }
    }
    result.paths.push(new MemberPath(path, names));
    start = at + 1;
  }
  return result;
}

function trimmed(text: string, start: i32, end: i32): string {
  while (start < end && text.charCodeAt(start) == SPACE) start++;
  // A space behind a backslash is part of the name.
  while (
    end > start &&
    text.charCodeAt(end - 1) == SPACE &&
    !(end - 2 >= start && text.charCodeAt(end - 2) == BACKSLASH)
  ) {
    end--;
  }
  return text.substring(start, end);
}

function namesOf(path: string): string[] {
  const names: string[] = [];
  let name = '';
  for (let at = 0; at < path.length; at++) {
    const unit = path.charCodeAt(at);
    if (unit == BACKSLASH && at + 1 < path.length) {
      at++;
      name += path.charAt(at);
    } else if (unit == DOT) {
      names.push(name);
      name = '';
    } else {
      name += path.charAt(at);
    }
  }
  names.push(name);
  return names;
}

function isSame(one: string[], other: string[]): bool {
  if (one.length != other.length) return false;
  for (let i = 0; i < one.length; i++) {
    if (one[i] != other[i]) return false;
  }
  return true;
}
