/** What a file is known again by: a digest of its first bytes, and of those before a position in it. */
import { createHash } from 'node:crypto';

/** Of a file's start. */
export const HEAD_BYTES = 1024;
/** Before a position. */
export const TAIL_BYTES = 256;

/** A stretch of bytes that a file is known by. */
export interface Fingerprint {
  /** Bytes of the stretch. */
  readonly bytes: number;
  /** SHA-256 of them, in hexadecimal. */
  readonly sha256: string;
}

/** Fills `into` with the bytes of a file from `position` on, as far as there are any; returns how many. */
export type ReadFully = (into: Uint8Array, position: number) => number | Promise<number>;

export function fingerprintOf(bytes: Uint8Array): Fingerprint {
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Of the first bytes of a file, as far as they lie before `position`: what is appended later leaves it as it is. */
export async function headPrint(read: ReadFully, position: number): Promise<Fingerprint> {
  return fingerprintOf(await bytesAt(read, 0, Math.min(HEAD_BYTES, position)));
}

/** Of the last bytes before `position`. */
export async function tailPrint(read: ReadFully, position: number): Promise<Fingerprint> {
  const bytes = Math.min(TAIL_BYTES, position);
  return fingerprintOf(await bytesAt(read, position - bytes, bytes));
}

/** Whether a file has the bytes of `print` from `position` on. */
export async function hasPrint(read: ReadFully, position: number, print: Fingerprint): Promise<boolean> {
  const bytes = await bytesAt(read, position, print.bytes);
  return bytes.length === print.bytes && fingerprintOf(bytes).sha256 === print.sha256;
}

async function bytesAt(read: ReadFully, position: number, count: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  return count === 0 ? bytes : bytes.subarray(0, await read(bytes, position));
}
