/** The errors for which parsers skip input, over all inputs of a run, and as lines of text. */
import type { ParseErrorSummary, ParseErrorText } from '@chipmunk-host/manager';
import { formatCount } from '../terminal/quantities.js';
import { oneLine } from '../terminal/terminal-text.js';

/** Most different texts of a run. */
const MAX_TEXTS = 16;
/** Texts that are shown to people who did not ask for more. */
const SHOWN_TEXTS = 3;

export interface RunParseErrorText extends ParseErrorText {
  /** Where `firstOffset` is. */
  readonly input: string;
}

export interface RunParseErrors {
  readonly count: number;
  /** At most 16, in the order in which they came. */
  readonly texts: readonly RunParseErrorText[];
}

export class RunParseErrorCounts {
  #count = 0;
  readonly #texts = new Map<string, RunParseErrorText>();

  addAll({ count, texts }: ParseErrorSummary, input: string): void {
    this.#count += count;
    for (const text of texts) {
      const before = this.#texts.get(text.message);
      if (before !== undefined) this.#texts.set(text.message, { ...before, count: before.count + text.count });
      else if (this.#texts.size < MAX_TEXTS) this.#texts.set(text.message, { ...text, input });
    }
  }

  summary(): RunParseErrors {
    return { count: this.#count, texts: [...this.#texts.values()] };
  }
}

/** One line for each text, and one for those that are not shown. @param verbose shows all that are kept */
export function parseErrorLines(
  {
    count,
    texts,
  }: { readonly count: number; readonly texts: readonly (ParseErrorText & { readonly input?: string })[] },
  verbose: boolean,
): readonly string[] {
  const shown = texts.slice(0, verbose ? MAX_TEXTS : SHOWN_TEXTS);
  const lines = shown.map(({ message, count: times, input, firstOffset }) => {
    const place = input === undefined ? `byte ${firstOffset}` : `${input}:${firstOffset}`;
    return `parse error at ${place}: ${oneLine(message)}${times > 1 ? ` (${formatCount(times, 'time')})` : ''}`;
  });
  const others = count - shown.reduce((sum, { count: times }) => sum + times, 0);
  return others === 0 || lines.length === 0 ? lines : [...lines, `${formatCount(others, 'parse error')} more`];
}
