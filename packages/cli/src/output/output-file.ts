/** What becomes of an output at the end of a run. */
import type { ByteSink } from './byte-sink.js';

export interface OutputFile {
  readonly sink: ByteSink;
  readonly isTerminal: boolean;
  /** All is written that will be. @throws CommandError when it turns out that it is not, or cannot be put in its place */
  finish(): Promise<void>;
  /** Files that are whole already. Undefined: it is one file. */
  readonly wholeFiles?: readonly string[];
  /** The run has failed. @returns the path of the file that has what was written, where that is another one than was asked for */
  abandon(): Promise<string | undefined>;
}
