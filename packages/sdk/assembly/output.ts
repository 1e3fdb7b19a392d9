/** Where a byte-source puts what it read. */
import { reserve, shorten } from './arena';
import { encode, storeText } from './text';

const NO_FAILURE: i32 = 255;

export class Output {
  private data: usize = 0;
  private length: usize = 0;
  private failure: i32 = NO_FAILURE;
  private message: string = '';

  /** Memory for the bytes of this call: fill it, then hand it over with `bytes`. Freed after the call. */
  reserve(bytes: usize): usize {
    return reserve(bytes);
  }

  /** Hands over bytes that lie in memory from `reserve`, or that the plugin does not change until the next call. */
  bytes(at: usize, length: usize): void {
    this.data = at;
    this.length = length;
  }

  /** Hands over a copy of an array. */
  array(bytes: Uint8Array): void {
    const at = reserve(bytes.length);
    memory.copy(at, bytes.dataStart, bytes.length);
    this.bytes(at, bytes.length);
  }

  /** Hands over text as UTF-8. */
  text(text: string): void {
    const at = reserve(<usize>text.length * 3);
    const length = encode(text, at);
    shorten(at, length);
    this.bytes(at, length);
  }

  /** An error of input or output. Like the two below, it replaces the bytes of this call: return after it. */
  io(message: string): void {
    this.fail(0, message);
  }

  unsupported(message: string): void {
    this.fail(1, message);
  }

  other(message: string): void {
    this.fail(2, message);
  }

  /** Writes the result of `read` at `target`. */
  store(target: usize): void {
    if (this.failure == NO_FAILURE) {
      store<u8>(target, 0);
      store<usize>(target, this.data, 4);
      store<usize>(target, this.length, 8);
      return;
    }
    store<u8>(target, 1);
    store<u8>(target, this.failure, 4);
    storeText(target + 8, this.message);
  }

  /** Forgets what was handed over. */
  clear(): void {
    this.data = 0;
    this.length = 0;
    this.failure = NO_FAILURE;
    this.message = '';
  }

  private fail(failure: i32, message: string): void {
    this.failure = failure;
    this.message = message;
  }
}
