/** Reads batches: what a session delivers, and what can be stored and read again (docs/batch-format.md). */

import { type Attachment, readAttachment } from './attachment.js';
import { BatchError, formatError, requireBytes } from './batch-error.js';
import { EntryKind, JOINED, NO_TIME, VARYING_STRINGS } from './batch-format.js';
import { type BatchLayout, numberTable, readBatchLayout, timeTable } from './batch-layout.js';
import { BatchText, outside } from './batch-text.js';
import { INSPECT, type Inspect, inspected } from './inspect-symbol.js';
import { Item, type ItemKind, type ItemSource } from './item.js';
import { LineEncoder } from './line-encoder.js';
import { MsgpackCursor } from './msgpack-cursor.js';
import { StoredElement } from './stream-element.js';

/**
 * The items of one stretch of input. A batch of a session is a view of shared memory that is valid until the next one is asked
 * for, and for nothing else: when the session ends meanwhile, by its signal, by `close` or by `break`, it can still be read. `retain`
 * makes a copy that stays. Nothing is decoded before it is asked for.
 */
export class Batch extends StoredElement implements Iterable<Item>, ItemSource {
  readonly type = 'batch';
  /** How many items it has: how often a loop over it turns. */
  readonly count: number;
  /**
   * How many rows its tables have: its items, and the stretches of input between them that are in no item, or in items that were left
   * out, so it is `count` or more. What takes the number of an entry (`kind`, `text`, `columnsOf`, `attachmentOf`) counts these.
   */
  readonly entries: number;
  /** Position in the input of the first byte that it accounts for. */
  readonly offset: number;
  /** Bytes of input that it accounts for. */
  readonly consumedBytes: number;
  /** The part of `consumedBytes` that is in no item. */
  readonly skippedBytes: number;
  /** Items that a selection left out (`select`). Entries of the kind `filtered` stand for them, for one or several each. */
  readonly filteredItems: number;
  /** The part of `consumedBytes` of which these were made. */
  readonly filteredBytes: number;
  readonly #layout: BatchLayout;
  readonly #bytes: Uint8Array;
  #tables: Tables | undefined;
  /** Where the attachment of an entry begins. */
  #attachments: Map<number, number> | undefined;
  #released = false;

  private constructor(bytes: Uint8Array, layout: BatchLayout) {
    super(layout.source, layout.version === 1 ? undefined : layout.prefixBytes);
    this.#bytes = bytes;
    this.#layout = layout;
    this.count = layout.items;
    this.entries = layout.entries;
    this.offset = layout.offset;
    this.consumedBytes = layout.bytes;
    this.skippedBytes = layout.skippedBytes;
    this.filteredItems = layout.filteredItems;
    this.filteredBytes = layout.filteredBytes;
  }

  /**
   * A batch from its bytes, which are not copied. `readElement` reads gaps and restarts, too.
   * @throws BatchError `ERR_BATCH_FORMAT`, also later, from a part of it that was damaged
   */
  static from(bytes: Uint8Array): Batch {
    requireBytes(bytes);
    const layout = readBatchLayout(bytes);
    if (layout.byteLength !== bytes.length) throw formatError(`${bytes.length - layout.byteLength} bytes follow it`);
    return new Batch(bytes, layout);
  }

  /** The batch as it is: one msgpack value, to be stored or sent on without decoding. */
  get bytes(): Uint8Array {
    this.#requireValid();
    return this.#bytes;
  }

  /** An independent copy that stays valid. */
  retain(): Batch {
    return new Batch(new Uint8Array(this.bytes), this.#layout);
  }

  /** Makes the batch refuse access: its memory is about to hold the next one. Sessions call this. */
  release(): void {
    this.#released = true;
    this.#tables = undefined;
    this.#attachments = undefined;
  }

  /** What `JSON.stringify` makes of it: counts, and no items. `[...batch]` are the items. */
  toJSON(): BatchJson {
    const { offset, consumedBytes, skippedBytes, count, entries } = this;
    return { offset, consumedBytes, skippedBytes, count, entries };
  }

  /** @internal What `console.log` shows. */
  [INSPECT](depth: number, options: object, inspect: Inspect): string {
    return inspected('Batch', this.toJSON(), depth, options, inspect);
  }

  /** The items, in the order of the input, without what was skipped. @throws BatchError `ERR_BATCH_FORMAT` where the batch was damaged */
  *[Symbol.iterator](): Generator<Item, void, undefined> {
    let offset = this.offset;
    let items = 0;
    for (let entry = 0; entry < this.entries; entry++) {
      const { kinds, consumed, times } = this.#open();
      const kind = this.#kindOf(entry, kinds[entry] as number);
      const length = consumed[entry] as number;
      if (isItem(kind)) {
        items++;
        yield new Item(this, entry, kind, offset, length, times === undefined ? undefined : timeAt(times, entry));
      }
      offset += length;
    }
    this.#requireTotals(items, offset);
  }

  /**
   * Calls back for each item, without making objects: the fastest way to all text.
   * @param callback gets the item's text as `Item.text` has it, the position in the input of its first byte, and its entry
   */
  forEachText(callback: (text: string, offset: number, entry: number) => void): void {
    if (this.#layout.stringsPerEntry === 1) this.#forEachLine(callback);
    else this.#forEachJoined(callback);
  }

  /** Where each entry has one string: goes over the strings a chunk at a time, which costs an entry little more than its string. */
  #forEachLine(callback: (text: string, offset: number, entry: number) => void): void {
    const { entries } = this;
    const { kinds, consumed, text } = this.#open();
    const { ends } = text;
    let offset = this.offset;
    let items = 0;
    let entry = 0;
    while (entry < entries) {
      const { end: last, start, text: decoded } = text.chunkFrom(entry);
      const { length } = decoded;
      let begin = 0;
      for (; entry < last; entry++) {
        // The callback may have asked for the next batch.
        if (this.#released) this.#requireValid();
        const end = (ends[entry] as number) - start;
        if (begin > end || end > length) throw outside(entry);
        if (isItem(kinds[entry] as number)) {
          items++;
          callback(decoded.slice(begin, end), offset, entry);
        }
        begin = end;
        offset += consumed[entry] as number;
      }
    }
    this.#requireTotals(items, offset);
  }

  #forEachJoined(callback: (text: string, offset: number, entry: number) => void): void {
    const { entries } = this;
    let offset = this.offset;
    let items = 0;
    let first = 0;
    for (let entry = 0; entry < entries; entry++) {
      const tables = this.#open();
      const end = this.#firstString(entry + 1);
      if (isItem(tables.kinds[entry] as number)) {
        items++;
        callback(tables.text.joined(first, end), offset, entry);
      }
      first = end;
      offset += tables.consumed[entry] as number;
    }
    this.#requireTotals(items, offset);
  }

  /**
   * A line for each item that has text, as UTF-8: its line, or its columns with the separator between them, and a line feed. An
   * attachment that comes without a message has none. Nothing is decoded: the fastest way to write all text.
   * @param prefix put before each line. Default: nothing
   * @returns chunks of about 1 MiB, which are copies; the batch must stay valid until all are taken
   */
  *encodedLines(separator: string, prefix = ''): Generator<Uint8Array, void, undefined> {
    const utf8 = new TextEncoder();
    const before = utf8.encode(prefix);
    const between = utf8.encode(separator);
    const lineEnd = utf8.encode('\n');
    const encoder = new LineEncoder();
    let offset = this.offset;
    let items = 0;
    let first = 0;
    for (let entry = 0; entry < this.entries; entry++) {
      const { kinds, consumed, text } = this.#open();
      const kind = this.#kindOf(entry, kinds[entry] as number);
      const end = this.#firstString(entry + 1);
      if (isItem(kind)) items++;
      if (isItem(kind) && kind !== EntryKind.attachment) {
        const start = text.byteEnd(first - 1);
        const frame = before.length + (end - first) * between.length + lineEnd.length;
        const bytes = text.byteEnd(end - 1) - start + frame;
        if (!encoder.hasRoom(bytes)) yield* encoder.turn(bytes);
        if (before.length > 0) encoder.add(before, 0, before.length);
        for (let s = first; s < end; s++) {
          if (s > first) encoder.add(between, 0, between.length);
          encoder.add(text.bytes, text.byteEnd(s - 1), text.byteEnd(s));
        }
        encoder.add(lineEnd, 0, lineEnd.length);
      }
      first = end;
      offset += consumed[entry] as number;
    }
    yield* encoder.turn(0);
    this.#requireTotals(items, offset);
  }

  /** What the entry is. @throws BatchError `ERR_INVALID_OPTION` when there is no such entry */
  kind(entry: number): EntryKind {
    return this.#kindOf(entry, this.#open().kinds[this.#requireEntry(entry)] as number);
  }

  /** Whether some entry may have a time. */
  get hasTimes(): boolean {
    return this.#layout.times !== undefined;
  }

  /** When what the entry tells of happened: nanoseconds since 1970-01-01 UTC; undefined where that is not known. */
  timeOf(entry: number): bigint | undefined {
    const { times } = this.#open();
    const index = this.#requireEntry(entry);
    return times === undefined ? undefined : timeAt(times, index);
  }

  /** Whether the plugin delivered the entry's columns joined into one line, with U+0004 between them, which the host split. */
  wasJoined(entry: number): boolean {
    return ((this.#open().kinds[this.#requireEntry(entry)] as number) & JOINED) !== 0;
  }

  /** Text of one entry: its line, or its columns joined by U+0004. */
  text(entry: number): string {
    const { text } = this.#open();
    return text.joined(this.#firstString(this.#requireEntry(entry)), this.#firstString(entry + 1));
  }

  /** The entry's columns; a line is one column, an attachment alone and a skipped stretch have none. */
  columnsOf(entry: number): readonly string[] {
    const { text } = this.#open();
    const columns: string[] = [];
    const end = this.#firstString(this.#requireEntry(entry) + 1);
    for (let s = this.#firstString(entry); s < end; s++) columns.push(text.string(s));
    return columns;
  }

  /** The columns as UTF-8: views, which are valid as long as the batch is. */
  encodedColumnsOf(entry: number): readonly Uint8Array[] {
    const { text } = this.#open();
    const columns: Uint8Array[] = [];
    const end = this.#firstString(this.#requireEntry(entry) + 1);
    for (let s = this.#firstString(entry); s < end; s++)
      columns.push(text.bytes.subarray(text.byteEnd(s - 1), text.byteEnd(s)));
    return columns;
  }

  /** The file that the entry carries; undefined when it has none. */
  attachmentOf(entry: number): Attachment | undefined {
    this.#requireValid();
    this.#attachments ??= this.#findAttachments();
    const at = this.#attachments.get(entry);
    return at === undefined ? undefined : readAttachment(new MsgpackCursor(this.#bytes, at));
  }

  #open(): Tables {
    this.#requireValid();
    this.#tables ??= openTables(this.#bytes, this.#layout);
    return this.#tables;
  }

  #kindOf(entry: number, code: number): EntryKind {
    const kind = code & ~JOINED;
    const isKnown =
      kind === code
        ? kind <= EntryKind.columnsAndAttachment || (kind === EntryKind.filtered && this.#layout.isFiltered)
        : this.#layout.version > 1 && (kind === EntryKind.columns || kind === EntryKind.columnsAndAttachment);
    if (!isKnown) throw formatError(`entry ${entry} has kind ${code}`);
    return kind as EntryKind;
  }

  #firstString(entry: number): number {
    const { stringsPerEntry, strings } = this.#layout;
    if (stringsPerEntry !== VARYING_STRINGS) return entry * stringsPerEntry;
    const first = entry === 0 ? 0 : (this.#open().stringCounts[entry - 1] as number);
    if (first > strings) throw formatError(`entry ${entry} begins beyond the last string`);
    return first;
  }

  #findAttachments(): Map<number, number> {
    const cursor = new MsgpackCursor(this.#bytes, this.#layout.attachments);
    const found = new Map<number, number>();
    for (let a = 0; a < this.#layout.attachmentCount; a++) {
      const at = cursor.position;
      found.set(cursor.skipAttachment(), at);
    }
    return found;
  }

  #requireEntry(entry: number): number {
    if (!(Number.isInteger(entry) && entry >= 0 && entry < this.entries))
      throw new BatchError(
        'ERR_INVALID_OPTION',
        `The entry is ${String(entry)}; expected a whole number from 0, below the number of entries, ${this.entries}.`,
      );
    return entry;
  }

  #requireTotals(items: number, end: number): void {
    if (items !== this.count || end !== this.offset + this.consumedBytes)
      throw formatError('its tables and totals disagree');
  }

  #requireValid(): void {
    if (!this.#released) return;
    throw new BatchError(
      'ERR_BATCH_RELEASED',
      'This batch was released when the next one was asked for.',
      'Call retain() on a batch, or read what you need of it, before you ask for the next one.',
    );
  }
}

/** Also for the codes of joined columns. */
function isItem(kind: number): kind is ItemKind {
  return kind !== EntryKind.skipped && kind !== EntryKind.filtered;
}

/** A batch in short. */
export type BatchJson = Pick<Batch, 'offset' | 'consumedBytes' | 'skippedBytes' | 'count' | 'entries'>;

function timeAt(times: BigInt64Array, entry: number): bigint | undefined {
  const time = times[entry];
  return time === NO_TIME ? undefined : time;
}

interface Tables {
  readonly kinds: Uint8Array;
  readonly consumed: Uint32Array;
  readonly stringCounts: Uint32Array;
  readonly times: BigInt64Array | undefined;
  readonly text: BatchText;
}

function openTables(bytes: Uint8Array, layout: BatchLayout): Tables {
  const varying = layout.stringsPerEntry === VARYING_STRINGS;
  return {
    kinds: bytes.subarray(layout.kinds, layout.kinds + layout.entries),
    consumed: numberTable(bytes, layout.consumed, layout.entries),
    stringCounts: numberTable(bytes, layout.stringCounts, varying ? layout.entries : 0),
    times: layout.times === undefined ? undefined : timeTable(bytes, layout.times, layout.entries),
    text: new BatchText(bytes, layout),
  };
}
