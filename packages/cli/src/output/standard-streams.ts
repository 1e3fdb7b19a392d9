/**
 * Standard output and standard error, for all commands. Printing does not wait; before it ends, the program asks whether all
 * of it was taken (`flush`), and exits with 1 when it was not, unless the reader has gone away.
 */
import type { Writable } from 'node:stream';
import type { CommandError } from '../command-error.js';
import { type ByteSink, isReaderGone, standardSink } from './byte-sink.js';
import { writeError } from './output-error.js';

export class StandardStream {
  readonly name: string;
  readonly #make: () => ByteSink;
  #madeSink: ByteSink | undefined;
  #last: Promise<void> = Promise.resolve();
  #error: CommandError | undefined;

  constructor(name: string, make: () => ByteSink) {
    this.name = name;
    this.#make = make;
  }

  /** For those who have to know of each chunk whether it was taken. */
  get sink(): ByteSink {
    this.#madeSink ??= this.#make();
    return this.#madeSink;
  }

  print(text: string): void {
    if (text === '') return;
    this.#last = this.sink.write(Buffer.from(text)).catch((cause: unknown) => {
      if (!isReaderGone(cause)) this.#error ??= writeError(this.name, this.sink.writtenBytes, cause);
    });
  }

  /**
   * Waits until everything is taken that was printed.
   * @returns why something was not; undefined also when its reader has gone away
   */
  async flush(): Promise<CommandError | undefined> {
    await this.#last;
    return this.#error;
  }
}

export const standardOutput = standard(1, 'standard output', () => process.stdout);
export const standardError = standard(2, 'standard error', () => process.stderr);

function standard(descriptor: 1 | 2, name: string, stream: () => Writable): StandardStream {
  return new StandardStream(name, () => standardSink(descriptor, stream));
}
