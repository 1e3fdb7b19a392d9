/**
 * Lines of text to items. A line ends at LF; one CR directly before the LF belongs to the line's end, and a byte order mark at the
 * beginning of the input to the bytes of the first line, but not to its text.
 *
 * A slice may end within a line. Its rest then begins the next slice, which is longer, unless the input has ended: then the
 * same rest is passed once more. So a slice as long as the rest that was left holds the last line, which has no LF.
 */
import {
  Column,
  Config,
  InitError,
  Input,
  isUtf8,
  Items,
  LineFeeds,
  Parser,
  RenderOptions,
  Schema,
  Version,
} from '@chipmunk-host/sdk/assembly';
import { LineWriter } from './line-writer';
import { findLineBreak, unitAt } from './utf-16';

const LF: u8 = 10;
const CR: u8 = 13;
const BYTE_ORDER_MARK: u32 = 0xfeff;
/** Bytes of the byte order mark in UTF-8: EF BB BF. */
const UTF8_MARK_BYTES: usize = 3;

const enum Encoding {
  Utf8,
  /** The byte order mark tells the order of bytes; without one it is little-endian. */
  Utf16,
  Utf16LittleEndian,
  Utf16BigEndian,
  Latin1,
}

const ENCODINGS = ['utf-8', 'utf-16', 'utf-16le', 'utf-16be', 'latin-1'];

class StringParser extends Parser {
  private writer: LineWriter = new LineWriter(false, new Uint8Array(0), false, false);
  private feeds: LineFeeds = new LineFeeds();
  private encoding: i32 = Encoding.Utf8;
  private bigEndian: bool = false;
  private showsColumns: bool = false;
  /** Bytes that the last call left because they hold no LF; 0 when it left none, or when complete lines are among them. */
  private pending: usize = 0;
  /** Whether all of them are ASCII. */
  private pendingAscii: bool = true;
  /** Bytes of input that were used up. */
  private position: u64 = 0;

  version(): Version {
    return new Version(0, 1, 0);
  }

  schemas(): Schema[] {
    return [
      Schema.boolean('lossy', 'Replace invalid text').describe(
        'Show lines that are not valid in the encoding with the invalid parts replaced by U+FFFD. Otherwise they are skipped.',
      ),
      Schema.text('prefix', 'Prefix').describe('Put before each message.'),
      Schema.boolean('columns', 'Columns').describe('Show two columns: the length of the message in bytes, and the message.'),
      Schema.dropdown('encoding', 'Encoding', ENCODINGS, ENCODINGS[Encoding.Utf8]).describe(
        'How the input is encoded. utf-16: the byte order mark tells the order of bytes; without one it is little-endian.',
      ),
    ];
  }

  renderOptions(): RenderOptions | null {
    if (!this.showsColumns) return null;
    return new RenderOptions([
      new Column('Length', 'Length of the message in bytes, without the prefix', 60),
      new Column('Message', 'The line'),
    ]);
  }

  init(config: Config): InitError | null {
    const prefix = Uint8Array.wrap(String.UTF8.encode(config.text('prefix')));
    this.showsColumns = config.boolean('columns');
    const encoding = ENCODINGS.indexOf(config.dropdown('encoding', ENCODINGS[Encoding.Utf8]));
    if (encoding < 0) return InitError.config(`encoding: expected one of ${ENCODINGS.join(', ')}`);
    this.encoding = encoding;
    this.bigEndian = encoding == Encoding.Utf16BigEndian;
    this.writer = new LineWriter(config.boolean('lossy'), prefix, this.showsColumns, encoding == Encoding.Latin1);
    this.pending = 0;
    this.pendingAscii = true;
    this.position = 0;
    return null;
  }

  parse(input: Input, out: Items): void {
    const start = input.start;
    const end = input.end;
    if (this.encoding != Encoding.Utf8 && this.encoding != Encoding.Latin1) {
      this.parseUtf16(start, end, out);
      return;
    }
    const length = end - start;
    if (length == this.pending) {
      this.finish(start, end, out);
      return;
    }
    // The slice begins with what the last call left, where no LF is.
    const searched = length > this.pending ? this.pending : 0;
    const ascii = searched == 0 || this.pendingAscii;
    const first = this.takeMarkedLine(start, end, out);
    const rest = first > start ? this.takeLines(first, first, end, true, out) : this.takeLines(start, start + searched, end, ascii, out);
    this.position += rest - first;
  }

  /** Puts in the first line of the input, if a byte order mark begins it and it is complete; returns where the rest begins. */
  private takeMarkedLine(start: usize, end: usize, out: Items): usize {
    const mark = this.markBytes(start, end);
    if (mark == 0) return start;
    let lineBreak = start + mark;
    while (lineBreak < end && load<u8>(lineBreak) != LF) lineBreak++;
    if (lineBreak == end) return start;
    const text = start + mark;
    const textEnd = lineBreak > text && load<u8>(lineBreak - 1) == CR ? lineBreak - 1 : lineBreak;
    const next = lineBreak + 1;
    this.writer.write(out, text, textEnd, false, next - start, 0);
    this.position += next - start;
    return next;
  }

  /** Bytes of the byte order mark with which a slice begins; 0 where the slice does not begin the input, or has none. */
  private markBytes(start: usize, end: usize): usize {
    if (this.position != 0) return 0;
    if (this.encoding == Encoding.Utf8) {
      const bytes = UTF8_MARK_BYTES;
      const isMark = end - start >= bytes && load<u16>(start) == 0xbbef && load<u8>(start, 2) == 0xbf;
      return isMark ? bytes : 0;
    }
    if (this.encoding == Encoding.Latin1 || end - start < 2) return 0;
    if (this.encoding == Encoding.Utf16) this.bigEndian = unitAt(start, true) == BYTE_ORDER_MARK;
    return unitAt(start, this.bigEndian) == BYTE_ORDER_MARK ? 2 : 0;
  }

  /** The same as `parse` for UTF-16, whose line breaks are two bytes. */
  private parseUtf16(start: usize, end: usize, out: Items): void {
    const length = end - start;
    let text = start + this.markBytes(start, end);
    const bigEndian = this.bigEndian;
    if (length == this.pending) {
      this.finishUtf16(start, text, end, out);
      return;
    }
    const whole = end - (length & 1);
    // What the last call left has no line break; its last byte may be half of one.
    let at = length > this.pending && this.pending > 2 ? start + (this.pending & ~1) : text;
    let line = start;
    while (true) {
      const lineBreak = findLineBreak(at, whole, bigEndian);
      if (lineBreak >= whole) break;
      const next = lineBreak + 2;
      const isCr = lineBreak > text && unitAt(lineBreak - 2, bigEndian) == CR;
      const textEnd = isCr ? lineBreak - 2 : lineBreak;
      this.writer.writeUtf16(out, text, textEnd, bigEndian, next - line, this.position);
      this.position += next - line;
      line = next;
      text = next;
      at = next;
      if (out.full) {
        this.pending = findLineBreak(line, whole, bigEndian) < whole ? 0 : end - line;
        return;
      }
    }
    this.pending = end - line;
  }

  private finishUtf16(start: usize, text: usize, end: usize, out: Items): void {
    if (start == end) return;
    if (text == end) out.skip(end - start);
    else this.writer.writeUtf16(out, text, end, this.bigEndian, end - start, this.position);
    this.position += end - start;
    this.pending = 0;
  }

  /** Puts in the last line, which has no LF. A CR at its end is text. */
  private finish(start: usize, end: usize, out: Items): void {
    if (start == end) return;
    const text = start + this.markBytes(start, end);
    if (text == end) out.skip(end - start);
    else this.writer.write(out, text, end, this.pendingAscii, end - start, this.position);
    this.position += end - start;
    this.pending = 0;
  }

  /**
   * Puts in all complete lines, or as many as one call should hold; returns where the rest begins. The first line begins at
   * `start` and has no LF before `at`; `ascii` says whether it is ASCII so far.
   */
  private takeLines(start: usize, at: usize, end: usize, ascii: bool, out: Items): usize {
    const feeds = this.feeds;
    let line = start;
    while (at < end) {
      at = feeds.find(at, end);
      ascii = ascii && feeds.ascii;
      if (feeds.count == 0) continue;
      line = this.takeBlock(line, ascii, out);
      ascii = feeds.ascii;
      if (out.full) {
        // A rest with complete lines is not the end of the input, even if the next slice is just that rest.
        this.pending = hasLineBreak(line, end) ? 0 : end - line;
        this.pendingAscii = false;
        return line;
      }
    }
    this.pending = end - line;
    this.pendingAscii = ascii;
    return line;
  }

  /** Puts in the lines that end in the block that was searched last; the first one begins at `line`. Returns where the rest begins. */
  private takeBlock(line: usize, ascii: bool, out: Items): usize {
    const feeds = this.feeds;
    const writer = this.writer;
    const count = feeds.count;
    // Lines that end in LF are valid if they are together: it is in no sequence of UTF-8.
    const valid = ascii || (this.encoding == Encoding.Utf8 && isUtf8(line, feeds.at(count - 1)));
    if (valid && writer.plain) return out.lines(line, feeds);
    const base = this.position - line;
    for (let i = 0; i < count; i++) {
      const feed = feeds.at(i);
      const textEnd = feed > line && load<u8>(feed - 1) == CR ? feed - 1 : feed;
      writer.write(out, line, textEnd, valid, feed + 1 - line, base + line);
      line = feed + 1;
    }
    return line;
  }
}

function hasLineBreak(at: usize, end: usize): bool {
  while (at < end && load<u8>(at) != LF) at++;
  return at < end;
}

export function create(): Parser {
  return new StringParser();
}
