/**
 * Folders for work in progress, one for each operation: `staging/<mark>/`. What is in them is on the file system of the plugins,
 * so that it can be moved into place in one step. The mark says whose folder it is; those of killed processes are cleaned up
 * by `recover` (recovery.ts).
 */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { markOwner, newMark, parseMark } from '@chipmunk-host/runtime/internal';
import { makeFolder } from './durable-files.js';
import { isMissing } from './store-errors.js';
import type { StoreLayout } from './store-layout.js';

/** Folders of this process that it could not remove. Others that bear its mark may be in use, by another thread too. */
const givenUp = new Set<string>();
/** A folder of another machine's process, which cannot be asked after, is left alone for so long. */
const FOREIGN_AGE_MS = 24 * 60 * 60 * 1000;

export class StagingFolder implements AsyncDisposable {
  readonly path: string;
  #isGivenUp = false;

  private constructor(path: string) {
    this.path = path;
  }

  /** @throws HostError `ERR_STORE_WRITE` */
  static async create(layout: StoreLayout): Promise<StagingFolder> {
    const path = join(layout.staging, newMark());
    await makeFolder(path);
    return new StagingFolder(path);
  }

  /** It holds what is needed to bring a change to an end, which failed: it stays until `recover` can do that. */
  giveUp(): void {
    this.#isGivenUp = true;
    givenUp.add(this.path);
  }

  /** Removes it. What cannot be removed now is a leftover, which `recover` removes when it can. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isGivenUp) return;
    await rm(this.path, { recursive: true, force: true }).catch(() => givenUp.add(this.path));
  }
}

/**
 * Folders whose operation has ended without cleaning up.
 * @throws the system's error when the folder of all cannot be read
 */
export async function abandonedFolders(layout: StoreLayout): Promise<readonly string[]> {
  let names: readonly string[];
  try {
    names = await readdir(layout.staging);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
  const abandoned: string[] = [];
  for (const name of names) {
    const path = join(layout.staging, name);
    if (await isAbandoned(path, name)) abandoned.push(path);
  }
  return abandoned;
}

async function isAbandoned(path: string, name: string): Promise<boolean> {
  const mark = parseMark(name);
  const owner = mark === undefined ? 'unknown' : markOwner(mark);
  if (owner === 'dead') return true;
  if (owner === 'alive') return givenUp.has(path);
  const status = await stat(path).catch(() => undefined);
  return status !== undefined && Date.now() - status.mtimeMs > FOREIGN_AGE_MS;
}
