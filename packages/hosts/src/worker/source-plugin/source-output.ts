/**
 * Where a byte-source's bytes go: the ring, with an account beside it of what was delivered, in shared memory, so that a thread
 * that is interrupted at any instruction, or that takes over from one which is gone, knows exactly how far it had come.
 *
 * The account has two commits of float64. The one for the next slot is written first and becomes the valid one when the
 * ring's count of published slots gets there: in a single step.
 */
import { crc32 } from 'node:zlib';
import { ByteRingWriter, HostError, type RingMemory } from '@chipmunk-host/runtime/internal/worker';
import { ProgressField } from '../../shared/protocol/byte-source-messages.js';

export interface SourceOutputParts {
  readonly ring: RingMemory;
  /** Made by `createSourceProgress`. */
  readonly progress: SharedArrayBuffer;
  /** Whether a checksum of all that was delivered is kept, to compare it with that of what is read again. */
  readonly checksum: boolean;
}

export class SourceOutput {
  readonly #ring: ByteRingWriter;
  readonly #commits: Float64Array;
  readonly #keepsChecksum: boolean;
  #bytes = 0;
  #checksum = 0;

  constructor({ ring, progress, checksum }: SourceOutputParts) {
    this.#ring = new ByteRingWriter(ring);
    this.#commits = new Float64Array(progress);
    this.#keepsChecksum = checksum;
    this.resume();
  }

  /** Bytes delivered so far, also by instances before this one. */
  get bytes(): number {
    return this.#bytes;
  }

  /** CRC-32 of them. */
  get checksum(): number {
    return this.#checksum;
  }

  get stopRequested(): boolean {
    return this.#ring.stopRequested;
  }

  get slotBytes(): number {
    return this.#ring.shape.slotBytes;
  }

  tryAcquire(): Uint8Array | undefined {
    return this.#ring.tryAcquire();
  }

  acquire(): Promise<Uint8Array | undefined> {
    return this.#ring.acquire();
  }

  /** Delivers the first `count` bytes of the acquired slot. */
  publish(slot: Uint8Array, count: number): void {
    const checksum = this.#keepsChecksum ? crc32(slot.subarray(0, count), this.#checksum) : 0;
    this.#announce(this.#bytes + count, checksum);
    this.#ring.publish(count);
    this.#bytes += count;
    this.#checksum = checksum;
  }

  /** Delivers what is no part of the input. Returns false when the reader wants no more. */
  async note(note: Uint8Array): Promise<boolean> {
    this.#announce(this.#bytes, this.#checksum);
    return this.#ring.note(note);
  }

  rest(limitMs: number): void {
    this.#ring.rest(limitMs);
  }

  /** Finds its place again after the thread was interrupted at any point of `publish`. */
  resume(): void {
    this.#ring.resume();
    const at = commitOf(this.#ring.published);
    if (this.#commits[at + ProgressField.slot] !== this.#ring.published)
      throw new HostError('ERR_INTERNAL', 'The account of what a byte-source has delivered is damaged.');
    this.#bytes = this.#commits[at + ProgressField.bytes] ?? 0;
    this.#checksum = this.#commits[at + ProgressField.checksum] ?? 0;
  }

  fail(error: unknown): Promise<void> {
    return this.#ring.fail(error);
  }

  close(): void {
    this.#ring.close();
  }

  #announce(bytes: number, checksum: number): void {
    const slot = (this.#ring.published + 1) >>> 0;
    const at = commitOf(slot);
    this.#commits[at + ProgressField.slot] = slot;
    this.#commits[at + ProgressField.bytes] = bytes;
    this.#commits[at + ProgressField.checksum] = checksum;
  }
}

function commitOf(slot: number): number {
  return (slot & 1) * ProgressField.fields;
}
