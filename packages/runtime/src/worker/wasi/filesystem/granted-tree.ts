/** A directory that was granted: its root, what may be done in it, and which names of it can be seen. */
import { realpathSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { describe, HostError } from '../../../shared/errors.js';
import { makeFolderSync } from '../../../shared/system/make-folder.js';
import {
  DEFAULT_STORAGE_QUOTA,
  type DirectoryGrant,
  type TemporaryDirectoryGrant,
  type WasiGrants,
} from '../../../shared/wasi-grants.js';
import type { HostDirectory, HostDirectoryOpener } from './host-directory.js';
import { StorageQuota } from './storage-quota.js';

/**
 * Names that can be seen in the root. For a name that was a link to somewhere in the same directory when it was granted:
 * the names that lead there, which were granted with it.
 */
export type VisibleNames = ReadonlyMap<string, readonly string[] | undefined>;

export class GrantedTree {
  readonly guestPath: string;
  readonly isWritable: boolean;
  readonly visible: VisibleNames | undefined;
  readonly quota: StorageQuota | undefined;
  readonly #open: () => HostDirectory;
  #root: HostDirectory | undefined;

  constructor(
    guestPath: string,
    open: () => HostDirectory,
    rights: { isWritable: boolean; visible?: VisibleNames | undefined; quota?: StorageQuota },
  ) {
    this.guestPath = guestPath;
    this.isWritable = rights.isWritable;
    this.visible = rights.visible;
    this.quota = rights.quota;
    this.#open = open;
  }

  /** Opened when first asked for, and then the same until it is closed. */
  root(): HostDirectory {
    this.#root ??= this.#open();
    return this.#root;
  }

  close(): void {
    const root = this.#root;
    // First, so that a thread that is stopped in between does not close the same descriptor again: it may be another's by then.
    this.#root = undefined;
    root?.close();
  }
}

/** @throws HostError when a directory that is granted cannot be opened. */
export function grantedTrees(
  grants: WasiGrants,
  open: HostDirectoryOpener,
  onTemporaryFault: (error: unknown) => void,
): GrantedTree[] {
  const trees: GrantedTree[] = [];
  try {
    for (const grant of grants.directories ?? []) trees.push(directoryTree(grant, open));
  } catch (error) {
    for (const tree of trees) tree.close();
    throw error;
  }
  if (grants.temporaryDirectory !== undefined)
    trees.push(temporaryTree(grants.temporaryDirectory, open, onTemporaryFault));
  return trees;
}

function directoryTree(grant: DirectoryGrant, open: HostDirectoryOpener): GrantedTree {
  const notName = grant.only?.find((name) => basename(name) !== name || name === '' || name === '.' || name === '..');
  if (notName !== undefined)
    throw new HostError('ERR_CONFIG', `'${notName}' is not the name of an entry of ${grant.hostPath}.`);
  try {
    const path = realpathSync(grant.hostPath);
    const tree = new GrantedTree(grant.guestPath, () => open(path), {
      isWritable: grant.access === 'read-write',
      visible: grant.only && new Map(grant.only.map((name) => [name, linkedNames(path, name)])),
    });
    // At once: what is granted is this directory, not whatever has its path later.
    tree.root();
    return tree;
  } catch (cause) {
    throw new HostError('ERR_CONFIG', `The directory ${grant.hostPath} cannot be granted: ${describe(cause)}`, {
      cause,
    });
  }
}

function temporaryTree(
  grant: TemporaryDirectoryGrant,
  open: HostDirectoryOpener,
  onFault: (error: unknown) => void,
): GrantedTree {
  const make = () => {
    try {
      makeFolderSync(grant.hostPath, 0o700);
      // A link in the last place is refused: nobody but this process makes that directory.
      return open(join(realpathSync(dirname(grant.hostPath)), basename(grant.hostPath)));
    } catch (error) {
      onFault(error);
      throw error;
    }
  };
  const quota = new StorageQuota({ ...DEFAULT_STORAGE_QUOTA, ...grant.quota });
  return new GrantedTree(grant.guestPath, make, { isWritable: true, quota });
}

/** `current.log -> logs/today.log`, granted by its name: the plugin is meant to read it. */
function linkedNames(root: string, name: string): readonly string[] | undefined {
  try {
    const target = realpathSync(join(root, name));
    const names = relative(root, target).split(sep);
    const isInside = target.startsWith(root.endsWith(sep) ? root : root + sep);
    return isInside && (names.length > 1 || names[0] !== name) ? names : undefined;
  } catch {
    return undefined;
  }
}
