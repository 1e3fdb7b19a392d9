/** Turns one line's bytes into an item: as it lies in the input where that is possible, else with prefix, as UTF-8, or in columns. */
import { isUtf8, Items, log } from '@chipmunk-host/sdk/assembly';
import * as latin1 from './latin-1';
import { mendedLength, REPLACEMENT_BYTES, storeReplacement, writeMended } from './utf-8';
import * as utf16 from './utf-16';

/** Warnings about skipped lines stop after so many. */
const MOST_WARNINGS: i32 = 10;
/** Copies up to this length are made here: a bulk copy costs a call. */
const SHORT_COPY: usize = 512;
/** Digits of the largest 32-bit number. */
const MOST_DIGITS: usize = 10;

export class LineWriter {
  private warnings: i32 = 0;

  constructor(
    private readonly lossy: bool,
    /** UTF-8. */
    private readonly prefix: Uint8Array,
    private readonly columns: bool,
    private readonly isLatin1: bool,
  ) {}

  /** Whether a valid line's item is just the line. */
  get plain(): bool {
    return this.prefix.length == 0 && !this.columns;
  }

  /**
   * Puts in the item of the line that lies from `text` up to `end`. `valid` promises that its bytes are already the UTF-8 of its text.
   * `position` is where the line begins in the whole input.
   */
  write(out: Items, text: usize, end: usize, valid: bool, consumed: u64, position: u64): void {
    if (valid || (!this.isLatin1 && isUtf8(text, end))) {
      this.writeValid(out, text, end - text, consumed);
    } else if (this.isLatin1) {
      const length = latin1.utf8Length(text, end);
      if (length == end - text) {
        this.writeValid(out, text, length, consumed);
        return;
      }
      const at = this.reserve(out, length);
      latin1.writeUtf8(text, end, at);
      this.putPrefixed(out, at, length, consumed);
    } else if (this.lossy) {
      this.writeMended(out, text, end, consumed);
    } else {
      this.warn('UTF-8', end - text, position);
      out.skip(consumed);
    }
  }

  /** The same for UTF-16. An odd byte at the end is part of what is invalid there. */
  writeUtf16(out: Items, text: usize, end: usize, bigEndian: bool, consumed: u64, position: u64): void {
    const odd = (end - text) & 1;
    const whole = end - odd;
    if (!this.lossy && (odd != 0 || !utf16.isPaired(text, whole, bigEndian))) {
      this.warn('UTF-16', end - text, position);
      out.skip(consumed);
      return;
    }
    const written = utf16.utf8Length(text, whole, bigEndian);
    // Half a pair and half a code unit are one invalid part.
    const oddBytes = odd == 0 || utf16.endsInHalf(text, whole, bigEndian) ? 0 : REPLACEMENT_BYTES;
    const length = written + oddBytes;
    const at = this.reserve(out, length);
    utf16.writeUtf8(text, whole, bigEndian, at);
    if (oddBytes != 0) storeReplacement(at + written);
    this.putPrefixed(out, at, length, consumed);
  }

  /** Room for a message of `length` bytes behind the prefix, which is written; returns where the message belongs. */
  private reserve(out: Items, length: usize): usize {
    const prefixLength = <usize>this.prefix.length;
    const at = out.reserve(prefixLength + length);
    copy(at, this.prefix.dataStart, prefixLength);
    return at + prefixLength;
  }

  /** Puts in the message of `length` bytes at `at`, before which the prefix lies. */
  private putPrefixed(out: Items, at: usize, length: usize, consumed: u64): void {
    const prefixLength = <usize>this.prefix.length;
    this.put(out, at - prefixLength, prefixLength + length, length, consumed);
  }

  private writeValid(out: Items, text: usize, length: usize, consumed: u64): void {
    const prefixLength = <usize>this.prefix.length;
    if (prefixLength == 0) {
      this.put(out, text, length, length, consumed);
      return;
    }
    const at = this.reserve(out, length);
    copy(at, text, length);
    this.putPrefixed(out, at, length, consumed);
  }

  private writeMended(out: Items, text: usize, end: usize, consumed: u64): void {
    const length = mendedLength(text, end);
    const at = this.reserve(out, length);
    writeMended(text, end, at);
    this.putPrefixed(out, at, length, consumed);
  }

  /** `messageLength`: bytes without the prefix. */
  // @ts-ignore: decorator
  @inline
  private put(out: Items, text: usize, length: usize, messageLength: usize, consumed: u64): void {
    if (!this.columns) {
      out.line(text, length, consumed);
      return;
    }
    const digits = out.reserve(MOST_DIGITS);
    const first = writeDecimal(digits + MOST_DIGITS, <u32>messageLength);
    out.beginColumns(2);
    out.column(first, digits + MOST_DIGITS - first);
    out.column(text, length);
    out.endColumns(consumed);
  }

  private warn(encoding: string, length: usize, position: u64): void {
    if (this.warnings >= MOST_WARNINGS) return;
    this.warnings++;
    const last = this.warnings == MOST_WARNINGS ? '; more of these are skipped without a message' : '';
    log.warn(
      `skipped a line that is not valid ${encoding}: ${length} bytes, ${position} bytes after the start of the input${last}`,
    );
  }
}

/** Writes a number's digits so that they end before `end`; returns where they begin. */
function writeDecimal(end: usize, value: u32): usize {
  let at = end;
  do {
    at--;
    store<u8>(at, 48 + (value % 10));
    value /= 10;
  } while (value != 0);
  return at;
}

// @ts-ignore: decorator
@inline
function copy(target: usize, source: usize, length: usize): void {
  if (length > SHORT_COPY) {
    memory.copy(target, source, length);
    return;
  }
  if (length < 16) {
    for (let i: usize = 0; i < length; i++) store<u8>(target + i, load<u8>(source + i));
    return;
  }
  // The last vector may overlap the one before it.
  const last = length - 16;
  for (let done: usize = 0; done < last; done += 16) v128.store(target + done, v128.load(source + done));
  v128.store(target + last, v128.load(source + last));
}
