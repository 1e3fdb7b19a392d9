/** A directory for a run, whose path is always equally long: some inputs have it in them, and offsets depend on it. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PATH_BYTES = 150;

export class WorkingDirectory implements Disposable {
  readonly path: string;
  readonly #made: string;

  constructor() {
    this.#made = realpathSync(mkdtempSync(join(tmpdir(), 'interop-')));
    const missing = PATH_BYTES - Buffer.byteLength(this.#made) - 1;
    if (missing < 1) throw new Error(`The path of the temporary directory is too long: ${this.#made}`);
    this.path = join(this.#made, '-'.repeat(missing));
    mkdirSync(this.path);
  }

  [Symbol.dispose](): void {
    rmSync(this.#made, { recursive: true, force: true });
  }
}
