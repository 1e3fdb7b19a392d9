/** A regular file that the main thread has opened as the input of a session, as its workers see it. */

export interface OpenedFile {
  /** As the caller named it, for messages. It is never opened again: another file may have that path by now. */
  readonly path: string;
  /** The threads of a process share descriptors. It has one position for all of them, so it is read at positions of their own only. */
  readonly descriptor: number;
  /** Bytes of the file when it was opened, and of the input: what is appended later is not part of it. */
  readonly size: number;
  /** Numbers of its device and of its inode there, in decimal digits. */
  readonly device: string;
  readonly inode: string;
  /** What was in it then. */
  readonly samples: readonly FileSample[];
}

/** A few bytes of a file, to know it by when it was written to: what is appended leaves them as they are. */
export interface FileSample {
  readonly position: number;
  readonly bytes: Uint8Array;
}

const SAMPLE_BYTES = 4096;

/** The stretches of a file that samples are taken of: its start, its middle and its end, or all of it when it is small. */
export function sampledStretches(size: number): readonly { readonly position: number; readonly length: number }[] {
  if (size <= 3 * SAMPLE_BYTES) return size === 0 ? [] : [{ position: 0, length: size }];
  const positions = [0, Math.floor((size - SAMPLE_BYTES) / 2), size - SAMPLE_BYTES];
  return positions.map((position) => ({ position, length: SAMPLE_BYTES }));
}
