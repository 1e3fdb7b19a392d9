/** `ndjson`: one JSON object a line for each item, the same bytes for the same items everywhere. */
import { type Attachment, type Batch, EntryKind, type Item } from '@chipmunk-host/manager';
import { ChunkBuilder } from './chunk-builder.js';

/** Code units of a text that are escaped at once: six times as many must still be one string. */
const TEXT_STEP = 8 * 1024 * 1024;
/** Bytes of an attachment that are encoded at once; a multiple of 3, so that pieces of base64 join. */
const DATA_STEP = 3 * 1024 * 1024;

export function* ndjsonChunks(batch: Batch): Generator<Uint8Array, void, undefined> {
  const chunk = new ChunkBuilder();
  for (const item of batch) {
    const line = shortLine(item);
    if (line !== undefined) {
      chunk.add(line);
    } else {
      for (const part of itemParts(item)) {
        chunk.add(part);
        if (chunk.full) yield* chunk.take();
      }
    }
    if (chunk.full) yield* chunk.take();
  }
  yield* chunk.take();
}

/** Nearly all items, in one go; undefined for those that have to be written in parts. */
function shortLine({ kind, offset, length, columns }: Item): string | undefined {
  if (kind !== EntryKind.line && kind !== EntryKind.columns) return undefined;
  let units = 0;
  for (const column of columns) units += column.length;
  if (units > TEXT_STEP) return undefined;
  const content =
    kind === EntryKind.line ? `"text":${JSON.stringify(columns[0])}` : `"columns":${JSON.stringify(columns)}`;
  return `{"offset":${offset},"length":${length},${content}}\n`;
}

function* itemParts(item: Item): Generator<string, void, undefined> {
  const { kind, offset, length, columns, attachment } = item;
  yield `{"offset":${offset},"length":${length}`;
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
