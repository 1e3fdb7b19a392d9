/** The input of a session on the main thread: what its parser's worker is told of it, and what has to be ended with it. */
import type { SourceRequest } from '../../shared/protocol/byte-source-messages.js';
import type { FileReaderThread } from './input-file.js';

export interface OpenedInput {
  /** For the parser's worker. */
  readonly request: SourceRequest;
  /** Bytes of the input, where that is known from the start. */
  readonly totalBytes?: number;
  /** What the input begins with, up to 512 bytes; none where only a plugin has seen it. */
  head?(): Uint8Array;
  /** Called of each parser's instance before it is told of the input, where the input must not be taken away before its threads are done. */
  lendTo?(thread: FileReaderThread): void;
  /** Begins to deliver. */
  start(): void;
  /** What the main thread knows better of an error that the parser's worker met. */
  explain(error: unknown): Promise<unknown>;
  /** Ends it and wakes a worker that waits for it. Again is harmless. */
  close(): Promise<void>;
}
