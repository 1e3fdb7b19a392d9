/**
 * Copies between memories of which one is shared. V8 does that word by word where both begin at the same place in a word, and byte by byte
 * elsewhere, which takes 5 to 30 times as long. So bytes that lie differently go through a buffer of this thread's: between the two, and
 * the memory that is not shared, V8 copies as fast as the machine does.
 */
import { types } from 'node:util';

const WORD_BYTES = 8;
/** Shorter copies are done before the buffers are ready. */
const DIRECT_BYTES = 1024;
/** Stays in the processor's cache. */
const STAGED_BYTES = 64 * 1024;

/** Made for the first copy that needs them: one that lies as the source does, one that lies as the target does. */
let bySource: Uint8Array | undefined;
let byTarget: Uint8Array | undefined;

/** As `target.set(source, at)`. The two do not overlap. @throws RangeError as that does */
export function copyBytes(target: Uint8Array, source: Uint8Array, at = 0): void {
  const sourceShift = source.byteOffset % WORD_BYTES;
  const targetShift = (target.byteOffset + at) % WORD_BYTES;
  const fromShared = types.isSharedArrayBuffer(source.buffer);
  const toShared = types.isSharedArrayBuffer(target.buffer);
  if (source.length < DIRECT_BYTES || sourceShift === targetShift || !(fromShared || toShared)) {
    target.set(source, at);
    return;
  }
  if (at + source.length > target.length) throw new RangeError('offset is out of bounds');
  for (let done = 0; done < source.length; done += STAGED_BYTES) {
    let part = source.subarray(done, done + STAGED_BYTES);
    if (fromShared) {
      bySource ??= new Uint8Array(STAGED_BYTES + WORD_BYTES);
      part = copied(part, bySource, sourceShift);
    }
    if (toShared) {
      byTarget ??= new Uint8Array(STAGED_BYTES + WORD_BYTES);
      part = copied(part, byTarget, targetShift);
    }
    target.set(part, at + done);
  }
}

function copied(bytes: Uint8Array, buffer: Uint8Array, shift: number): Uint8Array {
  const copy = buffer.subarray(shift, shift + bytes.length);
  copy.set(bytes);
  return copy;
}
