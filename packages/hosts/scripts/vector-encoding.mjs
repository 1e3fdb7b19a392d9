// Encodes a test vector's description (packages/batch/test/vectors/v2) with the project's encoder.
import { Batch } from '@chipmunk-host/batch';
import { EntryCode } from '@chipmunk-host/batch/internal';
import { FrameBuilder } from '#worker/output/frame-builder.js';
import { frameSource } from '#worker/output/frame-source.js';
import { encodeRecord } from '#worker/output/record-frame.js';

/** What the descriptions call the kinds. */
const CODES = {
  line: EntryCode.line,
  columns: EntryCode.columns,
  attachment: EntryCode.attachment,
  'line and attachment': EntryCode.lineAndAttachment,
  'columns and attachment': EntryCode.columnsAndAttachment,
  'joined columns': EntryCode.joinedColumns,
  'joined columns and attachment': EntryCode.joinedColumnsAndAttachment,
};

/** @returns {Uint8Array} the batch, gap or restart */
export function encodeVector({ about: _, source, header, ...described }) {
  const from = frameSource(source);
  if (!('entries' in described)) return encodeRecord(described, from);
  const bytes = encodeBatch(described, from);
  return header === undefined ? bytes : Buffer.concat(Batch.from(bytes).withHeader(headerValues(header)));
}

function encodeBatch({ offset, entries }, source) {
  const builder = new FrameBuilder();
  for (const { kind, consumed, strings, time, attachment } of entries) {
    if (kind === 'skipped') {
      builder.addSkipped(consumed);
      continue;
    }
    for (const string of strings) {
      const text = Buffer.from(string);
      builder.addText(text, 0, text.length);
    }
    if (attachment !== undefined) builder.addAttachment(attachmentParts(attachment));
    builder.endEntry(CODES[kind], consumed, time === undefined ? undefined : BigInt(time));
  }
  return Buffer.concat(builder.finish(Number(offset), source).segments);
}

/** Bytes and large integers are objects in the descriptions, since JSON has neither. */
function headerValues(header) {
  const value = (described) => {
    if (described?.hex !== undefined) return Uint8Array.from(Buffer.from(described.hex, 'hex'));
    return described?.integer === undefined ? described : BigInt(described.integer);
  };
  return Object.fromEntries(Object.entries(header).map(([key, described]) => [key, value(described)]));
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
