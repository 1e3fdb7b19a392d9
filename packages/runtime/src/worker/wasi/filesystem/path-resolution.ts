/**
 * From a path that a plugin gives to a directory and a name in it, one component after the other. The plugin has the
 * directory it starts from and what lies below: `..` does not climb above it, an absolute path has no meaning in it, and links
 * are followed here, by the same rules, never by the machine.
 */
import { type BigIntStats, lstatSync, readlinkSync } from 'node:fs';
import type { GrantedTree } from './granted-tree.js';
import type { DirectoryIdentity, HostDirectory } from './host-directory.js';
import { fileErrorCode, Refusal } from './refusal.js';

/** As many as Linux follows. */
const MAX_LINKS = 40;

/** A directory that the plugin holds, as the start of paths. */
export interface PathBase {
  readonly tree: GrantedTree;
  readonly directory: HostDirectory;
  /** Whether it is the root of its tree, where only the granted names can be seen. */
  readonly isRoot: boolean;
}

/** Where a path leads: a name in a directory, which need not exist. */
export interface Place {
  readonly directory: HostDirectory;
  /** `.` when the path leads to the directory itself. */
  readonly name: string;
  /** What is there now; a link only when links in the last place were not to be followed. */
  readonly found: BigIntStats | undefined;
}

interface Component {
  readonly name: string;
  /** Part of what a granted name led to when it was granted: seen, whether its own name was granted or not. */
  readonly isGranted: boolean;
}

/** Resolves a path and calls back with the place, whose directory is open until the callback returns. */
export function atPath<T>(base: PathBase, path: string, followLast: boolean, use: (place: Place) => T): T {
  const walk = new Walk(base, path);
  try {
    return use(walk.run(followLast));
  } finally {
    walk.close();
  }
}

class Walk {
  readonly #base: PathBase;
  /** What is left to walk, the next component last. */
  readonly #left: Component[];
  /** Where the walk is: the only directory that it holds open beside the base's, however long the way. */
  #directory: HostDirectory;
  /** The directories around that one; the first is the base's. `..` leads back to them, or nowhere. */
  readonly #above: DirectoryIdentity[] = [];
  /** How far up `..` may climb: so many directories stay above. A linked name grants what it leads to, not what lies around it. */
  #floor = 0;
  #links = 0;

  constructor(base: PathBase, path: string) {
    if (path === '') throw new Refusal('no-entry');
    this.#base = base;
    this.#directory = base.directory;
    this.#left = components(path, false);
  }

  run(followLast: boolean): Place {
    for (;;) {
      const next = this.#left.pop();
      if (next === undefined) return this.#here();
      if (next.name === '.') continue;
      if (next.name === '..') {
        this.#climb();
        continue;
      }
      this.#requireVisible(next);
      const directory = this.#directory;
      const isLast = this.#left.length === 0;
      const found = statOf(directory, next.name);
      if (found?.isSymbolicLink() && (followLast || !isLast)) this.#follow(next, directory);
      else if (isLast) return { directory, name: next.name, found };
      else this.#enter(next, directory, found);
    }
  }

  close(): void {
    this.#moveTo(this.#base.directory);
  }

  /** The next directory is open before the one that leads to it is closed. */
  #moveTo(directory: HostDirectory): void {
    const left = this.#directory;
    this.#directory = directory;
    if (left !== this.#base.directory) left.close();
  }

  #here(): Place {
    const directory = this.#directory;
    return { directory, name: '.', found: statOf(directory, '.') };
  }

  #climb(): void {
    const around = this.#above.at(-1);
    if (around === undefined || this.#above.length <= this.#floor) throw new Refusal('not-permitted');
    this.#moveTo(this.#above.length === 1 ? this.#base.directory : this.#directory.leave(around));
    this.#above.pop();
  }

  #atRoot(): boolean {
    return this.#base.isRoot && this.#above.length === 0;
  }

  #requireVisible({ name, isGranted }: Component): void {
    const { visible } = this.#base.tree;
    if (visible !== undefined && this.#atRoot() && !isGranted && !visible.has(name)) throw new Refusal('no-entry');
  }

  #follow({ name, isGranted }: Component, directory: HostDirectory): void {
    if (++this.#links > MAX_LINKS) throw new Refusal('loop');
    const granted = this.#atRoot() && !isGranted ? this.#base.tree.visible?.get(name) : undefined;
    if (granted !== undefined) {
      for (const part of granted.toReversed()) this.#left.push({ name: part, isGranted: true });
      return;
    }
    const target = readlinkSync(directory.child(name));
    if (target === '') throw new Refusal('no-entry');
    this.#left.push(...components(target, true));
  }

  #enter({ name, isGranted }: Component, directory: HostDirectory, found: BigIntStats | undefined): void {
    if (found === undefined) throw new Refusal('no-entry');
    if (!found.isDirectory()) throw new Refusal('not-directory');
    const { device, inode } = directory;
    this.#moveTo(directory.enter(name));
    this.#above.push({ device, inode });
    if (isGranted) this.#floor = this.#above.length;
  }
}

/** In reverse, so that the next one is popped. A slash at the end asks for a directory, as `.` does. */
function components(path: string, isLink: boolean): Component[] {
  if (path.startsWith('/') || (isLink && isAbsoluteOnWindows(path))) throw new Refusal('not-permitted');
  // A link made on Windows has its own separators.
  const parts = (isLink && process.platform === 'win32' ? path.replaceAll('\\', '/') : path).split('/');
  const last = parts.pop();
  const names = parts.filter((part) => part !== '');
  names.push(last === undefined || last === '' ? '.' : last);
  return names.toReversed().map((name) => ({ name, isGranted: false }));
}

function isAbsoluteOnWindows(path: string): boolean {
  return process.platform === 'win32' && /^(?:[a-z]:|\\)/i.test(path);
}

function statOf(directory: HostDirectory, name: string): BigIntStats | undefined {
  try {
    return lstatSync(directory.child(name), { bigint: true });
  } catch (error) {
    if (fileErrorCode(error) === 'no-entry') return undefined;
    throw error;
  }
}
