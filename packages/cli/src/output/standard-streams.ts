/**
 * Standard output and standard error, for all commands: all text of the program goes through `print`, which shows control
 * characters on a terminal instead of sending them, and has colours there. Printing does not wait; before it ends, the program asks whether all
 * of it was taken (`flush`), and exits with 1 when it was not, unless the reader has gone away.
 */
import type { Writable } from 'node:stream';
import { isatty, WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import type { CommandError } from '../terminal/command-error.js';
import { visibleControls } from '../terminal/visible-controls.js';
import { type ByteSink, isReaderGone, standardSink } from './byte-sink.js';
import { writeError } from './output-error.js';

/** What a piece of text is, for its colour on a terminal. */
export type Emphasis = keyof typeof STYLES;
const STYLES = {
  good: 'green',
  warning: 'yellow',
  error: 'red',
  match: ['bold', 'red'],
  number: 'green',
  separator: 'cyan',
} as const;

/** A piece of text, and what it is. */
export type Styled = readonly [text: string, emphasis?: Emphasis];

export class StandardStream {
  readonly name: string;
  /** Whether it is one. */
  readonly isTerminal: boolean;
  readonly #stream: () => Writable;
  readonly #descriptor: 1 | 2;
  #madeSink: ByteSink | undefined;
  #last: Promise<void> = Promise.resolve();
  #error: CommandError | undefined;
  #isRaw = false;

  constructor(descriptor: 1 | 2, name: string, stream: () => Writable) {
    this.name = name;
    this.isTerminal = isatty(descriptor);
    this.#descriptor = descriptor;
    this.#stream = stream;
  }

  /** Sends control characters to a terminal from now on. */
  sendControls(): void {
    this.#isRaw = true;
  }

  /** Whether control characters are shown instead of sent. */
  get showsControls(): boolean {
    return this.isTerminal && !this.#isRaw;
  }

  /** For those who have to know of each chunk whether it was taken. */
  get sink(): ByteSink {
    this.#madeSink ??= standardSink(this.#descriptor, this.#stream);
    return this.#madeSink;
  }

  print(text: string, emphasis?: Emphasis): void {
    if (text === '') return;
    const styled = this.#shown([text, emphasis]);
    this.#last = this.sink.write(Buffer.from(styled)).catch((cause: unknown) => {
      if (!isReaderGone(cause)) this.#error ??= writeError(this.name, this.sink.writtenBytes, cause);
    });
  }

  /**
   * Prints several pieces, and waits until they are taken.
   * @returns false when its reader has gone away
   * @throws CommandError `ERR_OUTPUT_WRITE`
   */
  async write(pieces: readonly Styled[]): Promise<boolean> {
    if (pieces.length === 0) return true;
    try {
      await this.sink.write(Buffer.from(pieces.map((piece) => this.#shown(piece)).join('')));
      return true;
    } catch (cause) {
      if (isReaderGone(cause)) return false;
      throw writeError(this.name, this.sink.writtenBytes, cause);
    }
  }

  /**
   * Waits until everything is taken that was printed.
   * @returns why something was not; undefined also when its reader has gone away
   */
  async flush(): Promise<CommandError | undefined> {
    await this.#last;
    return this.#error;
  }

  #shown([text, emphasis]: readonly [text: string, emphasis?: Emphasis | undefined]): string {
    const shown = this.showsControls ? visibleControls(text) : text;
    return emphasis !== undefined && this.hasColours ? coloured(shown, emphasis) : shown;
  }

  /** Whether it shows colours, as Node.js tells it: by `NO_COLOR`, `FORCE_COLOR` and `TERM`. */
  get hasColours(): boolean {
    if (!this.isTerminal) return false;
    const stream = this.#stream();
    return stream instanceof WriteStream && stream.hasColors();
  }
}

function coloured(text: string, emphasis: Emphasis): string {
  return styleText([...[STYLES[emphasis]].flat()], text, { validateStream: false });
}

export const standardOutput = new StandardStream(1, 'standard output', () => process.stdout);
export const standardError = new StandardStream(2, 'standard error', () => process.stderr);
