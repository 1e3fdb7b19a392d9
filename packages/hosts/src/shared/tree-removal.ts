/**
 * Removes a directory with all that is in it, however deep that is: Node's own `rm` names everything by its whole path, which
 * the machine refuses when it is too long, and goes down by recursion. Here each directory that is found deeper down is moved up
 * first, so that no path has more than two names below the top. Links are removed and never followed.
 */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * What is not there is no error, nor is a path that this user cannot look at: then nothing was made there either.
 * @throws what the machine says when something cannot be removed: the rest then stays
 */
export async function removeTree(path: string): Promise<void> {
  const status = await present(lstat(path), UNREACHABLE);
  if (status === undefined) return;
  if (!status.isDirectory()) return present(unlink(path));
  const top = await openTop(path);
  try {
    for (let rounds = 1; ; rounds++) {
      await empty(top.path);
      if (await isRemoved(path, rounds === MAX_ROUNDS)) return;
    }
  } finally {
    await top.close();
  }
}

/** Somebody else who removes the same tree moves directories up in it, too. */
const MAX_ROUNDS = 100;

async function isRemoved(path: string, isLastTry: boolean): Promise<boolean> {
  try {
    await present(rmdir(path));
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (isLastTry || (code !== 'ENOTEMPTY' && code !== 'EEXIST')) throw error;
    return false;
  }
}

/** On Linux a path that stays that of this directory, whatever becomes of its name meanwhile. */
async function openTop(path: string): Promise<{ path: string; close(): Promise<void> }> {
  if (process.platform !== 'linux') return { path, close: async () => {} };
  const handle = await open(path, constants.O_DIRECTORY | constants.O_NOFOLLOW);
  const pinned = `/proc/self/fd/${handle.fd}`;
  // A system without /proc.
  const isPinned = (await present(readdir(pinned))) !== undefined;
  return { path: isPinned ? pinned : path, close: () => handle.close() };
}

async function empty(top: string): Promise<void> {
  const moved = `moved-${randomUUID()}`;
  let count = 0;
  const left = [top];
  for (let directory = left.pop(); directory !== undefined; directory = left.pop()) {
    for (const entry of (await present(readdir(directory, { withFileTypes: true }))) ?? []) {
      const path = join(directory, entry.name);
      if (!entry.isDirectory()) {
        await present(unlink(path));
        continue;
      }
      if (directory === top) {
        left.push(path);
        continue;
      }
      const place = join(top, `${moved}-${count++}`);
      await present(rename(path, place));
      left.push(place);
    }
    if (directory !== top) await present(rmdir(directory));
  }
}

const GONE: readonly string[] = ['ENOENT'];
const UNREACHABLE: readonly string[] = [...GONE, 'ENOTDIR', 'EACCES'];

/** Undefined when it is not there (any more): somebody else may be removing it, too. */
async function present<Value>(call: Promise<Value>, absent = GONE): Promise<Value | undefined> {
  try {
    return await call;
  } catch (error) {
    if (absent.includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
