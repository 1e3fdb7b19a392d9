/** What to tell when an output cannot be opened or written. */
import { CommandError } from '../terminal/command-error.js';
import { formatBytes } from '../terminal/quantities.js';

const HELP: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: make room, or write elsewhere.',
  EDQUOT: 'Your quota of this disk is used up: make room, or write elsewhere.',
  EFBIG: 'The file system, or a limit of this shell (`ulimit -f`), takes no larger file: write elsewhere.',
  EROFS: 'The file system is read-only: write elsewhere.',
};

/** @param name as in a sentence: with quotes when it is a path */
export function writeError(name: string, writtenBytes: number, cause: unknown): CommandError {
  const message = `Cannot write to ${name} after ${formatBytes(writtenBytes)}: ${messageOf(cause)}`;
  return new CommandError('ERR_OUTPUT_WRITE', message, { cause, ...helpFor(cause) });
}

export function openError(path: string, cause: unknown): CommandError {
  const help = 'Check the path and the rights to it.';
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
