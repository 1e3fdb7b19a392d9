/** Reads a plugin's binary, or says what is wrong with its path. */
import type { Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { HostError, PluginInvalidError } from '@chipmunk-host/runtime';

/** Identity of a file's content, as far as the file system tells. */
export type FileStamp = string;

export function fileStamp(status: Stats): FileStamp {
  return `${status.dev}:${status.ino}:${status.size}:${status.mtimeMs}`;
}

/** @throws HostError `ERR_PLUGIN_NOT_FOUND` when it is missing, PluginInvalidError when it cannot be a plugin. */
export async function statPlugin(path: string): Promise<Stats> {
  const status = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')
      throw new HostError('ERR_PLUGIN_NOT_FOUND', `There is no plugin file '${path}'.`, {
        cause,
        help: 'Check the path.',
      });
    throw unreadable(path, cause);
  });
  if (status.isFile()) return status;
  const kind = status.isDirectory() ? 'a directory' : 'not a regular file';
  throw new PluginInvalidError(`The plugin '${path}' is ${kind}; expected a .wasm file.`, {
    plugin: path,
    help: 'Name the .wasm file itself.',
  });
}

/** @throws PluginInvalidError when it cannot be read. */
export async function readPlugin(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw unreadable(path, cause as Error);
  }
}

function unreadable(path: string, cause: Error): PluginInvalidError {
  return new PluginInvalidError(`The plugin '${path}' cannot be read: ${cause.message}`, {
    plugin: path,
    cause,
    help: 'Check the rights to the file.',
  });
}
