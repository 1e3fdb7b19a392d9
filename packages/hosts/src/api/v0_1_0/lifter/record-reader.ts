/**
 * Reads one `parse-return` from a plugin's memory in JavaScript. `check` finds every breach of contract but lines and columns
 * that are not UTF-8, and what the entry takes in a batch; `add` puts a checked record into a builder. The wasm lifter does
 * the same, many at a time.
 */
import { EntryCode } from '@chipmunk-host/batch/internal';
import { ENTRY_BYTES, type FrameBuilder, STRING_BYTES } from '../../../worker/output/frame-builder.js';
import { isUtf8 } from '../../../worker/output/utf8-text.js';
import { contractBreach, notUtf8, type PluginMemory } from '../common/plugin-memory.js';
import { AttachmentReader } from './attachment-reader.js';
import { type MessageCode, separatorsIn, WITH_ATTACHMENT } from './joined-columns.js';
import { Column, Message, MessageCase, ParseReturn, YieldCase } from './parse-return-layout.js';

export class RecordReader {
  readonly #memory: PluginMemory;
  readonly #attachments: AttachmentReader;
  /** Consumed bytes of the record that was checked last. */
  consumed = 0;
  /** Into how many columns a line that holds separators is split at most; 0: into none. */
  mostColumns = 0;

  constructor(memory: PluginMemory) {
    this.#memory = memory;
    this.#attachments = new AttachmentReader(memory);
  }

  /**
   * Checks the record at `record`, which lies in bounds; returns what it takes in a batch, in bytes, at most.
   * @param item its index in the result, for errors
   * @param allowed how many bytes it may have consumed
   */
  check(record: number, item: number, allowed: number): number {
    const { view } = this.#memory;
    const consumed = view.getUint32(record + ParseReturn.consumed, true);
    const high = view.getUint32(record + ParseReturn.consumed + 4, true);
    if (high !== 0 || consumed > allowed)
      throw tooMuchConsumed(item, view.getBigUint64(record + ParseReturn.consumed, true));
    this.consumed = consumed;
    if (!this.#memory.option(record + ParseReturn.valueOption, () => `item ${item}: the value`)) return ENTRY_BYTES;
    const yieldCase = view.getUint8(record + ParseReturn.yieldCase);
    const at = record + ParseReturn.yield;
    if (yieldCase > YieldCase.messageAndAttachment)
      throw contractBreach(`item ${item}: unknown kind of value ${yieldCase}`);
    const message = yieldCase === YieldCase.attachment ? 0 : this.#messageCost(at, item);
    const attachment = yieldCase === YieldCase.message ? 0 : this.#attachments.check(record, item);
    return ENTRY_BYTES + message + attachment;
  }

  /**
   * Adds a record that was checked. Lines and columns are left to be checked with all other text of the builder.
   * @param timeAt where its time lies; 0: it has none
   */
  add(record: number, builder: FrameBuilder, timeAt: number): void {
    const { view } = this.#memory;
    const time = timeAt === 0 ? undefined : view.getBigInt64(timeAt, true);
    const consumed = view.getUint32(record + ParseReturn.consumed, true);
    if (view.getUint8(record + ParseReturn.valueOption) === 0) {
      builder.addSkipped(consumed);
      return;
    }
    const at = record + ParseReturn.yield;
    const yieldCase = view.getUint8(record + ParseReturn.yieldCase);
    if (yieldCase === YieldCase.attachment) {
      builder.addAttachment(this.#attachments.read(record));
      builder.endEntry(EntryCode.attachment, consumed, time);
      return;
    }
    const code = this.#addMessage(at, builder);
    if (yieldCase === YieldCase.message) {
      builder.endEntry(code, consumed, time);
      return;
    }
    builder.addAttachment(this.#attachments.read(record));
    builder.endEntry(WITH_ATTACHMENT[code], consumed, time);
  }

  /** Names the string of a record that is not UTF-8. */
  invalidText(record: number, item: number): Error {
    const { view, bytes } = this.#memory;
    const at = record + ParseReturn.yield;
    if (view.getUint8(at + Message.messageCase) === MessageCase.line) return notUtf8(`item ${item}, line`);
    const pointer = view.getUint32(at + Message.pointer, true);
    const count = view.getUint32(at + Message.length, true);
    for (let c = 0; c < count; c++) {
      const start = view.getUint32(pointer + c * Column.bytes, true);
      const end = start + view.getUint32(pointer + c * Column.bytes + Column.length, true);
      if (!isUtf8(bytes.subarray(start, end))) return notUtf8(`item ${item}, column ${c}`);
    }
    return notUtf8(`item ${item}`);
  }

  #messageCost(at: number, item: number): number {
    const { view, bytes } = this.#memory;
    const messageCase = view.getUint8(at + Message.messageCase);
    if (messageCase === MessageCase.line) {
      const { start, end } = this.#memory.list(at + Message.pointer, 1, 1, () => `item ${item}, line`);
      const separators = separatorsIn(bytes, start, end, this.mostColumns).length;
      return STRING_BYTES * (separators + 1) + end - start - separators;
    }
    if (messageCase !== MessageCase.columns)
      throw contractBreach(`item ${item}: unknown kind of message ${messageCase}`);
    const columns = this.#memory.list(
      at + Message.pointer,
      Column.bytes,
      Column.alignment,
      () => `item ${item}, columns`,
    );
    let cost = 0;
    for (let column = columns.start; column < columns.end; column += Column.bytes) {
      const length = view.getUint32(column + Column.length, true);
      const pointer = view.getUint32(column, true);
      if (pointer + length > bytes.length) {
        const index = (column - columns.start) / Column.bytes;
        this.#memory.checked(pointer, length, 1, 1, () => `item ${item}, column ${index}`);
      }
      cost += STRING_BYTES + length;
    }
    return cost;
  }

  /** Returns what the entry is but for its attachment. */
  #addMessage(at: number, builder: FrameBuilder): MessageCode {
    const { view, bytes } = this.#memory;
    if (view.getUint8(at + Message.messageCase) === MessageCase.columns) {
      this.#addColumns(at, builder);
      return EntryCode.columns;
    }
    const start = view.getUint32(at + Message.pointer, true);
    const end = start + view.getUint32(at + Message.length, true);
    const separators = separatorsIn(bytes, start, end, this.mostColumns);
    let column = start;
    for (const separator of separators) {
      builder.addText(bytes, column, separator);
      column = separator + 1;
    }
    builder.addText(bytes, column, end);
    return separators.length === 0 ? EntryCode.line : EntryCode.joinedColumns;
  }

  #addString(at: number, builder: FrameBuilder): void {
    const { view, bytes } = this.#memory;
    const start = view.getUint32(at, true);
    builder.addText(bytes, start, start + view.getUint32(at + 4, true));
  }

  #addColumns(at: number, builder: FrameBuilder): void {
    const { view } = this.#memory;
    const first = view.getUint32(at + Message.pointer, true);
    const end = first + view.getUint32(at + Message.length, true) * Column.bytes;
    for (let column = first; column < end; column += Column.bytes) this.#addString(column, builder);
  }
}

export function tooMuchConsumed(item: number, consumed: bigint): Error {
  return contractBreach(`item ${item}: consumed ${consumed} bytes, with those before it more than parse was given`);
}
