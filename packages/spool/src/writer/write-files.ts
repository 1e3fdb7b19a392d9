/** Writes the files of a spool, with errors that say what is wrong. */
import { constants, type FileHandle, open } from 'node:fs/promises';
import { SpoolError } from '../portable/spool-error.js';

/** All of it at a position, however much the system takes at once. */
export async function writeAll(file: FileHandle, parts: readonly Uint8Array[], position: number): Promise<void> {
  let left = parts.filter(({ length }) => length > 0);
  let at = position;
  while (left.length > 0) {
    let { bytesWritten } = await file.writev(left as Uint8Array[], at);
    at += bytesWritten;
    left = left.flatMap((part) => {
      const taken = Math.min(bytesWritten, part.length);
      bytesWritten -= taken;
      return taken === part.length ? [] : [part.subarray(taken)];
    });
  }
}

const FAULTS: Readonly<Record<string, readonly [what: string, help: string]>> = {
  ENOSPC: ['the disk is full', 'Free some space, or bound the spool (maxBytes); what was appended before is whole.'],
  EDQUOT: ["the user's disk quota is used up", 'Free some space; what was appended before is whole.'],
  EFBIG: ['the file would be larger than allowed', 'Make segments smaller; what was appended before is whole.'],
  EACCES: ['this user may not write there', 'Give this user the right to change it, or name another directory.'],
  EPERM: ['this user may not write there', 'Give this user the right to change it, or name another directory.'],
  EROFS: ['its file system is read-only', 'Name another directory.'],
  ENOTDIR: ['a part of the path is no directory', 'Name another directory.'],
  EEXIST: ['a file of that name is there', 'Name another directory.'],
};

/** @returns SpoolError `ERR_SPOOL_WRITE`. One of a spool is passed on as it is */
export function unwritable(path: string, cause: unknown): SpoolError {
  if (cause instanceof SpoolError) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  const [what, help] = FAULTS[code ?? ''] ?? [message, 'Check the path and the disk.'];
  return new SpoolError('ERR_SPOOL_WRITE', `The spool '${path}' cannot be written: ${what}.`, { cause, help });
}

/** Names in a directory are on the disk after this, where directories can be synchronised. */
export async function syncDirectory(path: string): Promise<void> {
  try {
    const folder = await open(path, constants.O_RDONLY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch {
    // What was done stays done; only a loss of power could still undo it.
  }
}
