/** A plugin's memory with results of `parse` in it, laid out by the canonical ABI, as a plugin would leave it. */
import { NO_TIME } from '@chipmunk-host/batch/internal';
import { Time } from '#api/v0_1_0/lifter/item-times.js';
import {
  Attachment,
  Column,
  Message,
  ParseReturn,
  ResultArea,
  YieldCase,
} from '#api/v0_1_0/lifter/parse-return-layout.js';

export interface AttachmentModel {
  readonly name: string;
  readonly size: bigint;
  readonly created: string | undefined;
  readonly modified: string | undefined;
  readonly messages: readonly bigint[];
  readonly data: Uint8Array;
}

/** An item; without `columns` (a string is a line) and `attachment` it only skips. */
export interface ItemModel {
  readonly columns?: string | readonly string[];
  readonly attachment?: AttachmentModel;
  readonly consumed: number;
  /** Only `writeTimes` writes it. */
  readonly time?: bigint;
}

export interface HeapOptions {
  readonly pages?: number;
  /** Free bytes between allocations; a large number makes a fragmented heap. */
  readonly gap?: (allocation: number) => number;
  /** Whether equal strings share their bytes. */
  readonly shareStrings?: boolean;
}

export class PluginHeap {
  readonly memory: WebAssembly.Memory;
  readonly #options: HeapOptions;
  readonly #shared = new Map<string, number>();
  #top = 1024;
  #allocations = 0;

  constructor(options: HeapOptions = {}) {
    this.memory = new WebAssembly.Memory({ initial: options.pages ?? 16 });
    this.#options = options;
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.memory.buffer);
  }

  get view(): DataView {
    return new DataView(this.memory.buffer);
  }

  allocate(bytes: number, alignment: number): number {
    const gap = this.#options.gap?.(this.#allocations++) ?? 0;
    const at = Math.ceil((this.#top + gap) / alignment) * alignment;
    this.#top = at + bytes;
    const missing = this.#top - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / 65_536));
    return at;
  }

  /** Writes an ok result; returns what `parse` would. */
  writeItems(items: readonly ItemModel[]): number {
    const list = this.allocate(items.length * ParseReturn.bytes, ParseReturn.alignment);
    for (const [i, item] of items.entries()) this.#writeItem(list + i * ParseReturn.bytes, item);
    return this.writeResult(list, items.length);
  }

  writeResult(list: number, count: number): number {
    const at = this.allocate(ResultArea.bytes, ResultArea.alignment);
    this.view.setUint8(at + ResultArea.resultCase, 0);
    this.view.setUint32(at + ResultArea.listPointer, list, true);
    this.view.setUint32(at + ResultArea.listLength, count, true);
    return at;
  }

  /** Writes the times of items; returns what `get-item-times` would. */
  writeTimes(items: readonly ItemModel[]): number {
    const list = this.allocate(items.length * Time.bytes, Time.alignment);
    for (const [i, { time = NO_TIME }] of items.entries()) this.view.setBigInt64(list + i * Time.bytes, time, true);
    return this.writeList(list, items.length);
  }

  /** Writes the pointer and the length of a list; returns where they are. */
  writeList(list: number, length: number): number {
    const at = this.allocate(8, 4);
    this.view.setUint32(at, list, true);
    this.view.setUint32(at + 4, length, true);
    return at;
  }

  writeError(errorCase: number, message: string): number {
    const at = this.allocate(ResultArea.bytes, ResultArea.alignment);
    this.view.setUint8(at + ResultArea.resultCase, 1);
    this.view.setUint8(at + ResultArea.errorCase, errorCase);
    this.#writeString(at + ResultArea.messagePointer, message);
    return at;
  }

  #writeItem(record: number, item: ItemModel): void {
    const hasMessage = item.columns !== undefined;
    const hasAttachment = item.attachment !== undefined;
    this.view.setUint8(record + ParseReturn.valueOption, hasMessage || hasAttachment ? 1 : 0);
    this.view.setBigUint64(record + ParseReturn.consumed, BigInt(item.consumed), true);
    if (item.columns !== undefined) this.#writeMessage(record + ParseReturn.yield, item.columns);
    if (item.attachment === undefined) return;
    this.view.setUint8(
      record + ParseReturn.yieldCase,
      hasMessage ? YieldCase.messageAndAttachment : YieldCase.attachment,
    );
    this.#writeAttachment(record + (hasMessage ? ParseReturn.secondYield : ParseReturn.yield), item.attachment);
  }

  #writeMessage(at: number, columns: string | readonly string[]): void {
    if (typeof columns === 'string') {
      this.#writeString(at + Message.pointer, columns);
      return;
    }
    this.view.setUint8(at + Message.messageCase, 1);
    const list = this.allocate(columns.length * Column.bytes, Column.alignment);
    this.view.setUint32(at + Message.pointer, list, true);
    this.view.setUint32(at + Message.length, columns.length, true);
    for (const [i, column] of columns.entries()) this.#writeString(list + i * Column.bytes, column);
  }

  #writeAttachment(at: number, attachment: AttachmentModel): void {
    this.#writeString(at + Attachment.name, attachment.name);
    this.view.setBigUint64(at + Attachment.size, attachment.size, true);
    if (attachment.created !== undefined) {
      this.view.setUint8(at + Attachment.createdOption, 1);
      this.#writeString(at + Attachment.created, attachment.created);
    }
    if (attachment.modified !== undefined) {
      this.view.setUint8(at + Attachment.modifiedOption, 1);
      this.#writeString(at + Attachment.modified, attachment.modified);
    }
    const messages = this.allocate(attachment.messages.length * 8, 8);
    this.view.setUint32(at + Attachment.messages, messages, true);
    this.view.setUint32(at + Attachment.messages + 4, attachment.messages.length, true);
    for (const [i, index] of attachment.messages.entries()) this.view.setBigUint64(messages + i * 8, index, true);
    const data = this.allocate(attachment.data.length, 1);
    this.view.setUint32(at + Attachment.data, data, true);
    this.view.setUint32(at + Attachment.data + 4, attachment.data.length, true);
    this.bytes.set(attachment.data, data);
  }

  #writeString(at: number, text: string): void {
    const encoded = Buffer.from(text, 'utf8');
    const shared = this.#options.shareStrings ? this.#shared.get(text) : undefined;
    const start = shared ?? this.allocate(encoded.length, 1);
    this.#shared.set(text, start);
    this.bytes.set(encoded, start);
    this.view.setUint32(at, start, true);
    this.view.setUint32(at + 4, encoded.length, true);
  }
}
