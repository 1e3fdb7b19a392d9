/** A progress bar for one session, on stderr, for people only. */
import type { Progress } from '@chipmunk-host/manager';
import { SingleBar } from 'cli-progress';
import { formatBytes, formatRate } from './quantities.js';

const PERMILLE = 1000;

export class SessionProgress implements Disposable {
  readonly #bar: SingleBar;
  readonly #label: string;
  #started = false;

  /** @param sized whether it will be known how much there is */
  constructor(label: string, sized = true) {
    this.#label = label;
    this.#bar = new SingleBar({
      format: sized ? '{label} [{bar}] {percentage}%  {done}  {rate}' : '{label}  {done}  {rate}',
      stream: process.stderr,
      clearOnComplete: true,
      // A second Ctrl-C ends the process at once, which must not leave a terminal without cursor or line wrapping.
      hideCursor: false,
      linewrap: true,
    });
  }

  /** Whether somebody can see a bar, and none of the items would be written into it. */
  static visible(itemsOnStdout: boolean): boolean {
    return process.stderr.isTTY === true && !(itemsOnStdout && process.stdout.isTTY === true);
  }

  readonly update = ({ bytes, bytesPerSecond, share }: Progress): void => {
    const payload = { label: this.#label, done: formatBytes(bytes), rate: formatRate(bytesPerSecond) };
    const value = Math.floor((share ?? 0) * PERMILLE);
    if (this.#started) this.#bar.update(value, payload);
    else this.#bar.start(PERMILLE, value, payload);
    this.#started = true;
  };

  [Symbol.dispose](): void {
    if (this.#started) this.#bar.stop();
    this.#started = false;
  }
}
