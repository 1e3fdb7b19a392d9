/** The last lines that a plugin logged or wrote, for errors. */

/** Lines that an error carries. */
const LAST_LINES = 20;
const LAST_LINE_LENGTH = 1000;

export class LastLines {
  readonly #lines: string[] = [];

  add(line: string): void {
    this.#lines.push(line.slice(0, LAST_LINE_LENGTH));
    if (this.#lines.length > LAST_LINES) this.#lines.shift();
  }

  get lines(): readonly string[] {
    return [...this.#lines];
  }

  clear(): void {
    this.#lines.length = 0;
  }
}
