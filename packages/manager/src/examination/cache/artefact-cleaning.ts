/**
 * Removes transpiled components that no plugin uses. What belonged to a plugin that is gone goes at once; what nobody here has
 * ever known, such as a plugin that is used by its path, or another version's output, goes when it has not been made anew
 * for a while.
 */
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArtefactFolder } from '@chipmunk-host/runtime/internal';

const STALE_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * @param used hashes of binaries that are used
 * @param known hashes of all binaries that plugins are known to have had
 */
export async function cleanArtefacts(
  directory: string,
  toolchain: string,
  used: ReadonlySet<string>,
  known: ReadonlySet<string>,
): Promise<void> {
  for (const name of await readdir(directory).catch((): string[] => [])) {
    const folder = parseArtefactFolder(name, toolchain);
    if (folder === undefined || (used.has(folder.hash) && folder.isOfToolchain)) continue;
    const path = join(directory, name);
    const isGone = known.has(folder.hash) && !used.has(folder.hash);
    if (isGone || (await isStale(path))) await rm(path, { recursive: true, force: true });
  }
}

async function isStale(path: string): Promise<boolean> {
  const status = await lstat(path).catch(() => undefined);
  return status !== undefined && Date.now() - status.mtimeMs > STALE_MS;
}
