/** The engine for regular expressions whose time grows with the text alone (RE2). It is loaded where a pattern is more than text. */

export interface CompiledPattern {
  /** Whether it is found in the text, which is UTF-8. */
  test(text: Uint8Array): boolean;
}

export interface PatternEngine {
  /** @throws Error whose message quotes the syntax that it does not have */
  compile(pattern: string): CompiledPattern;
}

export async function loadPatternEngine(): Promise<PatternEngine> {
  const { RE2JS } = await import('re2js');
  return RE2JS;
}

/** Where a pattern was found in a text: UTF-16 code units, the end behind the last one. */
export interface FoundRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Where a pattern is found in texts, one place behind the other, for those who show it.
 * @param group number of the group that is shown; 0 is all of it
 */
export async function rangeFinder(pattern: string, group = 0): Promise<(text: string) => readonly FoundRange[]> {
  const { RE2JS } = await import('re2js');
  const compiled = RE2JS.compile(pattern);
  return (text) => {
    const ranges: FoundRange[] = [];
    const matcher = compiled.matcher(text);
    for (let from = 0; from <= text.length && matcher.find(from); ) {
      const [start, end] = [matcher.start(group), matcher.end(group)];
      if (end > start) ranges.push({ start, end });
      from = Math.max(end, from + 1);
    }
    return ranges;
  };
}
