/** What this process may do with a path. */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';

/** @param mode of `access`, such as `constants.W_OK`. Default: whether something is there */
export function isAccessible(path: string, mode = constants.F_OK): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
