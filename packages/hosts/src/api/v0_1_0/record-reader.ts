/**
 * Reads one `parse-return` from a plugin's memory in JavaScript. `check` finds every breach of contract but lines and columns
 * that are not UTF-8, and what the entry takes in a batch; `add` puts a checked record into a builder. The wasm lifter does the same for
 * entries without attachments, many at a time.
 */
import { EntryKind } from '../../shared/batch-format.js';
import {
  type AttachmentParts,
  attachmentBytes,
  ENTRY_BYTES,
  type FrameBuilder,
  STRING_BYTES,
} from '../../worker/frame-builder.js';
import { isUtf8 } from '../../worker/utf8-text.js';
import {
  Attachment,
  Column,
  Message,
  MessageCase,
  MessageIndex,
  ParseReturn,
  YieldCase,
} from './parse-return-layout.js';
import { contractBreach, type PluginMemory } from './plugin-memory.js';

export class RecordReader {
  readonly #memory: PluginMemory;
  /** Consumed bytes of the record that was checked last. */
  consumed = 0;

  constructor(memory: PluginMemory) {
    this.#memory = memory;
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
    if (!this.#option(record + ParseReturn.valueOption, item, 'value')) return ENTRY_BYTES;
    const yieldCase = view.getUint8(record + ParseReturn.yieldCase);
    const at = record + ParseReturn.yield;
    switch (yieldCase) {
      case YieldCase.message:
        return ENTRY_BYTES + this.#messageCost(at, item);
      case YieldCase.attachment:
        return ENTRY_BYTES + this.#attachmentCost(at, item);
      case YieldCase.messageAndAttachment:
        return ENTRY_BYTES + this.#messageCost(at, item) + this.#attachmentCost(record + ParseReturn.secondYield, item);
      default:
        throw contractBreach(`item ${item}: there is no yield ${yieldCase}`);
    }
  }

  /** Adds a record that was checked. Lines and columns are left to be checked with all other text of the builder. */
  add(record: number, builder: FrameBuilder): void {
    const { view } = this.#memory;
    const consumed = view.getUint32(record + ParseReturn.consumed, true);
    if (view.getUint8(record + ParseReturn.valueOption) === 0) {
      builder.addSkipped(consumed);
      return;
    }
    const at = record + ParseReturn.yield;
    const yieldCase = view.getUint8(record + ParseReturn.yieldCase);
    if (yieldCase === YieldCase.attachment) {
      builder.addAttachment(this.#attachment(at));
      builder.endEntry(EntryKind.attachment, consumed);
      return;
    }
    const isLine = view.getUint8(at + Message.messageCase) === MessageCase.line;
    if (isLine) this.#addString(at + Message.pointer, builder);
    else this.#addColumns(at, builder);
    if (yieldCase === YieldCase.message) {
      builder.endEntry(isLine ? EntryKind.line : EntryKind.columns, consumed);
      return;
    }
    builder.addAttachment(this.#attachment(record + ParseReturn.secondYield));
    builder.endEntry(isLine ? EntryKind.lineAndAttachment : EntryKind.columnsAndAttachment, consumed);
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
      return STRING_BYTES + end - start;
    }
    if (messageCase !== MessageCase.columns) throw contractBreach(`item ${item}: there is no message ${messageCase}`);
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

  #attachmentCost(at: number, item: number): number {
    let text = this.#attachmentText(at + Attachment.name, item, 'name');
    for (const [option, string, name] of ATTACHMENT_DATES) {
      if (this.#option(at + option, item, name)) text += this.#attachmentText(at + string, item, name);
    }
    const { bytes, alignment } = MessageIndex;
    const messages = this.#memory.list(at + Attachment.messages, bytes, alignment, () => `item ${item}, messages`);
    const data = this.#memory.list(at + Attachment.data, 1, 1, () => `item ${item}, data`);
    return attachmentBytes(text, (messages.end - messages.start) / bytes, data.end - data.start);
  }

  #attachmentText(at: number, item: number, name: string): number {
    const { start, end } = this.#memory.list(at, 1, 1, () => `item ${item}, ${name}`);
    if (!isUtf8(this.#memory.bytes.subarray(start, end))) throw notUtf8(`item ${item}, ${name}`);
    return end - start;
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

  #attachment(at: number): AttachmentParts {
    const { view, bytes } = this.#memory;
    const part = (offset: number, elementBytes = 1): Uint8Array => {
      const start = view.getUint32(at + offset, true);
      return bytes.subarray(start, start + view.getUint32(at + offset + 4, true) * elementBytes);
    };
    return {
      name: part(Attachment.name),
      size: view.getBigUint64(at + Attachment.size, true),
      created: view.getUint8(at + Attachment.createdOption) === 1 ? part(Attachment.created) : undefined,
      modified: view.getUint8(at + Attachment.modifiedOption) === 1 ? part(Attachment.modified) : undefined,
      messages: part(Attachment.messages, MessageIndex.bytes),
      data: part(Attachment.data),
    };
  }

  #option(at: number, item: number, name: string): boolean {
    const option = this.#memory.view.getUint8(at);
    if (option > 1) throw contractBreach(`item ${item}: the ${name} is neither none nor some, but ${option}`);
    return option === 1;
  }
}

export function tooMuchConsumed(item: number, consumed: bigint): Error {
  return contractBreach(`item ${item}: consumed ${consumed} bytes, with those before it more than parse was given`);
}

export function notUtf8(what: string): Error {
  return contractBreach(`${what}: the text is not UTF-8`);
}

const ATTACHMENT_DATES = [
  [Attachment.createdOption, Attachment.created, 'created-date'],
  [Attachment.modifiedOption, Attachment.modified, 'modified-date'],
] as const;
