/** The base of byte-source plugins. */
import { Output } from './output';
import { Plugin } from './plugin';

/** Delivers bytes. */
export abstract class ByteSource extends Plugin {
  /** Puts up to `length` bytes into `out`; none when there are no more. */
  abstract read(length: usize, out: Output): void;
}
