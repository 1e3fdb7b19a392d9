/**
 * Bounds how deep a plugin nests directories, and how long the paths in its tree get, counted from the tree's root. Directories
 * can be made and moved relative to one that is open, so without bounds a tree gets paths that are too long for the machine:
 * nobody can name what is in it, nor remove it by its path.
 */
import { type Dirent, readdirSync } from 'node:fs';
import type { GrantedTree } from './granted-tree.js';
import type { Place } from './path-resolution.js';
import { Refusal } from './refusal.js';

/** How deep something lies or how much lies in it: names in the path, and bytes of it with a separator each. */
interface Extent {
  readonly levels: number;
  readonly bytes: number;
}

/** Before a name is made there. @throws Refusal when it would lie too deep */
export function requireShallow(tree: GrantedTree, place: Place): void {
  if (tree.quota !== undefined) requireWithin(tree, extentOf(tree, place), NOTHING);
}

/** Before a directory is moved there, with all that is in it. @throws Refusal when something of that would lie too deep */
export function requireShallowMove(tree: GrantedTree, from: Place, to: Place): void {
  if (tree.quota === undefined) return;
  const [now, then] = [extentOf(tree, from), extentOf(tree, to)];
  const isNearer = then.levels <= now.levels && then.bytes <= now.bytes;
  const isDirectory = from.found?.isDirectory() ?? false;
  requireWithin(tree, then, isDirectory && !isNearer ? contentOf(tree, from) : NOTHING);
}

const NOTHING: Extent = { levels: 0, bytes: 0 };

function requireWithin({ quota }: GrantedTree, place: Extent, content: Extent): void {
  if (quota === undefined) return;
  const { depth, pathBytes } = quota.limits;
  if (place.levels + content.levels > depth || place.bytes + content.bytes > pathBytes)
    throw new Refusal('name-too-long');
}

/** Of a name in a directory. Where the directory lies now is asked: it may have been moved since it was opened. */
function extentOf(tree: GrantedTree, { directory, name }: Place): Extent {
  const root = tree.root().path();
  const path = directory.path();
  // A directory that was removed, or that another process moved out of the tree.
  if (path !== root && !path.startsWith(`${root}/`)) throw new Refusal('no-entry');
  const below = `${path.slice(root.length)}/${name}`;
  return { levels: below.split('/').length - 1, bytes: Buffer.byteLength(below) };
}

/** The longest way down in a directory. Nobody but this plugin makes anything there, so it is within bounds itself. */
function contentOf(tree: GrantedTree, { directory, name }: Place): Extent {
  const top = directory.child(name);
  let [levels, bytes] = [0, 0];
  const left = [''];
  for (let at = left.pop(); at !== undefined; at = left.pop()) {
    for (const entry of entriesOf(`${top}${at}`)) {
      const below = `${at}/${entry.name}`;
      levels = Math.max(levels, below.split('/').length - 1);
      bytes = Math.max(bytes, Buffer.byteLength(below));
      if (entry.isDirectory()) left.push(below);
    }
    requireWithin(tree, { levels, bytes }, NOTHING);
  }
  return { levels, bytes };
}

function entriesOf(path: string): Dirent[] {
  return readdirSync(path, { withFileTypes: true });
}
