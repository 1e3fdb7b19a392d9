/**
 * Columns that a plugin joined into one line, with U+0004 between them, as plugins made with Chipmunk's own crate do; in
 * JavaScript, for records that the wasm lifter does not take and for those that come from bindings.
 */
import { COLUMN_SEPARATOR, EntryCode } from '@chipmunk-host/batch/internal';

/** What a message without an attachment is. */
export type MessageCode = typeof EntryCode.line | typeof EntryCode.columns | typeof EntryCode.joinedColumns;

/** The same with one. */
export const WITH_ATTACHMENT = {
  [EntryCode.line]: EntryCode.lineAndAttachment,
  [EntryCode.columns]: EntryCode.columnsAndAttachment,
  [EntryCode.joinedColumns]: EntryCode.joinedColumnsAndAttachment,
} as const;

const SEPARATOR_BYTE = COLUMN_SEPARATOR.charCodeAt(0);

/**
 * The separators that count among `bytes[start, end)`: the first ones, one fewer than `mostColumns`. What is behind the last of
 * them is the last column, with the separators in it.
 */
export function separatorsIn(bytes: Uint8Array, start: number, end: number, mostColumns: number): number[] {
  const found: number[] = [];
  if (mostColumns < 2) return found;
  const line = bytes.subarray(start, end);
  let at = line.indexOf(SEPARATOR_BYTE);
  while (at !== -1 && found.length < mostColumns - 1) {
    found.push(start + at);
    at = line.indexOf(SEPARATOR_BYTE, at + 1);
  }
  return found;
}

/** The columns of a line by the same rule; one where it stays a line. */
export function columnsOf(line: string, mostColumns: number): string[] {
  const columns: string[] = [];
  let start = 0;
  while (columns.length < mostColumns - 1) {
    const at = line.indexOf(COLUMN_SEPARATOR, start);
    if (at === -1) break;
    columns.push(line.slice(start, at));
    start = at + 1;
  }
  columns.push(line.slice(start));
  return columns;
}
