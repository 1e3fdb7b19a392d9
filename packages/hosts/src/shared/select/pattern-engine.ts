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
