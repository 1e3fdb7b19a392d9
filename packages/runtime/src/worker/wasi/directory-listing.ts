/** Listings of directories, entry by entry: however many there are, few are in the host's memory at a time. */
import { type Dir, type Dirent, lstatSync } from 'node:fs';
import { DirectoryEntryStream } from './descriptors.js';
import { descriptorType } from './file-times.js';
import type { OpenFileParts } from './open-file.js';
import type { PathBase } from './path-resolution.js';
import { fileErrorCode } from './refusal.js';

const ENTRIES_AT_ONCE = 128;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export interface ListedEntry {
  readonly name: string;
  readonly type: number;
}

export function openListing(base: PathBase, parts: OpenFileParts): DirectoryEntryStream {
  parts.openFiles.acquire();
  try {
    // As bytes: names need not be UTF-8.
    const options = { encoding: 'buffer' as BufferEncoding, bufferSize: ENTRIES_AT_ONCE };
    return new DirectoryEntryStream(parts.ledger.openListing(base.directory.child('.'), options), base, parts);
  } catch (error) {
    parts.openFiles.release();
    throw error;
  }
}

/** The next entry that the plugin may see; undefined at the end. */
export function nextEntry({ entries, base }: DirectoryEntryStream): ListedEntry | undefined {
  const { visible } = base.tree;
  for (let entry = read(entries); entry !== null; entry = read(entries)) {
    const name = nameOf(entry);
    // A name that is not UTF-8 has no WASI path, so it could not be opened either.
    if (name === undefined) continue;
    if (base.isRoot && visible !== undefined && !visible.has(name)) continue;
    const type = descriptorType(entry) || typeOf(base, name);
    if (type !== undefined) return { name, type };
  }
  return undefined;
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
