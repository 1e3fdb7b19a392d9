/**
 * Which blocks of a spool were whole when they were read: a search computes the checksums of the others alone, which takes as long as
 * the search itself. As many frames as were checked are kept for each block, four bytes of memory for about 128 KiB.
 */
import type { PlacedBlock } from '../portable/segment.js';
import type { SpoolReader } from '../portable/spool-reader.js';

export class CheckedBlocks {
  /** By the segment's random number. */
  readonly #frames = new Map<bigint, Uint32Array>();

  has(segment: bigint, { index, entry }: PlacedBlock): boolean {
    return this.#frames.get(segment)?.[index] === entry.frames;
  }

  add(segment: bigint, { index, entry }: PlacedBlock): void {
    let frames = this.#frames.get(segment) ?? new Uint32Array(64);
    if (index >= frames.length) {
      const grown = new Uint32Array(Math.max(index + 1, frames.length * 2));
      grown.set(frames);
      frames = grown;
    }
    frames[index] = entry.frames;
    this.#frames.set(segment, frames);
  }
}

const known = new WeakMap<SpoolReader, CheckedBlocks>();

/** What is known for as long as the reader is open. */
export function checkedOf(reader: SpoolReader): CheckedBlocks {
  const checked = known.get(reader) ?? new CheckedBlocks();
  known.set(reader, checked);
  return checked;
}
