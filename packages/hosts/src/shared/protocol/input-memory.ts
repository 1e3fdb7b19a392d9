/**
 * The memory of input that cannot be read twice: bytes that a source has delivered and that no batch accounts for yet. It is
 * shared memory, made by the main thread, so that it outlives the thread of a parser: another parser goes on with it.
 *
 * What is where is said by two commits of float64 in the first page, of which one is valid; the other is written first and
 * then made the valid one in a single step, so that a thread that ends at any instruction leaves a whole one behind.
 */

import { createWasmMemory, type WasmMemory } from '@chipmunk-host/runtime/internal/shared';
import { DEFAULT_WINDOW } from './session-defaults.js';

export const WASM_PAGE_BYTES = 65_536;
const MAX_PAGES = 65_536;

/** Where the bytes begin. */
export const DATA_OFFSET = WASM_PAGE_BYTES;

/** Which of the commits is valid: an Int32 at the start of the memory. */
export const VALID_COMMIT = 0;
/** Offsets in bytes of the two commits. */
export const COMMIT_OFFSETS = [64, 128] as const;

/** Fields of a commit. */
export const InputField = {
  /** Position in the input of the first byte of the data. */
  base: 0,
  /** First byte of the data that is still needed. */
  start: 1,
  /** Behind the last byte of the data. */
  end: 2,
  /** Where the reader of the source stands: see RingPosition. */
  slot: 3,
  byte: 4,
  /** Where the marks of the bytes that are kept begin and end: see worker/input/input-marks.ts. */
  marksStart: 5,
  marksEnd: 6,
  /** How many inputs came before the one that the bytes are from. */
  segment: 7,
  fields: 8,
} as const;

/** Where the marks of an input are kept whose source tells more than bytes. */
export const MARKS_BYTES = 256 * 1024;

/**
 * @param hardMaxBytes how many bytes of input may be wanted at once. Twice as much can be kept, so that bytes need not be
 *   moved for each that is used up; only address space until it is needed.
 * @param bufferBytes how many can be kept from the start, without growing
 * @throws EnvironmentError when the system gives no memory or address space
 */
export function createInputMemory(hardMaxBytes: number, bufferBytes = DEFAULT_WINDOW.bytes): WasmMemory {
  const pages = (bytes: number) => Math.min(MAX_PAGES, 1 + Math.ceil(bytes / WASM_PAGE_BYTES));
  const initial = pages(bufferBytes);
  const maximum = Math.max(initial, pages(2 * hardMaxBytes + bufferBytes));
  return createWasmMemory({ initial, maximum, shared: true }, 'the input of a session');
}
