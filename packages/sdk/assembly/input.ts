/** The bytes that a parser is called with. */
import { decode } from './text';

/**
 * A slice of the input. What is not consumed begins the next slice, which is longer; only at the end of the input exactly
 * the unconsumed rest is passed once more. A slice without bytes is a question of a host that has several instances read one file, and only
 * parsers get it whose metadata name patterns as boundaries (docs/plugin-contract.md, "Several instances"). Addresses in it are valid until the call's result was read.
 */
export class Input {
  /** The address of the first byte. */
  start: usize = 0;
  /** The address after the last byte. */
  end: usize = 0;
  /** Whether the host knows when these bytes were received. */
  hasTimestamp: bool = false;
  /** When they were received, as the host counts time; 0 if it does not know. */
  timestamp: u64 = 0;

  /** Bytes in the slice. */
  // @ts-ignore: decorator
  @inline
  get length(): usize {
    return this.end - this.start;
  }

  /** A copy of valid UTF-8 in the slice as a string. */
  text(at: usize, length: usize): string {
    return decode(at, length);
  }
}
