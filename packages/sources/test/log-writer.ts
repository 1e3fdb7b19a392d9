/** The program of log-writer-fixture.mjs, in a process of its own. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export type Step =
  | { readonly kind: 'open'; readonly path: string; readonly dated?: boolean }
  | { readonly kind: 'write'; readonly text: string; readonly pieceBytes?: number }
  | { readonly kind: 'rotate'; readonly createFirst?: boolean; readonly late?: string }
  | { readonly kind: 'switch'; readonly to: string }
  | { readonly kind: 'close' | 'copy-truncate' | 'truncate' | 'delete' };

/** A file that the log has had, when the program was done with it. */
export interface WrittenFile {
  readonly text: string;
  readonly end: 'last' | 'rotated' | 'copied' | 'cut' | 'deleted';
}

export class LogWriter implements AsyncDisposable {
  readonly #process: ChildProcess;

  constructor() {
    this.#process = fork(fileURLToPath(new URL('log-writer-fixture.mjs', import.meta.url)));
  }

  async do(...steps: Step[]): Promise<readonly WrittenFile[]> {
    this.#process.send(steps);
    const [{ files }] = (await once(this.#process, 'message')) as [{ files: readonly WrittenFile[] }];
    return files;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill();
    await once(this.#process, 'exit');
  }
}

/**
 * How much of each file was delivered, when nothing else was: files that were moved away whole, of those that were cut the beginning, of
 * those that were removed all or nothing. Texts of files that follow each other must not begin with the same character.
 * @throws Error that says what is missing or too much
 */
export function deliveredParts(delivered: string, files: readonly WrittenFile[]): readonly number[] {
  let at = 0;
  const parts = files.map(({ text, end }, number) => {
    let length = 0;
    while (length < text.length && delivered[at + length] === text[length]) length++;
    const isWhole = length === text.length;
    const allowed = isWhole || end === 'cut' || end === 'copied' || (end === 'deleted' && length === 0);
    if (!allowed)
      throw new Error(
        `Of file ${number} (${end}), ${length} of ${text.length} bytes were delivered, then '${delivered.slice(at + length, at + length + 40)}'.`,
      );
    at += length;
    return length;
  });
  if (at < delivered.length)
    throw new Error(`${delivered.length - at} bytes too much: '${delivered.slice(at, at + 40)}'.`);
  return parts;
}
