/**
 * Makes folders. Not by the option `recursive` of `mkdir`: where a folder is there and takes no others (`/proc`), Node.js goes round for
 * ever with it, in a thread that holds up the end of the process.
 */
import { mkdirSync, statSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Other users may read it and not write to it, whatever the umask: a user who can write may exchange its content. */
const DEFAULT_MODE = 0o755;

/**
 * Makes a folder and those that it lies in, as far as they are missing.
 * @param mode of all that are made
 * @throws the system's error
 */
export async function makeFolder(path: string, mode = DEFAULT_MODE): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') {
      requireFolder(error, await stat(path).catch(() => undefined));
      return;
    }
    const parent = dirname(path);
    // It is there, so that is not what is missing: no folder can be made in it.
    if (parent === path || (await stat(parent).catch(() => undefined)) !== undefined) throw error;
    await makeFolder(parent, mode);
    await mkdir(path, { mode }).catch(async (again: unknown) =>
      requireFolder(again, await stat(path).catch(() => undefined)),
    );
  }
}

/** `makeFolder`, for threads of their own. */
export function makeFolderSync(path: string, mode = DEFAULT_MODE): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') {
      requireFolder(error, statOf(path));
      return;
    }
    const parent = dirname(path);
    if (parent === path || statOf(parent) !== undefined) throw error;
    makeFolderSync(parent, mode);
    try {
      mkdirSync(path, { mode });
    } catch (again) {
      requireFolder(again, statOf(path));
    }
  }
}

/** A folder that is there already, or that somebody else has just made, is as good; also where none could be made (read-only). */
function requireFolder(error: unknown, status: { isDirectory(): boolean } | undefined): void {
  if (status?.isDirectory() !== true) throw error;
}

function statOf(path: string) {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
