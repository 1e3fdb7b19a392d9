/** Answers of wasi:filesystem/types: `result<T, error-code>`, in memory that the plugin names. */

import type { GuestMemory } from '../guest-memory.js';
import { fileErrorCode, fileErrorNumber, Refusal } from './refusal.js';

/** Size and alignment of a result, and where in it the payload begins: both of `ok` and of `err`. */
export interface ResultShape {
  readonly bytes: number;
  readonly alignment: number;
  readonly payload: number;
}

export const NOTHING: ResultShape = { bytes: 2, alignment: 1, payload: 1 };
export const BYTE: ResultShape = { bytes: 2, alignment: 1, payload: 1 };
export const HANDLE: ResultShape = { bytes: 8, alignment: 4, payload: 4 };
export const TEXT: ResultShape = { bytes: 12, alignment: 4, payload: 4 };
export const BYTES_AND_END: ResultShape = { bytes: 16, alignment: 4, payload: 4 };
export const ENTRY_OPTION: ResultShape = { bytes: 20, alignment: 4, payload: 4 };
export const COUNT: ResultShape = { bytes: 16, alignment: 8, payload: 8 };
export const HASH: ResultShape = { bytes: 24, alignment: 8, payload: 8 };
export const STAT: ResultShape = { bytes: 104, alignment: 8, payload: 8 };

/**
 * Does the work, then writes what it came to. Writing is apart because it may run the plugin's allocator, whose failures are
 * not answers but the end of the plugin.
 */
export function answer<T>(
  memory: GuestMemory,
  result: number,
  shape: ResultShape,
  work: () => T,
  write: (payload: number, value: T) => void = () => {},
): void {
  const area = memory.range(result, shape.bytes, shape.alignment);
  let value: T;
  try {
    value = work();
  } catch (error) {
    const code = fileErrorCode(error);
    if (code === undefined) throw error;
    memory.setU8(area, 1);
    memory.setU8(area + shape.payload, fileErrorNumber(code));
    return;
  }
  write(area + shape.payload, value);
  memory.setU8(area, 0);
}

/** An offset or a length of a file. */
export function fileSize(value: bigint): number {
  const size = BigInt.asUintN(64, value);
  if (size > BigInt(Number.MAX_SAFE_INTEGER)) throw new Refusal('invalid');
  return Number(size);
}

/** A path that is short enough, UTF-8 and without a NUL. */
export function pathText(memory: GuestMemory, pointer: number, byteLength: number, maxBytes: number): string {
  if (byteLength >>> 0 > maxBytes) throw new Refusal('name-too-long');
  const text = memory.text(pointer, byteLength);
  if (text === undefined) throw new Refusal('illegal-byte-sequence');
  if (text.includes('\0')) throw new Refusal('invalid');
  return text;
}
