/**
 * Temporary directories of plugin instances: `chipmunk-host-<mark>` in the system's directory for temporary files, where the mark
 * tells which process it belongs to. An instance makes its own when it first uses it, and it is removed with the instance;
 * those of processes that were killed are swept.
 */
import { lstat, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, markOwner, newMark, parseMark } from '@chipmunk-host/runtime/internal';
import { removeTree } from '../../shared/tree-removal.js';

const PREFIX = 'chipmunk-host-';
/** A directory of another container, or from before the last boot, is reported only when it is this old: its owner cannot be checked. */
const FOREIGN_AGE_MS = 24 * 60 * 60 * 1000;

/** A temporary directory whose process is gone, or seems to be. */
export interface LeftoverDirectory {
  readonly path: string;
  readonly madeAt: Date;
  /**
   * `removed`: it was removed now. `failed`: it could not be. `foreign`: it is a day old, and was made in another container or
   * before this machine was last started, so it is left alone.
   */
  readonly outcome: 'removed' | 'failed' | 'foreign';
  /** Why it could not be removed. */
  readonly reason?: string;
}

/** A path that no other instance has. Nothing is made there. */
export function newTemporaryDirectory(): string {
  return join(tmpdir(), `${PREFIX}${newMark()}`);
}

/** Removes what an instance left of it. @returns why it could not be removed; undefined when it is gone */
export async function removeTemporaryDirectory(path: string): Promise<string | undefined> {
  try {
    await removeTree(path);
    return undefined;
  } catch (error) {
    return `The temporary directory ${path} could not be removed; remove it by hand: ${describe(error)}`;
  }
}

/**
 * Removes the temporary directories that processes left behind which were killed. Those of living processes, of other users and of
 * other containers are left alone, and so is everything else that has such a name. Never rejects.
 */
export async function sweepTemporaryDirectories(): Promise<readonly LeftoverDirectory[]> {
  const folder = tmpdir();
  const names = await readdir(folder).catch((): string[] => []);
  const found: LeftoverDirectory[] = [];
  for (const name of names.filter((name) => name.startsWith(PREFIX))) {
    const leftover = await sweep(join(folder, name), name.slice(PREFIX.length));
    if (leftover !== undefined) found.push(leftover);
  }
  return found;
}

async function sweep(path: string, name: string): Promise<LeftoverDirectory | undefined> {
  const mark = parseMark(name);
  if (mark === undefined || !(await isOwn(path))) return undefined;
  const { madeAt } = mark;
  const owner = markOwner(mark);
  if (owner === 'unknown')
    return Date.now() - madeAt.getTime() > FOREIGN_AGE_MS ? { path, madeAt, outcome: 'foreign' } : undefined;
  if (owner === 'alive') return undefined;
  try {
    await removeTree(path);
    return { path, madeAt, outcome: 'removed' };
  } catch (error) {
    return { path, madeAt, outcome: 'failed', reason: describe(error) };
  }
}

/** A directory and no link, of this user: others can give theirs any name. */
async function isOwn(path: string): Promise<boolean> {
  const status = await lstat(path).catch(() => undefined);
  if (status === undefined || !status.isDirectory()) return false;
  return process.getuid === undefined || status.uid === process.getuid();
}
