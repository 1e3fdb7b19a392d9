export interface FoundImport {
  /** `url`: `new URL('…', import.meta.url)`. All else that names a module is an `import`, also of types only. */
  readonly kind: 'import' | 'url';
  /** `import type` or `export type`: nothing is loaded. */
  readonly isType: boolean;
  readonly specifier: string;
  /** From 1. */
  readonly line: number;
}

/** In the order of the file. Only specifiers that are written as one string. */
export function importsOf(text: string): FoundImport[];

/**
 * @returns `code`: the text with as many lines, without comments, regular expressions and the text of templates; a string is
 *   `'n'` in it, where `n` is its number in `strings`
 */
export function codeOf(text: string): { code: string; strings: string[] };
