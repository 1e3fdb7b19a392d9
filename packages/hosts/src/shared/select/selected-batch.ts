/** Makes of a batch one that has its selected rows alone, in the same memory (docs/batch-format.md, Items that were left out). */
import {
  type BatchLayout,
  encodeFilteredCounts,
  encodeHead,
  HEAD_BYTES,
  VARYING_STRINGS,
} from '@chipmunk-host/batch/internal';
import { TableWriter } from '../table-writer.js';
import { u32 } from '../wasm-global.js';
import type { RowSelector, SelectedRows } from './row-selector.js';

/** Of labels and the heads of tables, of counts, and what is written behind the text, at most. */
const OVERHEAD_BYTES = 320;

/**
 * What a batch of so many bytes becomes at most. Entries with one string each take nine bytes or more. When items between them are left out,
 * each entry gets four bytes for its number of strings.
 */
export function selectedBytes(batchBytes: number): number {
  return Math.ceil((batchBytes * 13) / 9) + OVERHEAD_BYTES;
}

/** Bytes of a batch that surely fits `bytes` when rows have been selected of it. */
export function selectableBytes(bytes: number): number {
  return Math.floor(((bytes - OVERHEAD_BYTES) * 9) / 13);
}

/** What a batch has become. */
export interface SelectedBatch {
  readonly byteLength: number;
  readonly items: number;
  readonly filtered: number;
  readonly filteredBytes: number;
  readonly bytes: number;
  readonly skippedBytes: number;
}

/**
 * Writes the selected rows of the batch that the selector has opened.
 * @param at where the batch lies
 * @param out where the new one goes: a multiple of 8, with room for `selectedBytes`
 */
export function writeSelected(
  memory: WebAssembly.Memory,
  { wasm }: RowSelector,
  { bitsAt, end }: SelectedRows,
  at: number,
  layout: BatchLayout,
  out: number,
): SelectedBatch {
  wasm.measure(bitsAt, end);
  const entries = u32(wasm.newEntries);
  const strings = u32(wasm.newStrings);
  const textBytes = u32(wasm.newTextBytes);
  const stringsPerEntry = u32(wasm.newPerEntry);
  const attachmentBytes = u32(wasm.newAttachmentBytes);
  const counts = {
    items: u32(wasm.newItems),
    filtered: u32(wasm.filteredItems),
    filteredBytes: wasm.filteredBytes.value as number,
    bytes: wasm.bytes.value as number,
    skippedBytes: wasm.skippedBytes.value as number,
  };
  const isFiltered = counts.filtered > 0;
  const { prefixBytes, ascii, source, offset, times } = layout;
  const room = prefixBytes + OVERHEAD_BYTES + entries * 17 + strings * 8 + attachmentBytes + textBytes;
  const writer = new TableWriter(Buffer.from(memory.buffer, out, room));
  const table = (name: string, bytes: number) => {
    writer.table(name, bytes);
    writer.reserve(bytes);
    return bytes === 0 ? 0 : out + writer.position - bytes;
  };
  const head = writer.reserve(HEAD_BYTES);
  writer.bytes(new Uint8Array(memory.buffer, at + HEAD_BYTES, prefixBytes - HEAD_BYTES));
  const kindsAt = table('kinds', entries);
  const consumedAt = table('consumed', entries * 4);
  const countsAt = table('string-counts', stringsPerEntry === VARYING_STRINGS ? entries * 4 : 0);
  const timesAt = table('times', times === undefined ? 0 : entries * 8);
  const endsAt = table('text-ends', strings * 4);
  const unitsAt = table('unit-ends', ascii ? 0 : strings * 4);
  writer.name('attachments');
  writer.u8(0xdd);
  writer.u32(u32(wasm.newAttachments));
  const attachmentsAt = out + writer.position;
  writer.reserve(attachmentBytes);
  writer.table('text', textBytes);
  const textAt = out + writer.position;
  writer.reserve(textBytes);
  wasm.write(bitsAt, end, kindsAt, consumedAt, countsAt, timesAt, endsAt, unitsAt, attachmentsAt, textAt);
  if (isFiltered)
    writer.bytes(encodeFilteredCounts({ filteredItems: counts.filtered, filteredBytes: counts.filteredBytes }));
  const byteLength = writer.position;
  const { items: count, bytes: consumedBytes, skippedBytes } = counts;
  const about = { byteLength, prefixBytes, source, offset, ascii, isFiltered, stringsPerEntry };
  head.set(encodeHead({ type: 'batch', ...about, entries, count, consumedBytes, skippedBytes }));
  return { byteLength, ...counts };
}
