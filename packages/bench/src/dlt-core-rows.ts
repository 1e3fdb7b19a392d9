/** The Rust program in dlt-core/: built where Rust and its crates are, and run on one file. */
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Of a run. */
export interface DltCoreSummary {
  readonly items: number;
  /** Of all rows, with a separator between two columns. */
  readonly textBytes: number;
  /** Parsing and writing rows, without reading the file. */
  readonly durationMs: number;
}

export class DltCoreRows {
  readonly #binary: string;

  private constructor(binary: string) {
    this.#binary = binary;
  }

  /** Builds it, which takes minutes for the first time; or says why that cannot be done here. */
  static build(): DltCoreRows | { readonly skipped: string } {
    const folder = fileURLToPath(new URL('../dlt-core', import.meta.url));
    const target = process.env.CARGO_TARGET_DIR ?? join(folder, 'target');
    const { status, error } = spawnSync('cargo', ['build', '--release', '--locked', '--quiet'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, CARGO_TARGET_DIR: target },
    });
    if (error !== undefined) return { skipped: `cargo cannot be run: ${error.message}` };
    if (status !== 0) return { skipped: `cargo ended with ${status}` };
    return new DltCoreRows(
      join(target, 'release', process.platform === 'win32' ? 'dlt-core-rows.exe' : 'dlt-core-rows'),
    );
  }

  async rows(file: string): Promise<DltCoreSummary> {
    const { stdout } = await run(this.#binary, [file]);
    return JSON.parse(stdout) as DltCoreSummary;
  }
}
