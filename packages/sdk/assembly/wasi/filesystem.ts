/**
 * The functions of WASI that read files, flat as the canonical ABI has them. A plugin's component imports those that the
 * plugin reaches: one that reads no files knows nothing of WASI. For the same reason all globals of this folder are lazy.
 */
import { allocateBlock, freeBlock } from '../blocks';
import { encode } from '../text';
import { fileErrorText } from './file-errors';

/** Cases of `descriptor-type`. */
export const enum DescriptorType {
  Unknown,
  BlockDevice,
  CharacterDevice,
  Directory,
  Fifo,
  SymbolicLink,
  RegularFile,
  Socket,
}

// @ts-ignore: decorator
@external("wasi:filesystem/preopens@0.2.0", "get-directories")
export declare function getDirectories(answer: usize): void;

// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.0", "[method]descriptor.open-at")
declare function openAt(
  descriptor: i32,
  pathFlags: i32,
  path: usize,
  length: usize,
  openFlags: i32,
  flags: i32,
  answer: usize,
): void;

// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.0", "[method]descriptor.get-type")
declare function getType(descriptor: i32, answer: usize): void;

// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.0", "[method]descriptor.stat")
export declare function stat(descriptor: i32, answer: usize): void;

// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.0", "[method]descriptor.read")
export declare function read(descriptor: i32, length: u64, offset: u64, answer: usize): void;

// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.0", "[method]descriptor.read-directory")
export declare function openListing(descriptor: i32, answer: usize): void;

// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.0", "[method]directory-entry-stream.read-directory-entry")
export declare function nextEntry(listing: i32, answer: usize): void;

// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.0", "[resource-drop]descriptor")
export declare function dropDescriptor(descriptor: i32): void;

// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.0", "[resource-drop]directory-entry-stream")
export declare function dropListing(listing: i32): void;

/** The host writes each answer here; `stat` has the longest. Used up before the next call. */
// @ts-ignore: decorator
@lazy
export const answer = memory.data(104, 8);

const FOLLOW_LINKS: i32 = 1;
const FOR_READING: i32 = 1;

/** What a path below a granted directory leads to. */
export class Opened {
  constructor(
    /** The open file or directory, which the caller drops; -1 when there is an error. */
    readonly descriptor: i32,
    readonly type: DescriptorType,
    readonly error: string | null,
  ) {}

  static failed(error: string): Opened {
    return new Opened(-1, DescriptorType.Unknown, error);
  }
}

export function openBelow(directory: i32, path: string): Opened {
  // Not in the arena: a plugin may open any number of files in one call.
  const text = allocateBlock(<usize>path.length * 3);
  openAt(directory, FOLLOW_LINKS, text, encode(path, text), 0, FOR_READING, answer);
  freeBlock(text);
  if (load<u8>(answer) != 0) return Opened.failed(fileErrorText(load<u8>(answer, 4)));
  const descriptor = load<i32>(answer, 4);
  getType(descriptor, answer);
  if (load<u8>(answer) == 0) return new Opened(descriptor, load<u8>(answer, 1), null);
  dropDescriptor(descriptor);
  return Opened.failed(fileErrorText(load<u8>(answer, 1)));
}
