/**
 * Ctrl-C, SIGTERM, and SIGHUP of a terminal that is closed. The first one ends the run cleanly, with a summary of what was
 * done. The second one ends the process at once.
 */
import { ExitCode } from './exit-code.js';

const EXIT_CODES = {
  SIGINT: ExitCode.interrupted,
  SIGTERM: ExitCode.terminated,
  SIGHUP: ExitCode.hungUp,
} as const;
type SignalName = keyof typeof EXIT_CODES;

export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners = (Object.keys(EXIT_CODES) as SignalName[]).map((name) => ({
    name,
    listener: () => this.#on(name),
  }));
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
    if (this.#exitCode === undefined) this.#stopListening();
  }

  #on(name: SignalName): void {
    if (this.#exitCode !== undefined) this.#endAtOnce(name);
    this.#exitCode = EXIT_CODES[name];
    this.#controller.abort(new Error('interrupted'));
  }

  /**
   * `process.exit` waits for all threads, also for one that is in a call of the system that does not return, as on a file
   * system that hangs. The signal itself waits for none; a shell shows it as 128 and its number.
   */
  #endAtOnce(name: SignalName): void {
    if (process.platform === 'win32') process.exit(EXIT_CODES[name]);
    process.removeAllListeners(name);
    process.kill(process.pid, name);
  }

  #stopListening(): void {
    for (const { name, listener } of this.#listeners) process.off(name, listener);
  }
}
