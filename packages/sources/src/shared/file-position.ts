/** A place in a file, and what the file is known again by when it was renamed meanwhile. */
import { type OptionTable, option } from '@chipmunk-host/runtime/internal/options';
import type { Fingerprint } from './fingerprint.js';

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

/** Where a source is to go on. */
export interface Resumption {
  readonly place: FilePosition;
  /** Whether to begin again when that place is not there any more. */
  readonly startOver: boolean;
}

const count = option.whole(0, Number.MAX_SAFE_INTEGER);
const PRINT: OptionTable<Fingerprint> = { bytes: option.required(count), sha256: option.required(option.sha256) };

/** What a place may be. */
export const FILE_POSITION: OptionTable<FilePosition> = {
  path: option.required(option.path),
  device: option.required(option.name),
  inode: option.required(option.name),
  offset: option.required(count),
  head: option.required(option.options(PRINT)),
  tail: option.required(option.options(PRINT)),
};
