/**
 * One growing area for the texts of a call. Texts are written one behind the other with the functions that take an address and return
 * where they end (decimal.ts, float-text.ts, utf-8.ts, utc-time.ts):
 *
 *     let at = writer.begin(64);
 *     at = writeU32(at, count);
 *     at = writer.grow(at, 200);       // more room: the text so far may move
 *     ...
 *     out.column(writer.start, at - writer.start);
 *     writer.end(at);
 *
 * A finished text stays where it is until the host has read the result of the call.
 */
import { reserve } from './arena';

const SMALLEST_AREA: usize = 0x10000;

export class TextWriter {
  /** Where the text that was begun lies. */
  start: usize = 0;
  private limit: usize = 0;

  /** Forgets the area, which is freed after each call: do this once at the beginning of a call. */
  reset(): void {
    this.start = 0;
    this.limit = 0;
  }

  /** Begins a text that has room for `bytes` bytes. */
  // @ts-ignore: decorator
  @inline
  begin(bytes: usize): usize {
    if (this.limit - this.start < bytes) this.open(bytes);
    return this.start;
  }

  /** Makes room for `bytes` bytes more behind `at`; returns where `at` is then. */
  // @ts-ignore: decorator
  @inline
  grow(at: usize, bytes: usize): usize {
    return this.limit - at < bytes ? this.move(at, bytes) : at;
  }

  /** Ends the text at `at`. */
  // @ts-ignore: decorator
  @inline
  end(at: usize): void {
    this.start = at;
  }

  private open(bytes: usize): void {
    const size = max(bytes, SMALLEST_AREA);
    this.start = reserve(size);
    this.limit = this.start + size;
  }

  private move(at: usize, bytes: usize): usize {
    const from = this.start;
    const length = at - from;
    this.open((length << 1) + bytes);
    memory.copy(this.start, from, length);
    return this.start + length;
  }
}
