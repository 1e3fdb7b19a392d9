/** From patterns and directories to the files that they name. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HostError } from '@chipmunk-host/runtime/internal/shared';
import { inNaturalOrder, oldestFirst } from './file-order.js';
import type { FilesRequest } from './files-options.js';

/**
 * The files in the order in which they are read.
 * @throws HostError `ERR_SOURCE_OPEN` when nothing matches a pattern, or a directory is named without one
 */
export async function expandFiles({
  files,
  glob: areGlobs,
  pattern,
  order,
}: Omit<FilesRequest, 'opened'>): Promise<readonly string[]> {
  const found: string[] = [];
  for (const file of files) {
    if (areGlobs === true && !(await exists(file))) found.push(...(await matches(file, undefined)));
    else if (await isDirectory(file)) found.push(...(await filesOf(file, pattern)));
    else found.push(file);
  }
  const distinct = areGlobs === true || pattern !== undefined ? [...new Set(found)] : found;
  return order === 'oldest-first' ? oldestFirst(distinct) : distinct;
}

async function filesOf(directory: string, pattern: string | undefined): Promise<readonly string[]> {
  if (pattern === undefined)
    throw new HostError('ERR_SOURCE_OPEN', `'${directory}' is a directory; expected a file.`, {
      help: "Say which of its files are meant with the option `pattern`, such as '*.log'.",
    });
  return matches(pattern, directory);
}

async function matches(pattern: string, directory: string | undefined): Promise<readonly string[]> {
  const { glob } = await import('tinyglobby');
  const names = await glob(pattern, {
    ...(directory === undefined ? {} : { cwd: directory }),
    expandDirectories: false,
    onlyFiles: true,
  }).catch((cause: Error) => {
    throw new HostError('ERR_SOURCE_OPEN', `Cannot look for '${pattern}': ${cause.message}`, { cause });
  });
  if (names.length === 0) {
    const where = directory === undefined ? '' : ` in '${directory}'`;
    throw new HostError('ERR_SOURCE_OPEN', `No file matches '${pattern}'${where}.`, {
      help: "'*' stands for any characters of a name, '**' for any directories. Names that begin with a dot are matched by patterns that do.",
    });
  }
  return inNaturalOrder(directory === undefined ? names : names.map((name) => join(directory, name)));
}

/** A name that has characters of patterns may be a file's own. */
async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
