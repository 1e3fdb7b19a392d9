/**
 * The attachments of a batch that two modules lift: these leave room for them, and when all text is in place they are copied there,
 * their data once.
 */
import { appendAttachment } from '../../../worker/output/attachment-encoding.js';
import { SegmentBuffer } from '../../../worker/output/segment-buffer.js';
import type { PluginMemory } from '../common/plugin-memory.js';
import { AttachmentReader } from './attachment-reader.js';
import { ParseReturn, YieldCase } from './parse-return-layout.js';

/** Data that is copied into the batch at once are not copied before. */
const BORROWED_BYTES = 512;

export type WrittenAttachments =
  | { readonly kind: 'written' }
  /** Text of this record's attachment is not UTF-8. */
  | { readonly kind: 'not-utf8'; readonly record: number }
  /** They do not take the bytes that were left for them. */
  | { readonly kind: 'other-size' };

export class AttachmentLifter {
  readonly #memory: PluginMemory;
  readonly #reader: AttachmentReader;
  readonly #pieces = new SegmentBuffer(BORROWED_BYTES);

  constructor(memory: PluginMemory) {
    this.#memory = memory;
    this.#reader = new AttachmentReader(memory);
  }

  /** Writes those of the `count` records at `list`, whose strings and lists were checked. */
  write(list: number, count: number, target: Uint8Array): WrittenAttachments {
    const pieces = this.#pieces;
    try {
      const invalid = this.#append(pieces, list, count);
      if (invalid !== undefined) return { kind: 'not-utf8', record: invalid };
      if (pieces.byteLength !== target.length) return { kind: 'other-size' };
      pieces.copyTo(target);
      return { kind: 'written' };
    } finally {
      pieces.clear();
    }
  }

  /** Returns the number of the first record with text that is not UTF-8. */
  #append(pieces: SegmentBuffer, list: number, count: number): number | undefined {
    const { view } = this.#memory;
    let row = 0;
    let afterSkipped = false;
    for (let i = 0; i < count; i++) {
      const record = list + i * ParseReturn.bytes;
      const isSkipped = view.getUint8(record + ParseReturn.valueOption) === 0;
      if (isSkipped && view.getUint32(record + ParseReturn.consumed, true) === 0) continue;
      // Skipped stretches that follow each other share a row.
      const isNewRow = !(isSkipped && afterSkipped);
      afterSkipped = isSkipped;
      if (!isSkipped && view.getUint8(record + ParseReturn.yieldCase) !== YieldCase.message) {
        if (!this.#reader.hasUtf8(record)) return i;
        appendAttachment(pieces, row, this.#reader.read(record));
      }
      if (isNewRow) row++;
    }
    return undefined;
  }
}
