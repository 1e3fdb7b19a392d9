/** A file that is made once and kept for the next time. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const PART_SUFFIX = '.part';
/** A file half written as old as this belongs to a run that was killed. */
const STALE_PART_MS = 10 * 60 * 1000;

export interface KeptFile {
  readonly path: string;
  /** Whether it had to be written. */
  readonly written: boolean;
}

/** The file at `path`, made of `blocks`, which are `bytes` bytes; one of another size is replaced. */
export async function keptFile(
  path: string,
  bytes: number,
  blocks: Iterable<Buffer>,
  signal: AbortSignal,
): Promise<KeptFile> {
  const status = await stat(path).catch(() => undefined);
  if (status?.isFile() && status.size === bytes) return { path, written: false };
  await mkdir(dirname(path), { recursive: true });
  await sweepParts(dirname(path));
  const part = `${path}.${randomUUID()}${PART_SUFFIX}`;
  try {
    await writeBlocks(part, blocks, signal);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  return { path, written: true };
}

async function writeBlocks(path: string, blocks: Iterable<Buffer>, signal: AbortSignal): Promise<void> {
  const file = await open(path, 'wx');
  try {
    for (const block of blocks) {
      signal.throwIfAborted();
      await file.writeFile(block);
    }
  } finally {
    await file.close();
  }
}

async function sweepParts(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.endsWith(PART_SUFFIX)) continue;
    const path = join(directory, name);
    const status = await stat(path).catch(() => undefined);
    if (status !== undefined && Date.now() - status.mtimeMs > STALE_PART_MS) await rm(path, { force: true });
  }
}
