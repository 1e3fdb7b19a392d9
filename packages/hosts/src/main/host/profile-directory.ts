/** The directory of CPU profiles, looked at before a session starts: who asks for profiles has to get them. */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { HostError } from '@chipmunk-host/runtime';
import { describe } from '@chipmunk-host/runtime/internal';

/**
 * Makes it, if it is not there.
 * @throws HostError `ERR_INVALID_OPTION` when nothing can be written there, or this Node was built without its inspector
 */
export function requireProfileDirectory(directory: string | undefined): string | undefined {
  if (directory === undefined) return undefined;
  if (!process.features.inspector)
    throw new HostError('ERR_INVALID_OPTION', 'The option cpuProfileDirectory needs a Node that has its inspector.');
  // The current directory of the process may be another one later.
  const path = resolve(directory);
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK);
  } catch (cause) {
    const message = `The option cpuProfileDirectory is '${directory}', where nothing can be written: ${describe(cause)}`;
    throw new HostError('ERR_INVALID_OPTION', message, { cause, help: 'Name a directory that can be written to.' });
  }
  return path;
}
