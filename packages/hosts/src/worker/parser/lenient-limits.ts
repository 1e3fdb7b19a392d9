/** How often a parser may fail to find an item: Chipmunk's limits, with a counter for each kind of failure. */
import { PluginUnrecoverableError } from '@chipmunk-host/runtime/internal/worker';

/** When an error follows more dropped bytes than this, and no item came before: the parser is probably the wrong one. */
const MAX_BYTES_DROPPED_BEFORE_FIRST_ITEM = 1024;
const MAX_PARSE_ERRORS_IN_A_ROW = 2000;
const MAX_INCOMPLETE_IN_A_ROW = 50;
/** At the end of the input, where each costs one byte and a look at all that follows. */
const MAX_INCOMPLETE_AT_END = 2000;

export class LenientLimits {
  #parseErrors = 0;
  #incompletes = 0;
  #incompletesAtEnd = 0;
  #dropped = 0;

  /** `parse` came to items, or to none yet. */
  succeeded(): void {
    this.#parseErrors = 0;
    this.#incompletes = 0;
    this.#incompletesAtEnd = 0;
  }

  /** `parse` came to an error for which one byte is to be dropped. @throws PluginUnrecoverableError beyond the limit */
  parseError(message: string, hasItems: boolean, offset: number): void {
    if (!hasItems && this.#dropped > MAX_BYTES_DROPPED_BEFORE_FIRST_ITEM)
      throw new PluginUnrecoverableError(`No item in the first ${this.#dropped} bytes: ${message}`, {
        help: 'Check that this parser reads this kind of input.',
      });
    this.#dropped++;
    if (++this.#parseErrors > MAX_PARSE_ERRORS_IN_A_ROW)
      throw new PluginUnrecoverableError(
        `${this.#parseErrors} parse errors in a row, up to byte ${offset}; the last one: ${message}`,
      );
  }

  /** `parse` came to `incomplete` with a full window. @throws PluginUnrecoverableError beyond the limit */
  incomplete(offset: number): void {
    if (++this.#incompletes > MAX_INCOMPLETE_IN_A_ROW)
      throw new PluginUnrecoverableError(
        `The plugin returned 'incomplete' ${this.#incompletes} times in a row at byte ${offset}.`,
      );
  }

  /** `parse` came to `incomplete` where there is no more input. Returns whether to go on behind the next byte. */
  incompleteAtEnd(): boolean {
    return ++this.#incompletesAtEnd <= MAX_INCOMPLETE_AT_END;
  }
}
