/**
 * Reads a file without the processor's slow copies. The kernel copies with `rep movsb`, which on AMD's Zen takes 2 to 7 times as long where
 * the target lies 1 to 31 bytes behind the source, modulo a page. A file's bytes in the kernel and a wasm memory both begin at a page:
 * positions in the file and offsets in the memory tell. Neither can be chosen: a plugin's own allocator says where a window lies, and the
 * plugin's last item where it begins. Such a window is read in parts through a buffer that is far enough from both.
 */
import { readAt } from '@chipmunk-host/runtime/internal/worker';

const PAGE_BYTES = 4096;
const SLOW_DISTANCE_BYTES = 31;
/** Stays in the processor's cache. Shorter reads are not worth it. */
export const STAGED_BYTES = 128 * 1024;

type Read = (fd: number, into: Uint8Array, position: number) => number;

/** @param target,source where they begin; only their places within a page count */
export function isCopiedSlowly(target: number, source: number): boolean {
  const behind = (((target - source) % PAGE_BYTES) + PAGE_BYTES) % PAGE_BYTES;
  return behind >= 1 && behind <= SLOW_DISTANCE_BYTES;
}

/**
 * Where in the buffer bytes from `position` on go: half a page behind their place in the file. What is 1 to 31 bytes further is then nearly half a
 * page behind. So it does not matter that the buffer itself may begin up to hundreds of bytes behind a page: allocators put 16 there.
 */
export function stagedAt(position: number): number {
  return (position + PAGE_BYTES / 2) % PAGE_BYTES;
}

export class StagedRead {
  readonly #read: Read;
  /** Made for the first slow copy: most inputs have none. */
  #buffer: Uint8Array | undefined;

  /** @param read reads once, as the default does */
  constructor(read: Read = readAt) {
    this.#read = read;
  }

  /**
   * Fills `into`, which lies in a wasm memory if it is long, with the bytes from `position` on; returns how many: 0 at the end of the file.
   * @throws the system's error, when there is nothing before it
   */
  readAt(fd: number, into: Uint8Array, position: number): number {
    if (into.length < STAGED_BYTES || !isCopiedSlowly(into.byteOffset, position)) return this.#read(fd, into, position);
    this.#buffer ??= new Uint8Array(STAGED_BYTES + PAGE_BYTES);
    const start = stagedAt(position);
    for (let filled = 0; ; ) {
      const wanted = Math.min(STAGED_BYTES, into.length - filled);
      const part = this.#buffer.subarray(start, start + wanted);
      const count = this.#readPart(fd, part, position + filled, filled);
      into.set(part.subarray(0, count), filled);
      filled += count;
      if (count < wanted || filled === into.length) return filled;
    }
  }

  /** An error behind the first part is met again by who reads on there. */
  #readPart(fd: number, part: Uint8Array, position: number, filled: number): number {
    try {
      return this.#read(fd, part, position);
    } catch (error) {
      if (filled === 0) throw error;
      return 0;
    }
  }
}
