/**
 * The errors for which a parser skips input byte by byte, counted by their texts. How many texts there are and how long they are is
 * bounded, whatever a plugin says.
 */

/** Most different texts. Errors with other texts are only counted. */
const MAX_TEXTS = 16;
/** UTF-16 code units of a text that are kept. */
const MAX_UNITS = 300;

export interface ParseErrorText {
  /** What the plugin said, its first 300 UTF-16 code units. */
  readonly message: string;
  /** How often. */
  readonly count: number;
  /** Position in the input of the first byte for which it said so. */
  readonly firstOffset: number;
}

/** The parse errors of a session: for these the parser skipped input. */
export interface ParseErrorSummary {
  /** All of them: for each, one byte of the input was skipped. */
  readonly count: number;
  /** The first 16 texts, in the order of the input. Their counts make `count` unless there were more texts. */
  readonly texts: readonly ParseErrorText[];
}

/** worker -> main, on the event port: those since the last event. */
export interface ParseErrorEvent {
  readonly kind: 'parse-errors';
  readonly errors: ParseErrorSummary;
}

export class ParseErrorCounts {
  #count = 0;
  readonly #texts = new Map<string, ParseErrorText>();

  get count(): number {
    return this.#count;
  }

  add(message: string, offset: number): void {
    this.#count++;
    this.#addText({ message: message.slice(0, MAX_UNITS), count: 1, firstOffset: offset });
  }

  addAll({ count, texts }: ParseErrorSummary): void {
    this.#count += count;
    for (const text of texts) this.#addText(text);
  }

  summary(): ParseErrorSummary {
    const texts = [...this.#texts.values()].sort((a, b) => a.firstOffset - b.firstOffset);
    return { count: this.#count, texts };
  }

  #addText({ message, count, firstOffset }: ParseErrorText): void {
    const before = this.#texts.get(message);
    if (before === undefined && this.#texts.size === MAX_TEXTS) return;
    this.#texts.set(message, {
      message,
      count: count + (before?.count ?? 0),
      firstOffset: Math.min(firstOffset, before?.firstOffset ?? firstOffset),
    });
  }
}
