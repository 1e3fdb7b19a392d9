/** The input of a session on the main thread: what its parser's worker gets, and what ends with it. */
import type { FilePosition } from '@chipmunk-host/sources/internal';
import type { SourceRequest } from '../../shared/protocol/byte-source-messages.js';
import type { ByteSourceHost } from '../host/byte-source-host.js';
import type { FileReaderThread } from './input-file.js';
import type { InputHold } from './input-hold.js';

export interface OpenedInput {
  /** For the parser's worker. */
  readonly request: SourceRequest;
  /** Where several inputs come at once, each for a parser of its own: the request of each. */
  readonly lanes?: readonly SourceRequest[];
  /** Bytes of the input, where that is known from the start. */
  readonly totalBytes?: number;
  /** The share of the input that was read, from 0 to 1, where that is known and `totalBytes` is not. */
  share?(): number | undefined;
  /** The byte-source plugin that delivers it. */
  readonly source?: Pick<ByteSourceHost, 'plugin' | 'meter'>;
  /** What the input begins with, up to 512 bytes; none where only a plugin has seen it. */
  head?(): Uint8Array;
  /** Called with each parser's instance before it gets the input, if the input must stay open until its threads have ended. */
  lendTo?(thread: FileReaderThread): void;
  /** Where what delivers it can be held. Undefined: the parsers' workers read it, and are held. */
  readonly hold?: InputHold;
  /** The place of a position in the input, to go on there another time. Undefined: it cannot go back. */
  placeAt?(offset: number): Promise<FilePosition | undefined>;
  /** Begins to deliver. */
  start(): void;
  /** Replaces an error of the parser's worker by a more precise one that the main thread knows. */
  explain(error: unknown): Promise<unknown>;
  /** Ends it and wakes a worker that waits for it. Idempotent. */
  close(): Promise<void>;
}
