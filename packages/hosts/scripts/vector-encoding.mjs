// Encodes a test vector's description (packages/batch/test/vectors) with the project's encoder.
import { EntryKind } from '@chipmunk-host/batch';
import { FrameBuilder } from '#worker/output/frame-builder.js';

/** What the descriptions call the kinds. */
const KIND_NAMES = ['skipped', 'line', 'columns', 'attachment', 'line and attachment', 'columns and attachment'];

/** @returns {Uint8Array} the batch */
export function encodeVector({ offset, entries }) {
  const builder = new FrameBuilder();
  for (const { kind, consumed, strings, attachment } of entries) {
    const number = KIND_NAMES.indexOf(kind);
    if (number === EntryKind.skipped) {
      builder.addSkipped(consumed);
      continue;
    }
    for (const string of strings) {
      const text = Buffer.from(string);
      builder.addText(text, 0, text.length);
    }
    if (attachment !== undefined) builder.addAttachment(attachmentParts(attachment));
    builder.endEntry(number, consumed);
  }
  return Buffer.concat(builder.finish(Number(offset)).segments);
}

function attachmentParts({ name, size, created, modified, messages, data }) {
  return {
    name: Buffer.from(name),
    size: BigInt(size),
    created: created === null ? undefined : Buffer.from(created),
    modified: modified === null ? undefined : Buffer.from(modified),
    messages: new Uint8Array(BigUint64Array.from(messages, BigInt).buffer),
    data: Buffer.from(data, 'hex'),
  };
}
