/**
 * Where a parser puts what it found. Every item says how many bytes of the input it used up.
 *
 * Items are written in place, in the layout that the host reads (96 bytes each): an item whose text lies in the input costs
 * a handful of stores. The list grows at its end and starts with as much room as the last call needed.
 */
import { arenaBytes, reserve } from './arena';
import { Attachment } from './attachment';
import { allocateBlock, blockSize, freeBlock, resizeBlock } from './blocks';
import { garbageBytes } from './heap';
import { setTime } from './item-times';
import { LineFeeds } from './line-feeds';
import { storeText } from './text';

const CR: u8 = 13;
const ITEM_BYTES: usize = 96;
const SMALLEST_LIST: usize = 64 * ITEM_BYTES;
/** What one call may put into the arena, and make of garbage, until `full` asks it to return. */
const AMPLE_BYTES: usize = 0x2000000;

const enum Value {
  Message,
  Attachment,
  MessageAndAttachment,
}

const enum Message {
  Line,
  Columns,
}

const enum Failure {
  Unrecoverable,
  Parse,
  Incomplete,
  Eof,
  None,
}

export class Items {
  /** The number of items that `full` allows in one call. A host holds the items of one call in memory at once. */
  limit: i32 = 65536;

  private list: usize = 0;
  private cursor: usize = 0;
  private end: usize = 0;
  private expected: usize = SMALLEST_LIST;
  private pairs: usize = 0;
  private pairCursor: usize = 0;
  private pairEnd: usize = 0;
  private failure: i32 = Failure.None;
  private message: string = '';

  /** Items of this call so far. */
  // @ts-ignore: decorator
  @inline
  get count(): i32 {
    return <i32>((this.cursor - this.list) / ITEM_BYTES);
  }

  /** Whether `parse` should return what it has: the host passes the unconsumed rest again. */
  get full(): bool {
    return this.count >= this.limit || arenaBytes() > AMPLE_BYTES || garbageBytes() > AMPLE_BYTES;
  }

  /** A line of valid UTF-8 that lies in the input or in memory from `reserve`. Its length may be 0. */
  // @ts-ignore: decorator
  @inline
  line(text: usize, length: usize, consumed: u64): void {
    this.storeLine(this.next(1), text, length, consumed);
  }

  /**
   * The lines that `feeds` ends, which lie in the input one behind the other from `text` on. They must be valid UTF-8. The end of a line is
   * its LF, and one CR directly before it. Returns where the rest begins: behind the last LF.
   */
  lines(text: usize, feeds: LineFeeds): usize {
    const last = feeds.last;
    let at = this.next(<usize>feeds.count);
    for (let entry = feeds.first; entry != last; entry += sizeof<usize>()) {
      const feed = load<usize>(entry);
      const end = feed - <usize>(feed != text && load<u8>(feed - 1) == CR);
      this.storeLine(at, text, end - text, feed + 1 - text);
      text = feed + 1;
      at += ITEM_BYTES;
    }
    return text;
  }

  /** A line that the parser made. */
  lineString(text: string, consumed: u64): void {
    const at = this.next(1);
    store<u8>(at, 1);
    store<u8>(at, Value.Message, 8);
    store<u8>(at, Message.Line, 16);
    storeText(at + 20, text);
    store<u64>(at, consumed, 88);
  }

  /** Begins an item of up to `count` columns; `column` or `columnString` for each, then `endColumns`. */
  // @ts-ignore: decorator
  @inline
  beginColumns(count: i32): void {
    const bytes = (<usize>count) << 3;
    const pairs = reserve(bytes, 4);
    this.pairs = pairs;
    this.pairCursor = pairs;
    this.pairEnd = pairs + bytes;
  }

  /** The next column: valid UTF-8 in the input or in memory from `reserve`. */
  // @ts-ignore: decorator
  @inline
  column(text: usize, length: usize): void {
    const at = this.pairCursor;
    assert(at < this.pairEnd, 'more columns than beginColumns announced');
    store<usize>(at, text);
    store<usize>(at, length, 4);
    this.pairCursor = at + 8;
  }

  /** The next column, made by the parser. */
  columnString(text: string): void {
    assert(this.pairCursor < this.pairEnd, 'more columns than beginColumns announced');
    storeText(this.pairCursor, text);
    this.pairCursor += 8;
  }

  // @ts-ignore: decorator
  @inline
  endColumns(consumed: u64): void {
    const at = this.next(1);
    store<u8>(at, 1);
    store<u8>(at, Value.Message, 8);
    store<u8>(at, Message.Columns, 16);
    store<usize>(at, this.pairs, 20);
    store<usize>(at, (this.pairCursor - this.pairs) >> 3, 24);
    store<u64>(at, consumed, 88);
    this.pairEnd = 0;
    this.pairCursor = 0;
  }

  /** Memory for the addresses and lengths of `count` columns, for `columnsAt`. */
  // @ts-ignore: decorator
  @inline
  reserveColumns(count: i32): usize {
    return reserve((<usize>count) << 3, 4);
  }

  /**
   * An item of `count` columns. At `pairs`, in memory from `reserveColumns`, lie the address and the length of each, four bytes for either:
   * valid UTF-8 in the input or in memory from `reserve`. It is the same as `beginColumns` and `column`, for parsers that know all columns
   * at once.
   */
  // @ts-ignore: decorator
  @inline
  columnsAt(pairs: usize, count: i32, consumed: u64): void {
    const at = this.next(1);
    store<u8>(at, 1);
    store<u8>(at, Value.Message, 8);
    store<u8>(at, Message.Columns, 16);
    store<usize>(at, pairs, 20);
    store<i32>(at, count, 24);
    store<u64>(at, consumed, 88);
  }

  /** A message of columns that the parser made. */
  columns(texts: string[], consumed: u64): void {
    this.beginColumns(texts.length);
    for (let i = 0; i < texts.length; i++) this.columnString(texts[i]);
    this.endColumns(consumed);
  }

  /** An attachment without a message. */
  attachment(attachment: Attachment, consumed: u64): void {
    const at = this.next(1);
    store<u8>(at, 1);
    store<u8>(at, Value.Attachment, 8);
    attachment.store(at + 16);
    store<u64>(at, consumed, 88);
  }

  /** Adds an attachment to the message that was put in last. */
  attach(attachment: Attachment): void {
    assert(this.cursor > this.list, 'there is no message to attach to');
    const at = this.cursor - ITEM_BYTES;
    assert(load<u8>(at) == 1 && load<u8>(at, 8) == Value.Message, 'the last item is not a message without attachment');
    store<u8>(at, Value.MessageAndAttachment, 8);
    attachment.store(at + 32);
  }

  /**
   * The time of the item that was put in last: nanoseconds since 1970-01-01 00:00 UTC, `NO_TIME` for none. Items have none unless it is
   * called. Only a component whose parser calls it exports times.
   */
  // @ts-ignore: decorator
  @inline
  time(nanoseconds: i64): void {
    assert(this.cursor > this.list, 'there is no item whose time this could be');
    setTime(this.count - 1, nanoseconds);
  }

  /** Bytes that are no item. */
  // @ts-ignore: decorator
  @inline
  skip(consumed: u64): void {
    const at = this.next(1);
    store<u8>(at, 0);
    store<u64>(at, consumed, 88);
  }

  /** Memory for text or data of this call's items. Valid until the host has read them; freed then. */
  // @ts-ignore: decorator
  @inline
  reserve(bytes: usize): usize {
    return reserve(bytes);
  }

  /** Ends the session with an error. Like the three below, it replaces all items of this call: return after it. */
  unrecoverable(message: string): void {
    this.fail(Failure.Unrecoverable, message);
  }

  /** There is no item at the start of the slice: the host drops one byte and tries again. */
  parseError(message: string): void {
    this.fail(Failure.Parse, message);
  }

  /** The slice ends before its first item does: the host calls again with more. */
  incomplete(): void {
    this.fail(Failure.Incomplete, '');
  }

  /** There are no more items: the session is done. */
  eof(): void {
    this.fail(Failure.Eof, '');
  }

  /** Writes the result of `parse` at `target`. */
  store(target: usize): void {
    if (this.failure == Failure.None) {
      store<u8>(target, 0);
      store<usize>(target, this.list, 4);
      store<i32>(target, this.count, 8);
      return;
    }
    store<u8>(target, 1);
    store<u8>(target, this.failure, 4);
    if (this.failure <= Failure.Parse) storeText(target + 8, this.message);
  }

  /** Makes the list empty and gives its memory back. */
  clear(): void {
    if (this.list != 0) {
      const used = this.cursor - this.list;
      this.expected = max(used + (used >> 3), SMALLEST_LIST);
      freeBlock(this.list);
    }
    this.list = 0;
    this.cursor = 0;
    this.end = 0;
    this.failure = Failure.None;
    this.message = '';
  }

  // @ts-ignore: decorator
  @inline
  private storeLine(at: usize, text: usize, length: usize, consumed: u64): void {
    // Each store but the last also fills the bytes up to the next field, which have no meaning.
    store<u64>(at, 1);
    store<u64>(at, Value.Message, 8);
    store<u64>(at, ((<u64>text) << 32) | Message.Line, 16);
    store<usize>(at, length, 24);
    store<u64>(at, consumed, 88);
  }

  // @ts-ignore: decorator
  @inline
  private next(count: usize): usize {
    const bytes = count * ITEM_BYTES;
    if (this.end - this.cursor < bytes) this.grow(bytes);
    const at = this.cursor;
    this.cursor = at + bytes;
    return at;
  }

  private grow(bytes: usize): void {
    const used = this.cursor - this.list;
    const wanted = used == 0 ? max(this.expected, bytes) : used + max(used, bytes);
    this.list = this.list == 0 ? allocateBlock(wanted) : resizeBlock(this.list, wanted);
    this.cursor = this.list + used;
    this.end = this.list + (blockSize(this.list) / ITEM_BYTES) * ITEM_BYTES;
  }

  private fail(failure: i32, message: string): void {
    this.failure = failure;
    this.message = message;
  }
}
