/** What a plugin holds of the file system: directories, files, and listings under way. */

import type { Resource } from '../handle-table.js';
import type { GrantedTree } from './granted-tree.js';
import { type HostDirectory, isSameDirectory } from './host-directory.js';
import type { OpenFile, OpenFileCount } from './open-file.js';
import type { PathBase } from './path-resolution.js';
import { Refusal } from './refusal.js';

/** Bits of `descriptor-flags`. */
export const DescriptorFlags = {
  read: 1,
  write: 2,
  fileIntegritySync: 4,
  dataIntegritySync: 8,
  requestedWriteSync: 16,
  mutateDirectory: 32,
} as const;

export abstract class Descriptor implements Resource {
  abstract readonly flags: number;
  abstract dispose(): void;

  file(): FileDescriptor {
    throw new Refusal('bad-descriptor');
  }

  directory(): DirectoryDescriptor {
    throw new Refusal('not-directory');
  }
}

export class FileDescriptor extends Descriptor {
  readonly flags: number;
  readonly open: OpenFile;
  /** The tree that it was opened in. */
  readonly tree: GrantedTree;

  constructor(open: OpenFile, tree: GrantedTree, flags: number) {
    super();
    this.open = open;
    this.tree = tree;
    this.flags = flags;
  }

  override file(): FileDescriptor {
    return this;
  }

  readable(): OpenFile {
    if ((this.flags & DescriptorFlags.read) === 0) throw new Refusal('bad-descriptor');
    return this.open;
  }

  writable(): OpenFile {
    if ((this.flags & DescriptorFlags.write) === 0) throw new Refusal('bad-descriptor');
    return this.open;
  }

  /** For setting its times, which asks for the right to change the file, but not to have it open for writing. */
  ownTimes(): OpenFile {
    if (!this.tree.isWritable) throw new Refusal('not-permitted');
    return this.open;
  }

  dispose(): void {
    this.open.release();
  }
}

export class DirectoryDescriptor extends Descriptor {
  readonly tree: GrantedTree;
  readonly #opened: HostDirectory | undefined;
  readonly #count: OpenFileCount | undefined;

  /** Without `opened`, it is the tree's root: which is opened when it is first used, and not the descriptor's to close. */
  constructor(tree: GrantedTree, opened?: { readonly directory: HostDirectory; readonly count: OpenFileCount }) {
    super();
    this.tree = tree;
    this.#opened = opened?.directory;
    this.#count = opened?.count;
  }

  get flags(): number {
    return DescriptorFlags.read | (this.tree.isWritable ? DescriptorFlags.mutateDirectory : 0);
  }

  get base(): PathBase {
    return { tree: this.tree, directory: this.held(), isRoot: this.#isRoot() };
  }

  held(): HostDirectory {
    return this.#opened ?? this.tree.root();
  }

  override directory(): DirectoryDescriptor {
    return this;
  }

  /** For what changes the directory. */
  writable(): PathBase {
    if (!this.tree.isWritable) throw new Refusal('not-permitted');
    return this.base;
  }

  dispose(): void {
    this.#opened?.close();
    this.#count?.release();
  }

  /** By what it is, not by how it was come by: a plugin can open `.`, and `a/..`. */
  #isRoot(): boolean {
    if (this.#opened === undefined) return true;
    return isSameDirectory(this.#opened, this.tree.root());
  }
}

export interface ListedEntry {
  readonly name: string;
  readonly type: number;
}

export interface Listing {
  /** The next entry that the plugin may see; undefined at the end. */
  next(): ListedEntry | undefined;
  close(): void;
}

export class DirectoryEntryStream implements Resource {
  readonly entries: Listing;
  readonly #count: OpenFileCount;

  /** Takes over the listing, and one place of the open files that are counted. */
  constructor(entries: Listing, count: OpenFileCount) {
    this.entries = entries;
    this.#count = count;
  }

  dispose(): void {
    this.entries.close();
    this.#count.release();
  }
}
