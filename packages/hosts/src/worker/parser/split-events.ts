/**
 * What an instance tells beside its batches (log lines, parse errors, input to keep), where it works on splits that begin at a guess: it is
 * held back until the split is known to be delivered, and forgotten with one that is not.
 */
import type { LogLine } from '../../shared/protocol/log-line.js';
import type { SplitEvent } from '../../shared/protocol/split-marks.js';

export class SplitEvents {
  readonly #post: (event: SplitEvent) => void;
  #isHeldBack = false;
  #isDelivered: () => boolean = () => false;
  /** Position in the file where the split begins. */
  #offset = 0;
  #held: SplitEvent[] = [];
  #waiting: (() => void)[] = [];

  constructor(post: (event: SplitEvent) => void) {
    this.#post = post;
  }

  add(event: SplitEvent): void {
    if (!this.#isHeldBack) {
      this.#post(event);
      return;
    }
    this.#held.push(event.kind === 'log' ? { ...event, lines: event.lines.map((line) => this.#placed(line)) } : event);
    if (this.#isDelivered()) this.#release();
  }

  /** What comes from here on is of the split that begins at `offset`. What is held back is forgotten. */
  begin(offset: number, isDelivered: () => boolean): void {
    this.#isHeldBack = true;
    this.#offset = offset;
    this.#isDelivered = isDelivered;
    this.#forget();
  }

  /** What comes from here on is of no split. */
  end(): void {
    this.begin(0, () => false);
  }

  /** Nothing is held back any more. */
  stop(): void {
    this.end();
    this.#isHeldBack = false;
  }

  /** What is held back, for whoever knows whether the split is delivered. */
  take(): readonly SplitEvent[] {
    const held = this.#held;
    this.#held = [];
    return held;
  }

  /** Does it when the split is known to be delivered. */
  whenDelivered(work: () => void): void {
    this.#waiting.push(work);
    if (!this.#isHeldBack || this.#isDelivered()) this.delivered();
  }

  /** Whether something has to be done if the split is delivered. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** The split is delivered. */
  delivered(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const work of waiting) work();
  }

  #release(): void {
    for (const event of this.take()) this.#post(event);
  }

  #forget(): void {
    this.#held = [];
    this.#waiting = [];
  }

  /** A plugin counts from where its input begins. */
  #placed(line: LogLine): LogLine {
    if (this.#offset === 0 || line.source === 'host') return line;
    return { ...line, message: `${line.message} (in the part from byte ${this.#offset} on)` };
  }
}
