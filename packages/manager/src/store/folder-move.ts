/**
 * Moves plugins' folders within a plugins directory: each is wholly in its old place or wholly in the new one. That is one rename, but for
 * overlay file systems (containers), which do not rename folders of a lower layer and say EXDEV, as if it were another file system. There
 * the folder is copied, and the copy is renamed:
 *
 *   1. `moved.json` notes <from> and <to>
 *   2. <from> is copied to staging/<mark>/copy
 *   3. staging/<mark>/copy -> <to>
 *   4. <from> is removed, and then `moved.json`
 *
 * A kill before 3 has changed nothing; `finishMove` does the rest of one that came later.
 */
import {
  copyFile,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  rmdir,
  symlink,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolder, replaceFile, syncDirectory } from './durable-files.js';
import { errorCode, isMissing } from './store-errors.js';

const COPY = 'copy';
const NOTE = 'moved.json';

/**
 * Never onto something that is there.
 * @param staging the staging folder of the operation
 * @throws HostError `ERR_STORE_WRITE` or the system's error; nothing was moved then, or `finishMove` finishes it
 */
export async function moveFolder(staging: string, from: string, to: string): Promise<void> {
  await makeFolder(dirname(to));
  try {
    await rename(from, to);
  } catch (error) {
    const isOtherLayer = errorCode(error) === 'EXDEV' && (await lstat(from)).isDirectory();
    if (!isOtherLayer) throw error;
    await replaceFile(join(staging, NOTE), JSON.stringify({ from, to }), staging);
    const isOneMount = await isOneFileSystem(staging, [dirname(from), dirname(to)]);
    if (isOneMount) await moveCopy(staging, from, to);
    await finishMove(staging);
    if (!isOneMount) throw error;
  }
  await Promise.all([syncDirectory(dirname(from)), syncDirectory(dirname(to))]);
}

/** Finishes a move that was cut off behind its point of no return; changes nothing if there is none. @throws the system's error */
export async function finishMove(staging: string): Promise<void> {
  const note = await readNote(staging);
  if (note === undefined) return;
  if (await isThere(note.to)) await rm(note.from, { recursive: true, force: true });
  for (const path of [note.from, note.to]) await rmdir(join(dirname(path), probeOf(staging))).catch(() => {});
  await rm(join(staging, NOTE), { force: true });
  await syncDirectory(dirname(note.from));
}

async function moveCopy(staging: string, from: string, to: string): Promise<void> {
  const copy = join(staging, COPY);
  await rm(copy, { recursive: true, force: true });
  await copyFolder(from, copy);
  await rename(copy, to);
  await syncDirectory(dirname(to));
}

/** Whether new folders can be moved from the staging folder to each of the others. If not, they are other mounts. */
async function isOneFileSystem(staging: string, folders: readonly string[]): Promise<boolean> {
  const name = probeOf(staging);
  for (const folder of folders) {
    const [probe, moved] = [join(staging, name), join(folder, name)];
    await mkdir(probe);
    try {
      await rename(probe, moved);
      await rmdir(moved);
    } catch (error) {
      await rmdir(probe).catch(() => {});
      if (errorCode(error) === 'EXDEV') return false;
      throw error;
    }
  }
  return true;
}

/** The name of the operation's probe; names with a dot are no plugins. */
function probeOf(staging: string): string {
  return `.probe-${basename(staging)}`;
}

/** As it is, links too; on the disk when it returns. */
async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { mode: (await lstat(from)).mode & 0o777 });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyFolder(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else if (entry.isFile()) await copyWhole(source, target);
    else throw new Error(`${source} is neither a file nor a folder, and cannot be copied`);
  }
  await syncDirectory(to);
}

async function copyWhole(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  const file = await open(to, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function readNote(staging: string): Promise<{ readonly from: string; readonly to: string } | undefined> {
  try {
    return JSON.parse(await readFile(join(staging, NOTE), 'utf8')) as { from: string; to: string };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Also a link to nothing is something. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
