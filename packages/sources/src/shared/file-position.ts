/** A place in a file, and what the file is known again by when it was renamed meanwhile. */
import { type Fingerprint, fingerprintOf } from './fingerprint.js';

/** A place in a file, with what the file is known again by. Plain JSON. */
export interface FilePosition {
  /** Absolute path that the file had. */
  readonly path: string;
  /** Numbers of its device and of its inode there, in decimal digits: they may be too large for a number. */
  readonly device: string;
  readonly inode: string;
  /** Bytes before the place. */
  readonly offset: number;
  /** Of its first bytes. */
  readonly head: Fingerprint;
  /** Of the last bytes before the place. */
  readonly tail: Fingerprint;
}

const NO_BYTES = fingerprintOf(new Uint8Array(0));

/** The place before a file that was not there yet. */
export function nowhere(path: string): FilePosition {
  return { path, device: '0', inode: '0', offset: 0, head: NO_BYTES, tail: NO_BYTES };
}

export function isNowhere({ inode, offset }: FilePosition): boolean {
  return inode === '0' && offset === 0;
}

/** Where a source is to go on. */
export interface Resumption {
  readonly place: FilePosition;
  /** Whether to begin again when that place is not there any more. */
  readonly startOver: boolean;
}
