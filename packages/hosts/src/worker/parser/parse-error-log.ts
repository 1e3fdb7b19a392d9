/** The parse errors of one worker on their way to the main thread: counted once each, and posted in one message a turn. */
import { ParseErrorCounts, type ParseErrorEvent } from '../../shared/protocol/parse-errors.js';

export class ParseErrorLog {
  readonly #post: (event: ParseErrorEvent) => void;
  #counts = new ParseErrorCounts();
  /** Position in the input of the first byte for which none was counted yet. */
  #next = 0;

  constructor(post: (event: ParseErrorEvent) => void) {
    this.#post = post;
  }

  /** An instance that takes over in the same thread may meet it again. */
  add(message: string, offset: number): void {
    if (offset < this.#next) return;
    this.#next = offset + 1;
    this.#counts.add(message, offset);
  }

  flush(): void {
    if (this.#counts.count === 0) return;
    this.#post({ kind: 'parse-errors', errors: this.#counts.summary() });
    this.#counts = new ParseErrorCounts();
  }
}
