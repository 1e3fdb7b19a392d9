/** An attachment as an element of a batch (docs/batch-format.md, "Attachments"). */
import type { SegmentBuffer } from './segment-buffer.js';

/** Text is UTF-8. Views may lie in a plugin's memory; large ones are not copied. */
export interface AttachmentParts {
  readonly name: Uint8Array;
  readonly size: bigint;
  readonly created: Uint8Array | undefined;
  readonly modified: Uint8Array | undefined;
  /** Little-endian u64, one behind the other. */
  readonly messages: Uint8Array;
  readonly data: Uint8Array;
}

/** Up to the name, and from there to the data where there are no dates and no messages, which is most often. */
const BEFORE_NAME = Buffer.from('\x87\xa5entry\xce\0\0\0\0\xa4name\xdb\0\0\0\0', 'latin1');
const BEFORE_DATA = Buffer.from(
  '\xa4size\xcf\0\0\0\0\0\0\0\0\xa7created\xc0\xa8modified\xc0\xa8messages\xdd\0\0\0\0\xa4data\xc6\0\0\0\0',
  'latin1',
);
const ENTRY_AT = 8;
const SIZE_AT = 6;
/** `uint 64` with its type byte. */
const MESSAGE_BYTES = 9;
/** The head of a `str 32`, in place of nil. */
const DATE_BYTES = 4;

/** Bytes in a batch of an attachment with so many bytes of text and of data, dates, and indexes of messages. */
export function attachmentBytes(text: number, dates: number, messages: number, data: number): number {
  return BEFORE_NAME.length + BEFORE_DATA.length + text + dates * DATE_BYTES + messages * MESSAGE_BYTES + data;
}

export function appendAttachment(pieces: SegmentBuffer, entry: number, parts: AttachmentParts): void {
  const { name, created, modified, data } = parts;
  const at = pieces.reserve(BEFORE_NAME.length);
  pieces.writable.set(BEFORE_NAME, at);
  pieces.writable.writeUInt32BE(entry, at + ENTRY_AT);
  pieces.writable.writeUInt32BE(name.length, at + BEFORE_NAME.length - 4);
  pieces.append(name, 0, name.length);
  if (created === undefined && modified === undefined && parts.messages.length === 0) appendPlain(pieces, parts);
  else appendFull(pieces, parts);
  pieces.append(data, 0, data.length);
}

function appendPlain(pieces: SegmentBuffer, { size, data }: AttachmentParts): void {
  const at = pieces.reserve(BEFORE_DATA.length);
  pieces.writable.set(BEFORE_DATA, at);
  pieces.writable.writeBigUInt64BE(size, at + SIZE_AT);
  pieces.writable.writeUInt32BE(data.length, at + BEFORE_DATA.length - 4);
}

function appendFull(pieces: SegmentBuffer, parts: AttachmentParts): void {
  key(pieces, 'size');
  const at = pieces.reserve(9);
  pieces.writable[at] = 0xcf;
  pieces.writable.writeBigUInt64BE(parts.size, at + 1);
  key(pieces, 'created');
  text(pieces, parts.created);
  key(pieces, 'modified');
  text(pieces, parts.modified);
  key(pieces, 'messages');
  messages(pieces, parts.messages);
  key(pieces, 'data');
  head(pieces, 0xc6, parts.data.length);
}

function byte(pieces: SegmentBuffer, value: number): void {
  const at = pieces.reserve(1);
  pieces.writable[at] = value;
}

function key(pieces: SegmentBuffer, name: string): void {
  byte(pieces, 0xa0 | name.length);
  pieces.appendString(name);
}

/** A type byte and a big-endian u32. */
function head(pieces: SegmentBuffer, type: number, value: number): void {
  const at = pieces.reserve(5);
  pieces.writable[at] = type;
  pieces.writable.writeUInt32BE(value, at + 1);
}

function text(pieces: SegmentBuffer, value: Uint8Array | undefined): void {
  if (value === undefined) {
    byte(pieces, 0xc0);
    return;
  }
  head(pieces, 0xdb, value.length);
  pieces.append(value, 0, value.length);
}

function messages(pieces: SegmentBuffer, littleEndian: Uint8Array): void {
  const count = littleEndian.length / 8;
  head(pieces, 0xdd, count);
  let at = pieces.reserve(count * MESSAGE_BYTES);
  const target = pieces.writable;
  for (let i = 0; i < littleEndian.length; i += 8) {
    target[at++] = 0xcf;
    for (let b = 7; b >= 0; b--) target[at++] = littleEndian[i + b] as number;
  }
}
