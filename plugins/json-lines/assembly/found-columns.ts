/** Finds columns in the first lines: the names of their members, in the order in which they come. */
import { COMMA, hasEscapes, memberEnd, OPEN_BRACE, QUOTE, skipSpace, stringEnd, valueEnd } from './json-scan';
import { MemberPath } from './member-path';
import { UNESCAPE_SLACK, writeUnescaped } from './unescape';

export class FoundColumns {
  readonly paths: MemberPath[] = [];

  constructor(private readonly most: i32) {}

  /** Takes the names of a line that begins at `at`, is valid UTF-8, and ends with an LF. */
  add(at: usize): void {
    at = skipSpace(at);
    if (load<u8>(at) != OPEN_BRACE || valueEnd(at) == 0) return;
    at = skipSpace(at + 1);
    while (load<u8>(at) == QUOTE) {
      const end = stringEnd(at + 1);
      this.take(nameOf(at + 1, end, hasEscapes));
      at = skipSpace(memberEnd(at));
      if (load<u8>(at) == COMMA) at = skipSpace(at + 1);
    }
  }

  private take(name: string): void {
    if (this.paths.length == this.most) return;
    for (let i = 0; i < this.paths.length; i++) {
      if (this.paths[i].text == name) return;
    }
    this.paths.push(new MemberPath(name, [name]));
  }
}

function nameOf(at: usize, end: usize, escapes: bool): string {
  if (!escapes) return String.UTF8.decodeUnsafe(at, end - at);
  const text = new ArrayBuffer(<i32>(end - at + UNESCAPE_SLACK));
  const start = changetype<usize>(text);
  return String.UTF8.decodeUnsafe(start, writeUnescaped(start, at, end) - start);
}
