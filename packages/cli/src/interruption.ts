/**
 * Ctrl-C and SIGTERM. The first one asks: what runs ends cleanly, with an account of what was done. The second one insists,
 * and the process ends at once.
 */
import { ExitCode } from './exit-code.js';

const EXIT_CODES = { SIGINT: ExitCode.interrupted, SIGTERM: ExitCode.terminated } as const;

export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners = Object.entries(EXIT_CODES).map(([name, code]) => ({ name, listener: () => this.#on(code) }));
  #exitCode: ExitCode | undefined;

  constructor() {
    for (const { name, listener } of this.#listeners) process.on(name, listener);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What the process is to end with; undefined when it was not interrupted. */
  get exitCode(): ExitCode | undefined {
    return this.#exitCode;
  }

  /** Once interrupted, it goes on listening: output that nobody reads may keep the process, which a second one then ends. */
  [Symbol.dispose](): void {
    if (this.#exitCode !== undefined) return;
    for (const { name, listener } of this.#listeners) process.off(name, listener);
  }

  #on(code: ExitCode): void {
    if (this.#exitCode !== undefined) process.exit(code);
    this.#exitCode = code;
    this.#controller.abort(new Error('interrupted'));
  }
}
