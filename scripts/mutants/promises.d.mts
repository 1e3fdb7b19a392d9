export interface BrokenPromise {
  /** From the workspace's root. */
  readonly page: string;
  /** What the page says, whatever white space is between the words. */
  readonly words: string;
  readonly file: string;
  /** Stands once in the file. */
  readonly search: string;
  readonly replacement: string;
  readonly tests: readonly { readonly member: string; readonly files: readonly string[] }[];
}

export const PROMISES: readonly BrokenPromise[];
