/** `ndjson`: one JSON object a line for each item, the same bytes for the same items everywhere. */
import { type Attachment, type Batch, EntryKind, type Item } from '@chipmunk-host/manager';
import { ChunkBuilder } from './chunk-builder.js';
import { JsonEncoder, NUMBER_BYTES, textBytes } from './json-encoder.js';

/** Code units of a text that are escaped at once: six times as many must still be one string. */
const TEXT_STEP = 8 * 1024 * 1024;
/** Bytes of an attachment that are encoded at once; a multiple of 3, so that pieces of base64 join. */
const DATA_STEP = 3 * 1024 * 1024;

/** A line that may take more is written in parts. */
const MAX_LINE_BYTES = 8 * 1024 * 1024;

const OFFSET = Buffer.from('{"offset":');
const LENGTH = Buffer.from(',"length":');
const TEXT = Buffer.from(',"text":');
const COLUMNS = Buffer.from(',"columns":[');
const LINE_END = Buffer.from('}\n');
const COLUMNS_END = Buffer.from(']}\n');
/** All of a line but its start and its texts. */
const FRAME_BYTES = LENGTH.length + COLUMNS.length + COLUMNS_END.length + 2 * NUMBER_BYTES;

/** @param source name of the input, for a member in front of the others */
export function* ndjsonChunks(batch: Batch, source?: string): Generator<Uint8Array, void, undefined> {
  const start = source === undefined ? OFFSET : Buffer.from(`{"source":${JSON.stringify(source)},"offset":`);
  const encoder = new JsonEncoder();
  for (const item of batch) {
    const columns = item.encodedColumns;
    const bytes = start.length + lineBytes(columns);
    if (batch.hasTimes || hasAttachment(item) || bytes > MAX_LINE_BYTES) {
      const before = encoder.take();
      if (before !== undefined) yield before;
      yield* longLine(item, start);
    } else {
      const full = encoder.reserve(bytes);
      if (full !== undefined) yield full;
      shortLine(encoder, item, columns, start);
    }
  }
  const rest = encoder.take();
  if (rest !== undefined) yield rest;
}

/** Nearly all items, without making strings of them. @param start up to the offset */
function shortLine(encoder: JsonEncoder, item: Item, columns: readonly Uint8Array[], start: Buffer): void {
  const isLine = item.kind === EntryKind.line;
  encoder.raw(start);
  encoder.number(item.offset);
  encoder.raw(LENGTH);
  encoder.number(item.length);
  encoder.raw(isLine ? TEXT : COLUMNS);
  for (let index = 0; index < columns.length; index++) {
    if (index > 0) encoder.comma();
    if (!encoder.plainText(columns[index] as Uint8Array)) encoder.json(JSON.stringify(item.columns[index]));
  }
  encoder.raw(isLine ? LINE_END : COLUMNS_END);
}

function hasAttachment({ kind }: Item): boolean {
  return kind !== EntryKind.line && kind !== EntryKind.columns;
}

function lineBytes(columns: readonly Uint8Array[]): number {
  let bytes = FRAME_BYTES;
  for (const column of columns) bytes += textBytes(column) + 1;
  return bytes;
}

/** In parts, since a string of the engine may be too short for it. */
function* longLine(item: Item, start: Buffer): Generator<Uint8Array, void, undefined> {
  const chunk = new ChunkBuilder();
  for (const part of itemParts(item, start)) {
    chunk.add(part);
    if (chunk.full) yield* chunk.take();
  }
  yield* chunk.take();
}

function* itemParts(item: Item, start: Buffer): Generator<string, void, undefined> {
  const { kind, offset, length, columns, time, attachment } = item;
  yield `${start}${offset},"length":${length}`;
  if (time !== undefined) yield `,"time":"${time}"`;
  if (kind === EntryKind.line || kind === EntryKind.lineAndAttachment) {
    yield ',"text":';
    yield* textParts(columns[0] as string);
  } else if (kind !== EntryKind.attachment) {
    yield ',"columns":[';
    for (const [index, column] of columns.entries()) {
      if (index > 0) yield ',';
      yield* textParts(column);
    }
    yield ']';
  }
  if (attachment !== undefined) yield* attachmentParts(attachment);
  yield '}\n';
}

function* textParts(text: string): Generator<string, void, undefined> {
  if (text.length <= TEXT_STEP) {
    yield JSON.stringify(text);
    return;
  }
  yield '"';
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + TEXT_STEP, text.length);
    // The halves of a surrogate pair would be escaped when they are parted.
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end--;
    yield JSON.stringify(text.slice(start, end)).slice(1, -1);
    start = end;
  }
  yield '"';
}

function* attachmentParts(attachment: Attachment): Generator<string, void, undefined> {
  const { name, size, created, modified, messages, data } = attachment;
  yield `,"attachment":{"name":${JSON.stringify(name)},"size":${size}`;
  yield `,"created":${JSON.stringify(created ?? null)},"modified":${JSON.stringify(modified ?? null)}`;
  yield `,"messages":[${messages.join(',')}],"data":"`;
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
  for (let at = 0; at < bytes.length; at += DATA_STEP)
    yield bytes.toString('base64', at, Math.min(at + DATA_STEP, bytes.length));
  yield '"}';
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
