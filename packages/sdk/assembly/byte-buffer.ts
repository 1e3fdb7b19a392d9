/** Bytes that are kept from call to call, in memory that grows. Nothing frees it but `free`. */
import { allocateBlock, blockSize, freeBlock, resizeBlock } from './blocks';

const SMALLEST: usize = 4096;

export class ByteBuffer {
  /** Where the bytes lie, until the next `append`. */
  start: usize = 0;
  length: usize = 0;

  /** Bytes of memory that this buffer takes. */
  get capacity(): usize {
    return this.start == 0 ? 0 : blockSize(this.start);
  }

  append(at: usize, bytes: usize): void {
    const needed = this.length + bytes;
    if (needed > this.capacity) {
      const size = max(needed + (needed >> 1), SMALLEST);
      this.start = this.start == 0 ? allocateBlock(size) : resizeBlock(this.start, size);
    }
    memory.copy(this.start + this.length, at, bytes);
    this.length = needed;
  }

  /** Gives the memory back; the buffer is empty then. */
  free(): void {
    if (this.start != 0) freeBlock(this.start);
    this.start = 0;
    this.length = 0;
  }
}
