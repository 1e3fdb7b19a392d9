/** Reading a file at a position, again where the system was only interrupted or asks to come back later. */
import { readSync } from 'node:fs';

/** How long is waited before a read is tried again that the system could not serve without blocking, in milliseconds. */
const LATER_MS = 5;
/** So often: 10 seconds, as long as a call of a plugin may take by default. */
const MOST_LATER = 2000;

/** Nobody notifies it. */
const pause = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/**
 * Fills `into` with the bytes from `position` on, as far as one read of the system goes; returns how many: 0 at the end of the file.
 * @throws the system's error, except `EINTR`, and `EAGAIN` for ten seconds
 */
export function readAt(fd: number, into: Uint8Array, position: number): number {
  for (let later = 0; ; ) {
    try {
      return readSync(fd, into, 0, into.length, position);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EINTR') continue;
      if (code !== 'EAGAIN' || ++later > MOST_LATER) throw error;
      Atomics.wait(pause, 0, 0, LATER_MS);
    }
  }
}
