/** A progress bar for one session, on stderr, only on a terminal. */
import type { Progress } from '@chipmunk-host/manager';
import { SingleBar } from 'cli-progress';
import { formatBytes, formatRate, formatTimeLeft } from '../terminal/quantities.js';
import { oneLine, shortened } from '../terminal/terminal-text.js';

const PERMILLE = 1000;
const MAX_LABEL = 40;

export class SessionProgress implements Disposable {
  readonly #label: string;
  #bar: SingleBar | undefined;

  /** @param at which of how many inputs it is, from 1 on */
  constructor(label: string, at = { number: 1, of: 1 }) {
    const place = at.of > 1 ? ` (${at.number} of ${at.of})` : '';
    this.#label = `${shortened(oneLine(label), MAX_LABEL)}${place}`;
  }

  /** Whether somebody can see a bar, and none of the items would be written into it. */
  static visible(itemsOnStdout: boolean): boolean {
    return process.stderr.isTTY === true && !(itemsOnStdout && process.stdout.isTTY === true);
  }

  readonly update = ({ bytes, bytesPerSecond, totalBytes, share }: Progress): void => {
    const payload = {
      label: this.#label,
      done: formatBytes(bytes),
      size: totalBytes === undefined ? '' : ` of ${formatBytes(totalBytes)}`,
      rate: formatRate(bytesPerSecond),
      left: formatTimeLeft((bytes / (share || 1) - bytes) / bytesPerSecond),
    };
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
    format: sized ? '{label} [{bar}] {percentage}%  {done}{size}  {left}  {rate}' : '{label}  {done}  {rate}',
    // A line of 80 columns is cut behind what matters most.
    barsize: 16,
    stream: process.stderr,
    clearOnComplete: true,
    // A second Ctrl-C ends the process at once, which must not leave a terminal without cursor or line wrapping.
    hideCursor: false,
    linewrap: true,
  });
}
