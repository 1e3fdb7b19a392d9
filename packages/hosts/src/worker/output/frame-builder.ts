/**
 * Builds batches (docs/batch-format.md) in JavaScript, entry by entry: for results that are too small, too large or too
 * scattered for the wasm lifter, for items that come from bindings, and for stretches of input that the host itself skips.
 *
 * An entry is its strings (`addText`, `addString`), its attachment if it has one, and then `endEntry`. Small pieces are copied
 * and may be collected over many calls of the plugin; large ones stay views of the caller's memory, and `mustFlush` then says
 * that the batch has to be finished and published before that memory changes.
 */
import {
  type EntryCode,
  EntryKind,
  encodeHead,
  HEAD_BYTES,
  NO_TIME,
  VARYING_STRINGS,
} from '@chipmunk-host/batch/internal';
import { type AttachmentParts, appendAttachment } from './attachment-encoding.js';
import { type FrameSource, frameOverhead, prefixBytes, UNNAMED_SOURCE } from './frame-source.js';
import { FrameWriter, Scratch } from './frame-writer.js';
import { NumberTable } from './number-table.js';
import { SegmentBuffer } from './segment-buffer.js';
import { TimeTable } from './time-table.js';
import { isAsciiText, isUtf8Text, unitEnds } from './utf8-text.js';

const MAX_U32 = 0xffff_ffff;

/** What a row without a time and a string take in the tables, at most. */
export const ENTRY_BYTES = 9;
export const STRING_BYTES = 8;

/** What a batch accounts for. */
export interface FrameSummary {
  readonly byteLength: number;
  readonly entries: number;
  readonly items: number;
  /** Bytes of input, skipped ones included. */
  readonly bytes: number;
  readonly skippedBytes: number;
}

/** A batch in pieces to be written one behind the other; they are valid until the builder is used again. */
export interface Frame extends FrameSummary {
  readonly segments: Uint8Array[];
}

/** A state of a builder to return to. */
export interface BuilderMark {
  readonly entries: number;
  readonly strings: number;
  readonly items: number;
  readonly bytes: number;
  readonly skippedBytes: number;
  readonly textSmall: number;
  readonly textLarge: number;
  readonly attachments: number;
  readonly attachmentsSmall: number;
  readonly attachmentsLarge: number;
  readonly lastConsumed: number;
  readonly stringsPerEntry: number;
}

export class FrameBuilder {
  readonly #kinds: number[] = [];
  readonly #consumed = new NumberTable();
  readonly #counts = new NumberTable();
  readonly #times = new TimeTable();
  readonly #textEnds = new NumberTable();
  readonly #text = new SegmentBuffer();
  readonly #attachmentPieces: SegmentBuffer;
  readonly #scratch = new Scratch();
  #attachments = 0;
  #items = 0;
  #bytes = 0;
  #skippedBytes = 0;
  /** Strings of every entry so far; `VARYING_STRINGS` when they differ. */
  #stringsPerEntry = 0;

  /** @param borrowFrom attachments' data of so many bytes stay where they are until the batch is finished. Default 64 KiB. */
  constructor(borrowFrom?: number) {
    this.#attachmentPieces = new SegmentBuffer(borrowFrom);
  }

  get isEmpty(): boolean {
    return this.#kinds.length === 0;
  }

  get entries(): number {
    return this.#kinds.length;
  }

  get items(): number {
    return this.#items;
  }

  /** Bytes of input accounted for so far. */
  get bytes(): number {
    return this.#bytes;
  }

  get skippedBytes(): number {
    return this.#skippedBytes;
  }

  /** Bytes of the batch if it were finished now, without the name of its source, or up to a few hundred more. */
  get byteLength(): number {
    return this.#bytesAround(UNNAMED_SOURCE) + this.#attachmentPieces.byteLength + this.#text.byteLength;
  }

  /** Whether the batch refers to memory of the plugin, and so must be published before the next call. */
  get mustFlush(): boolean {
    return this.#text.borrows || this.#attachmentPieces.borrows;
  }

  /** Accounts for input that is in no item. Consecutive stretches become one entry. */
  addSkipped(bytes: number): void {
    let rest = bytes;
    if (rest > 0 && this.#kinds.at(-1) === EntryKind.skipped) {
      const merged = Math.min(rest, MAX_U32 - this.#consumed.last);
      this.#consumed.replaceLast(this.#consumed.last + merged);
      rest -= merged;
    }
    for (; rest > 0; rest -= Math.min(rest, MAX_U32)) this.#addRow(EntryKind.skipped, Math.min(rest, MAX_U32), NO_TIME);
    this.#bytes += bytes;
    this.#skippedBytes += bytes;
  }

  /** Adds a string, `source[start, end)`, to the entry under way. `isUtf8Since` says later whether it was UTF-8. */
  addText(source: Uint8Array, start: number, end: number): void {
    this.#text.append(source, start, end);
    this.#textEnds.push(this.#textEnds.last + end - start);
  }

  addString(text: string): void {
    const bytes = this.#text.appendString(text);
    this.#textEnds.push(this.#textEnds.last + bytes);
  }

  /** Adds the attachment of the entry under way. Its text must be UTF-8 already. */
  addAttachment(parts: AttachmentParts): void {
    appendAttachment(this.#attachmentPieces, this.#kinds.length, parts);
    this.#attachments++;
  }

  /**
   * Ends the entry under way.
   * @param consumed bytes of input, less than 4 GiB
   * @param time when what it tells of happened: nanoseconds since 1970-01-01 UTC. Default: it has none
   */
  endEntry(code: EntryCode, consumed: number, time: bigint = NO_TIME): void {
    this.#addRow(code, consumed, time);
    this.#items++;
    this.#bytes += consumed;
  }

  /**
   * Finishes the batch and empties the builder.
   * @param offset position in the input of the batch's first byte
   * @param source the input that it is from. Default: number 0, without a name
   */
  finish(offset: number, source: FrameSource = UNNAMED_SOURCE): Frame {
    const ownBytes = this.#bytesAround(source) + this.#attachmentPieces.smallBytes + this.#text.smallBytes;
    const writer = new FrameWriter(this.#scratch.take(ownBytes));
    const entries = this.#kinds.length;
    const ascii = isAsciiText(this.#text);
    const ends = this.#textEnds.view();

    // The head is written when the length of the whole is known.
    const head = writer.reserve(HEAD_BYTES);
    writer.bytes(source.prefix);
    writer.table('kinds', entries);
    writer.bytes(Uint8Array.from(this.#kinds));
    writer.table('consumed', entries * 4);
    writer.numbers(this.#consumed.view());
    const counts = this.#stringsPerEntry === VARYING_STRINGS ? this.#counts.view() : new Uint32Array(0);
    writer.table('string-counts', counts.byteLength);
    writer.numbers(counts);
    const times = this.#times.view(entries);
    writer.table('times', times.byteLength);
    writer.numbers(times);
    writer.table('text-ends', ends.byteLength);
    writer.numbers(ends);
    const units = ascii ? new Uint32Array(0) : unitEnds(this.#text, ends);
    writer.table('unit-ends', units.byteLength);
    writer.numbers(units);
    writer.name('attachments');
    writer.u8(0xdd);
    writer.u32(this.#attachments);
    writer.pieces(this.#attachmentPieces);
    writer.table('text', this.#text.byteLength);
    writer.pieces(this.#text);

    const { items, bytes, skippedBytes } = this;
    const byteLength = writer.position;
    const totals = { entries, count: items, offset, consumedBytes: bytes, skippedBytes };
    const { number } = source;
    const stringsPerEntry = this.#stringsPerEntry;
    const about = { byteLength, prefixBytes: prefixBytes(source), source: number, ascii, stringsPerEntry };
    head.set(encodeHead({ type: 'batch', ...about, ...totals }));
    const frame = { segments: writer.finish(), byteLength, entries, items, bytes, skippedBytes };
    this.#clear();
    return frame;
  }

  mark(): BuilderMark {
    const text = this.#text.mark();
    const attachments = this.#attachmentPieces.mark();
    return {
      entries: this.#kinds.length,
      strings: this.#textEnds.length,
      items: this.#items,
      bytes: this.#bytes,
      skippedBytes: this.#skippedBytes,
      textSmall: text.small,
      textLarge: text.large,
      attachments: this.#attachments,
      attachmentsSmall: attachments.small,
      attachmentsLarge: attachments.large,
      lastConsumed: this.#consumed.last,
      stringsPerEntry: this.#stringsPerEntry,
    };
  }

  /** Takes back everything since `mark`, an unfinished entry too. */
  rollback(mark: BuilderMark): void {
    this.#kinds.length = mark.entries;
    this.#consumed.truncate(mark.entries);
    if (mark.entries > 0) this.#consumed.replaceLast(mark.lastConsumed);
    this.#counts.truncate(mark.entries);
    this.#times.truncate(mark.entries);
    this.#textEnds.truncate(mark.strings);
    this.#text.rollback(mark.textSmall, mark.textLarge);
    this.#attachmentPieces.rollback(mark.attachmentsSmall, mark.attachmentsLarge);
    this.#attachments = mark.attachments;
    this.#items = mark.items;
    this.#bytes = mark.bytes;
    this.#skippedBytes = mark.skippedBytes;
    this.#stringsPerEntry = mark.stringsPerEntry;
  }

  /** Whether every string that was added since `mark` is UTF-8. */
  isUtf8Since(mark: BuilderMark): boolean {
    return isUtf8Text(this.#text, this.#textEnds, mark.strings, mark.textSmall, mark.textLarge);
  }

  /** All of the batch but its text and its attachments, at most. */
  #bytesAround(source: FrameSource): number {
    const rows = this.#kinds.length;
    const tables = rows * ENTRY_BYTES + this.#textEnds.length * STRING_BYTES + this.#times.byteLength(rows);
    return frameOverhead(source) + tables;
  }

  #addRow(code: EntryCode | typeof EntryKind.skipped, consumed: number, time: bigint): void {
    const strings = this.#textEnds.length - this.#counts.last;
    if (this.#kinds.length === 0) this.#stringsPerEntry = strings;
    else if (this.#stringsPerEntry !== strings) this.#stringsPerEntry = VARYING_STRINGS;
    this.#times.push(this.#kinds.length, time);
    this.#kinds.push(code);
    this.#consumed.push(consumed);
    this.#counts.push(this.#textEnds.length);
  }

  #clear(): void {
    this.#kinds.length = 0;
    this.#consumed.clear();
    this.#counts.clear();
    this.#times.clear();
    this.#textEnds.clear();
    this.#text.clear();
    this.#attachmentPieces.clear();
    this.#attachments = 0;
    this.#items = 0;
    this.#bytes = 0;
    this.#skippedBytes = 0;
    this.#stringsPerEntry = 0;
  }
}
