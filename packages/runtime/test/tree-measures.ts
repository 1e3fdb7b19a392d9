/** Measures of trees that may be too deep to be named by a path. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Of the longest way down: names in the path below the directory, and its bytes with a separator each. */
export async function longestWay(directory: string): Promise<{ levels: number; bytes: number }> {
  let [levels, bytes] = [0, 0];
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const below = entry.isDirectory() ? await longestWay(join(directory, entry.name)) : { levels: 0, bytes: 0 };
    levels = Math.max(levels, below.levels + 1);
    bytes = Math.max(bytes, below.bytes + 1 + Buffer.byteLength(entry.name));
  }
  return { levels, bytes };
}
