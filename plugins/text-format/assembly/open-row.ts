/** The row that is put in last: lines that belong to its message may follow. */
import { Items, MOST_TEXT_GROWTH, NO_TIME, TextWriter, writeMendedUtf8 } from '@chipmunk-host/sdk/assembly';

const CR: u8 = 13;
const LF: u8 = 10;
/** A message with the lines that belong to it has so many bytes at most. */
const MOST_BYTES: usize = 1048576;

export class OpenRow {
  /** Where its first line begins in the input; 0: there is no open row. */
  start: usize = 0;
  private pairs: usize = 0;
  private columns: i32 = 0;
  private time: i64 = 0;
  /** Where the pair of its message lies. */
  private message: usize = 0;
  /** Where the text of its first line ends. */
  private firstEnd: usize = 0;
  /** Where the text of its last line ends, and where the line behind that begins. */
  private end: usize = 0;
  private next: usize = 0;
  /** Whether its lines are valid UTF-8. */
  private isValid: bool = true;

  // @ts-ignore: decorator
  @inline
  open(start: usize, end: usize, next: usize, isValid: bool): void {
    this.start = start;
    this.firstEnd = end;
    this.end = end;
    this.next = next;
    this.isValid = isValid;
  }

  // @ts-ignore: decorator
  @inline
  show(pairs: usize, columns: i32, messageColumn: i32, time: i64): void {
    this.pairs = pairs;
    this.columns = columns;
    this.message = pairs + ((<usize>messageColumn) << 3);
    this.time = time;
  }

  /** Adds a line that belongs to the message; false: the message would become too long. */
  add(end: usize, next: usize, isValid: bool): bool {
    if (next - this.start > MOST_BYTES) return false;
    this.end = end;
    this.next = next;
    if (!isValid) this.isValid = false;
    return true;
  }

  /** Puts the row in, if there is one; returns how many bytes of input it has. */
  // @ts-ignore: decorator
  @inline
  put(out: Items, writer: TextWriter): usize {
    if (this.start == 0) return 0;
    if (this.end != this.firstEnd) this.lengthen(writer);
    const bytes = this.next - this.start;
    out.columnsAt(this.pairs, this.columns, bytes);
    if (this.time != NO_TIME) out.time(this.time);
    this.start = 0;
    return bytes;
  }

  /** Lets the message go on up to the end of the last line. */
  private lengthen(writer: TextWriter): void {
    const text = load<usize>(this.message);
    const length = load<usize>(this.message, 4);
    if (this.isValid && text + length == this.firstEnd) {
      store<usize>(this.message, this.end - text, 4);
      return;
    }
    let more = this.firstEnd;
    if (load<u8>(more) == CR) more++;
    let at = writer.begin(length + 1 + (this.end - more) * MOST_TEXT_GROWTH);
    memory.copy(at, text, length);
    at += length;
    if (length == 0) more++;
    else if (load<u8>(more) != LF) store<u8>(at++, LF);
    const start = writer.start;
    at = writeMendedUtf8(at, more, this.end);
    writer.end(at);
    store<usize>(this.message, start);
    store<usize>(this.message, at - start, 4);
  }
}
