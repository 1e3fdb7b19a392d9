/** Reads the attachment of a `parse-return` from a plugin's memory. */
import { type AttachmentParts, attachmentBytes } from '../../../worker/output/attachment-encoding.js';
import { isUtf8 } from '../../../worker/output/utf8-text.js';
import { notUtf8, type PluginMemory } from '../common/plugin-memory.js';
import { Attachment, MessageIndex, ParseReturn, YieldCase } from './parse-return-layout.js';

const DATES = [
  [Attachment.createdOption, Attachment.created, 'created-date'],
  [Attachment.modifiedOption, Attachment.modified, 'modified-date'],
] as const;

export class AttachmentReader {
  readonly #memory: PluginMemory;

  constructor(memory: PluginMemory) {
    this.#memory = memory;
  }

  /**
   * Checks the attachment of the record at `record`, which has one; returns its bytes in a batch.
   * @param item the record's index in the result, for errors
   */
  check(record: number, item: number): number {
    const at = this.#at(record);
    let text = this.#text(at + Attachment.name, item, 'name');
    let dates = 0;
    for (const [option, string, name] of DATES) {
      if (!this.#memory.option(at + option, () => `item ${item}: the ${name}`)) continue;
      text += this.#text(at + string, item, name);
      dates++;
    }
    const { bytes, alignment } = MessageIndex;
    const messages = this.#memory.list(at + Attachment.messages, bytes, alignment, () => `item ${item}, messages`);
    const data = this.#memory.list(at + Attachment.data, 1, 1, () => `item ${item}, data`);
    return attachmentBytes(text, dates, (messages.end - messages.start) / bytes, data.end - data.start);
  }

  /** Whether the text of a record's attachment, which lies in bounds, is UTF-8. */
  hasUtf8(record: number): boolean {
    const { name, created, modified } = this.read(record);
    return isUtf8(name) && (created === undefined || isUtf8(created)) && (modified === undefined || isUtf8(modified));
  }

  /** The attachment of the record at `record`, which was checked, as views of the plugin's memory. */
  read(record: number): AttachmentParts {
    const at = this.#at(record);
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

  #at(record: number): number {
    const isAlone = this.#memory.view.getUint8(record + ParseReturn.yieldCase) === YieldCase.attachment;
    return record + (isAlone ? ParseReturn.yield : ParseReturn.secondYield);
  }

  #text(at: number, item: number, name: string): number {
    const { start, end } = this.#memory.list(at, 1, 1, () => `item ${item}, ${name}`);
    if (!isUtf8(this.#memory.bytes.subarray(start, end))) throw notUtf8(`item ${item}, ${name}`);
    return end - start;
  }
}
