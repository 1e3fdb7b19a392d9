/** Paths that callers give. */
import { resolve } from 'node:path';
import { environmentFault } from './environment-fault.js';

/**
 * As `resolve` of `node:path`: absolute, from the working directory where it is relative.
 * @throws EnvironmentError for a relative path when the working directory was deleted
 */
export function absolutePath(path: string): string {
  try {
    return resolve(path);
  } catch (error) {
    throw environmentFault(error, `'${path}' is relative to the working directory, which does not exist`) ?? error;
  }
}
