/** A progress bar for one session, on stderr, for people only. */
import type { Progress } from '@chipmunk-host/manager';
import { SingleBar } from 'cli-progress';
import { oneLine, shortened } from './plugins/terminal-text.js';
import { formatBytes, formatRate } from './quantities.js';

const PERMILLE = 1000;
const MAX_LABEL = 60;

export class SessionProgress implements Disposable {
  readonly #label: string;
  #bar: SingleBar | undefined;

  constructor(label: string) {
    this.#label = shortened(oneLine(label), MAX_LABEL);
  }

  /** Whether somebody can see a bar, and none of the items would be written into it. */
  static visible(itemsOnStdout: boolean): boolean {
    return process.stderr.isTTY === true && !(itemsOnStdout && process.stdout.isTTY === true);
  }

  readonly update = ({ bytes, bytesPerSecond, share }: Progress): void => {
    const payload = { label: this.#label, done: formatBytes(bytes), rate: formatRate(bytesPerSecond) };
    const value = Math.floor((share ?? 0) * PERMILLE);
    if (this.#bar === undefined) {
      this.#bar = barFor(share !== undefined);
      this.#bar.start(PERMILLE, value, payload);
    } else this.#bar.update(value, payload);
  };

  [Symbol.dispose](): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}

/** @param sized whether it is known how much there is */
function barFor(sized: boolean): SingleBar {
  return new SingleBar({
    format: sized ? '{label} [{bar}] {percentage}%  {done}  {rate}' : '{label}  {done}  {rate}',
    stream: process.stderr,
    clearOnComplete: true,
    // A second Ctrl-C ends the process at once, which must not leave a terminal without cursor or line wrapping.
    hideCursor: false,
    linewrap: true,
  });
}
