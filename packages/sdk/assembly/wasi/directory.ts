/** What is in a directory that the host has granted. */
import { freeReceived } from '../calls';
import { loadText } from '../text';
import { fileErrorText } from './file-errors';
import { answer, DescriptorType, dropDescriptor, dropListing, nextEntry, openListing } from './filesystem';
import { openGranted } from './granted-directories';

/** A name in a directory. */
export class DirectoryEntry {
  constructor(
    readonly name: string,
    readonly isFile: bool,
    readonly isDirectory: bool,
  ) {}
}

/** The names in a directory, or why they cannot be told. */
export class DirectoryResult {
  constructor(
    /** In no order; empty when there is an error. */
    readonly entries: DirectoryEntry[],
    /** Does not repeat the path. */
    readonly error: string | null,
  ) {}
}

/** Lists a directory that was configured, one below it, or the granted part of one that a configured file lies in. */
export function readDirectory(path: string): DirectoryResult {
  const opened = openGranted(path);
  if (opened.error !== null) return new DirectoryResult([], opened.error);
  openListing(opened.descriptor, answer);
  const result = load<u8>(answer) == 0 ? listed(load<i32>(answer, 4)) : failed(load<u8>(answer, 4));
  dropDescriptor(opened.descriptor);
  return result;
}

function listed(listing: i32): DirectoryResult {
  const entries: DirectoryEntry[] = [];
  let result = new DirectoryResult(entries, null);
  while (true) {
    nextEntry(listing, answer);
    if (load<u8>(answer) != 0) {
      result = failed(load<u8>(answer, 4));
      break;
    }
    if (load<u8>(answer, 4) == 0) break;
    const type = load<u8>(answer, 8);
    const name = loadText(answer + 12);
    freeReceived(load<usize>(answer, 12));
    entries.push(new DirectoryEntry(name, type == DescriptorType.RegularFile, type == DescriptorType.Directory));
  }
  dropListing(listing);
  return result;
}

function failed(code: u8): DirectoryResult {
  return new DirectoryResult([], fileErrorText(code));
}
