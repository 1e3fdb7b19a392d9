/** The native host of compat/oracle: built where Rust and its crates are, and run on one file. */
import { execFile, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Of a run; times in milliseconds. */
export interface OracleSummary {
  readonly status: string;
  readonly bytes: number;
  readonly items: number;
  readonly compileMs: number;
  readonly startMs: number;
  /** Reading, parsing and lifting, without compiling and starting. */
  readonly durationMs: number;
}

export class Oracle {
  readonly #binary: string;

  private constructor(binary: string) {
    this.#binary = binary;
  }

  /** Builds it, which takes minutes for the first time; or says why that cannot be done here. */
  static build(): Oracle | { readonly skipped: string } {
    const folder = join(
      dirname(createRequire(import.meta.url).resolve('@chipmunk-host/compat/package.json')),
      'oracle',
    );
    const target = process.env.CARGO_TARGET_DIR ?? join(folder, 'target');
    const { status, error } = spawnSync('cargo', ['build', '--release', '--locked', '--quiet'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, CARGO_TARGET_DIR: target },
    });
    if (error !== undefined) return { skipped: `cargo cannot be run: ${error.message}` };
    if (status !== 0) return { skipped: `cargo ended with ${status}; the README of compat/oracle says what it needs` };
    return new Oracle(join(target, 'release', process.platform === 'win32' ? 'oracle.exe' : 'oracle'));
  }

  /** One session over a file: items are lifted to texts of their own, counted, and dropped. */
  async ingest(file: string, parser: string): Promise<OracleSummary> {
    const { stderr } = await run(this.#binary, ['ingest', file, '--parser', parser, '--format', 'none', '--no-env']);
    return JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '') as OracleSummary;
  }
}
