/** What a file has to be to be read by a worker. */
import { stat } from 'node:fs/promises';
import { HostError } from '@chipmunk-host/runtime';

/** Anything else than a regular file could block the worker when it is opened or read. */
export async function requireRegularFile(path: string): Promise<void> {
  const status = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    const what = cause.code === 'ENOENT' ? `There is no file '${path}'.` : `Cannot use '${path}': ${cause.message}`;
    throw new HostError('ERR_SOURCE_OPEN', what, { cause, help: 'Check the path and the rights to it.' });
  });
  if (status.isFile()) return;
  const kind = status.isDirectory() ? 'a directory' : 'not a regular file';
  throw new HostError('ERR_SOURCE_OPEN', `'${path}' is ${kind}; expected a file.`, { help: 'Name a log file.' });
}
