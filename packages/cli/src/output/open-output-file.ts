/** Opens the file of `--output`, by its type. */
import { stat } from 'node:fs/promises';
import { CommandError } from '../terminal/command-error.js';
import { CompressedFile } from './compressed-file.js';
import { compressionSuffix } from './compression.js';
import { DirectFile } from './direct-file.js';
import { errorCodeOf, openError } from './output-error.js';
import type { OutputFile } from './output-file.js';
import { needsNoPartial, PartialFile } from './partial-file.js';

export interface OutputFileOptions {
  /** Whether there may never be an end at which a file could be put in its place. */
  readonly endless: boolean;
  readonly signal: AbortSignal;
  readonly warn: (message: string) => void;
  /** Bytes of a file that is there which stay; what is written follows them. Undefined: it is replaced. */
  readonly keepBytes?: number | undefined;
}

/** Paths of what is open already: it is not the path that counts, but what it was opened as. */
const OPEN_ALREADY = /^\/(?:dev\/(?:fd\/|stdout$|stderr$)|proc\/)/;

/**
 * A name that ends in `.gz` or `.zst` makes it compressed.
 * @throws CommandError when it cannot be made or written; the signal's reason
 */
export async function openOutputFile(path: string, options: OutputFileOptions): Promise<OutputFile> {
  const file = await openPlainFile(path, options);
  return compressionSuffix(path) === '' ? file : new CompressedFile(path, file, { flushesEach: options.endless });
}

async function openPlainFile(
  path: string,
  { endless, signal, warn, keepBytes }: OutputFileOptions,
): Promise<OutputFile> {
  const there = await stat(path).catch(() => undefined);
  const whenWaiting = () => warn(`waiting for a reader of the named pipe '${path}'`);
  const isFile = there === undefined || there.isFile();
  if (there?.isDirectory()) throw openError(path, new Error('it is a directory'));
  if (keepBytes !== undefined) return DirectFile.open(path, signal, whenWaiting, keepBytes);
  if (endless || !isFile || OPEN_ALREADY.test(path)) return DirectFile.open(path, signal, whenWaiting);
  try {
    return await PartialFile.create(path);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    if (!needsNoPartial(error)) throw openError(path, error);
    const direct = await DirectFile.open(path, signal, whenWaiting);
    warn(`'${path}' is written in place, because '.partial' cannot be created beside it: ${errorCodeOf(error)}`);
    return direct;
  }
}
