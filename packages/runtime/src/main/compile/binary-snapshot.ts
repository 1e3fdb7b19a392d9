/**
 * A private copy of a binary and its hash. What is hashed is what is compiled, whatever the caller does to its own bytes
 * meanwhile; the copy can be handed to a worker without being copied again. Made in steps with the event loop in between:
 * copying 200 MB in one go stops it for a second, and Web Crypto's digest copies, too.
 */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

/** Copied and hashed in some 4 ms. */
const STEP_BYTES = 1024 * 1024;

export interface BinarySnapshot {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** SHA-256 in hexadecimal. */
  readonly hash: string;
}

/** Rejects with the signal's reason when it is aborted. */
export async function takeSnapshot(bytes: Uint8Array, signal: AbortSignal): Promise<BinarySnapshot> {
  const hash = createHash('sha256');
  const copy = new Uint8Array(bytes.length);
  for (let at = 0; at < copy.length; at += STEP_BYTES) {
    if (at > 0) await setImmediate();
    signal.throwIfAborted();
    copy.set(bytes.subarray(at, at + STEP_BYTES), at);
    hash.update(copy.subarray(at, at + STEP_BYTES));
  }
  return { bytes: copy, hash: hash.digest('hex') };
}
