/** Listings of directories, entry by entry: however many there are, few are in the host's memory at a time. */
import { type Dir, type Dirent, lstatSync } from 'node:fs';
import type { DescriptorLedger } from './descriptor-ledger.js';
import { DirectoryEntryStream, type Listing } from './descriptors.js';
import { descriptorType } from './file-times.js';
import type { VisibleNames } from './granted-tree.js';
import type { OpenFileParts } from './open-file.js';
import type { PathBase } from './path-resolution.js';
import { fileErrorCode } from './refusal.js';

const ENTRIES_AT_ONCE = 128;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function openListing(base: PathBase, { openFiles, ledger }: OpenFileParts): DirectoryEntryStream {
  openFiles.acquire();
  try {
    const { visible } = base.tree;
    const isNamed = base.isRoot && visible !== undefined;
    return new DirectoryEntryStream(isNamed ? namedListing(base, visible) : listing(base, ledger), openFiles);
  } catch (error) {
    openFiles.release();
    throw error;
  }
}

/** Of the names that were granted: what lies beside them is not read, which may be very much. */
function namedListing(base: PathBase, visible: VisibleNames): Listing {
  const names = visible.keys();
  return {
    next() {
      for (const name of names) {
        const type = typeOf(base, name);
        if (type !== undefined) return { name, type };
      }
      return undefined;
    },
    close: () => {},
  };
}

function listing(base: PathBase, ledger: DescriptorLedger): Listing {
  // As bytes: names need not be UTF-8.
  const options = { encoding: 'buffer' as BufferEncoding, bufferSize: ENTRIES_AT_ONCE };
  const entries = ledger.openListing(base.directory.child('.'), options);
  return {
    next() {
      for (let entry = read(entries); entry !== null; entry = read(entries)) {
        const name = nameOf(entry);
        // A name that is not UTF-8 has no WASI path, so it could not be opened either.
        if (name === undefined) continue;
        const type = descriptorType(entry) || typeOf(base, name);
        if (type !== undefined) return { name, type };
      }
      return undefined;
    },
    close: () => ledger.closeListing(entries),
  };
}

function read(entries: Dir): Dirent | null {
  return entries.readSync();
}

function nameOf(entry: Dirent): string | undefined {
  const name: unknown = entry.name;
  try {
    return name instanceof Uint8Array ? utf8.decode(name) : String(name);
  } catch {
    return undefined;
  }
}

/** For file systems whose listings do not say it; undefined when the entry is gone. */
function typeOf(base: PathBase, name: string): number | undefined {
  try {
    return descriptorType(lstatSync(base.directory.child(name)));
  } catch (error) {
    if (fileErrorCode(error) === undefined) throw error;
    return undefined;
  }
}
