/** Files and renames that outlive a crash: what a function here has done is on the disk when it returns. */
import { constants, type FileHandle, open, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder as make } from '@chipmunk-host/runtime/internal';
import { unreadable, unwritable } from './store-errors.js';

/**
 * Writes a new file.
 * @param bytes what it throws is passed on
 * @throws HostError `ERR_STORE_WRITE`
 */
export async function writeNewFile(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  let file: FileHandle;
  try {
    file = await open(path, 'wx');
  } catch (error) {
    throw unwritable(path, error);
  }
  try {
    for await (const chunk of bytes) await changing(path, () => file.writeFile(chunk));
    await changing(path, () => file.sync());
  } finally {
    await file.close();
  }
}

/**
 * Makes a folder and those that it lies in, as far as they are missing.
 * @throws HostError `ERR_STORE_WRITE`
 */
export async function makeFolder(path: string): Promise<void> {
  await changing(path, () => make(path));
}

/**
 * Puts a file in the place of another, or of none, in one step.
 * @param workFolder a folder on the same file system, to be cleaned up by its owner
 * @throws HostError `ERR_STORE_WRITE`; the file is as it was then
 */
export async function replaceFile(path: string, content: string | Uint8Array, workFolder: string): Promise<void> {
  const fresh = join(workFolder, 'fresh');
  await makeFolder(dirname(path));
  await changing(path, async () => {
    // Another user who may write to it could decide what is run.
    await writeFile(fresh, content, { flush: true, mode: 0o600 });
    await rename(fresh, path);
  });
  await syncDirectory(dirname(path));
}

/** Renames in a folder are on the disk after this. Where folders cannot be synchronised (Windows) the system sees to it. */
export async function syncDirectory(path: string): Promise<void> {
  try {
    const folder = await open(path, constants.O_RDONLY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch {
    // What was done stays done; only a loss of power could still undo it.
  }
}

/**
 * The bytes of a regular file, and of nothing that a link points to: opening it neither follows a link nor waits for the other
 * end of a pipe.
 * @throws HostError `ERR_STORE_SOURCE`, also when the file goes away meanwhile
 */
export async function* readRegularFile(path: string): AsyncGenerator<Uint8Array> {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  let file: FileHandle | undefined;
  try {
    file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const status = await file.stat();
    if (!status.isFile()) throw new Error('it is not a regular file');
    for (;;) {
      const { bytesRead, buffer } = await file.read(new Uint8Array(READ_BYTES));
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    await file?.close();
  }
}

const READ_BYTES = 256 * 1024;

/** @throws HostError `ERR_STORE_WRITE` in place of the system's error */
export async function changing<Value>(path: string, change: () => Promise<Value>): Promise<Value> {
  try {
    return await change();
  } catch (error) {
    throw unwritable(path, error);
  }
}
