/** The errors for an output that cannot be opened or written. */
import { CommandError } from '../terminal/command-error.js';
import { formatBytes } from '../terminal/quantities.js';

const HELP: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: free some space, or choose another output.',
  EDQUOT: 'Your quota on this disk is used up: free some space, or choose another output.',
  EFBIG: 'The file system or a limit of this shell (`ulimit -f`) allows no larger file: choose another output.',
  EROFS: 'The file system is read-only: choose another output.',
};

/** @param name as in a sentence: with quotes when it is a path */
export function writeError(name: string, writtenBytes: number, cause: unknown): CommandError {
  const message = `Cannot write to ${name} after ${formatBytes(writtenBytes)}: ${messageOf(cause)}`;
  return new CommandError('ERR_OUTPUT_WRITE', message, { cause, ...helpFor(cause) });
}

export function openError(path: string, cause: unknown): CommandError {
  const help = 'Check the path and your rights to it.';
  return new CommandError('ERR_OUTPUT_OPEN', `Cannot write to '${path}': ${messageOf(cause)}`, {
    cause,
    help,
    ...helpFor(cause),
  });
}

export function errorCodeOf(error: unknown): string | undefined {
  return ((error ?? {}) as NodeJS.ErrnoException).code;
}

function helpFor(cause: unknown): { readonly help?: string } {
  const help = HELP[errorCodeOf(cause) ?? ''];
  return help === undefined ? {} : { help };
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
