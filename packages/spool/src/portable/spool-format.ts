/** The numbers of the format of spools, version 1. docs/spool-format.md is its definition. */

/** What is written. */
export const SPOOL_VERSION = 1;

/** Bytes before each element. */
export const FRAME_BYTES = 96;

/** Bytes of what an index says of a block, and of what stands before a compressed block. */
export const ENTRY_BYTES = 112;

/** A block ends behind the frame with which it has so many bytes. */
export const BLOCK_BYTES = 128 * 1024;

/** Frames, elements, blocks and entries begin at multiples of it. */
export const ALIGNMENT = 8;

/** A time that is not known, as in batches. */
export const NO_TIME = -(2n ** 63n);

/** Names of files: a segment, its compressed form, and the index of either. */
const SEGMENT_NAME = /^segment-(\d{10,16})\.(frames|zframes)$/;
export const INDEX_SUFFIX = '.index';
/** Of files that are not whole yet. */
export const PARTIAL_SUFFIX = '.partial';

export interface SegmentName {
  readonly name: string;
  readonly number: number;
  readonly compressed: boolean;
}

export function segmentName(number: number, compressed: boolean): string {
  return `segment-${String(number).padStart(10, '0')}.${compressed ? 'zframes' : 'frames'}`;
}

/**
 * The segments among names of files, in their order. Of one that was just compressed there are both forms: the compressed one, which is
 * whole, counts.
 */
export function segmentsAmong(names: readonly string[]): readonly SegmentName[] {
  const found = new Map<number, SegmentName>();
  for (const name of names) {
    const [, digits, form] = SEGMENT_NAME.exec(name) ?? [];
    if (digits === undefined) continue;
    const segment = { name, number: Number(digits), compressed: form === 'zframes' };
    if (segment.compressed || !found.has(segment.number)) found.set(segment.number, segment);
  }
  return [...found.values()].sort((a, b) => a.number - b.number);
}

/** Rounds up to where the next frame or block may begin. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Without a BigInt. @returns NaN for more than can be counted */
export function uint64(view: DataView, at: number): number {
  const value = view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
  return value > Number.MAX_SAFE_INTEGER ? Number.NaN : value;
}

export function setUint64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0, true);
  view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
