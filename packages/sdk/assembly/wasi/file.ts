/** Files that the host has granted, opened for reading. */
import { freeReceived } from '../calls';
import { fileErrorText } from './file-errors';
import { answer, DescriptorType, dropDescriptor, read, stat } from './filesystem';
import { openGranted } from './granted-directories';

const CLOSED: i32 = -1;

/** An open file, or why there is none. */
export class FileResult {
  constructor(
    /** Null when there is an error. */
    readonly file: File | null,
    /** Why the file cannot be read; null when it can. Does not repeat the path. */
    readonly error: string | null,
  ) {}
}

export class File {
  /** Why the latest `read` or `size` failed; null when it did not. */
  error: string | null = null;

  private constructor(private descriptor: i32) {}

  /**
   * Opens a file by a path as the configuration has it, or by one below a configured directory. Files stay open from
   * call to call until they are closed.
   */
  static open(path: string): FileResult {
    const opened = openGranted(path);
    if (opened.error !== null) return new FileResult(null, opened.error);
    if (opened.type == DescriptorType.RegularFile) return new FileResult(new File(opened.descriptor), null);
    dropDescriptor(opened.descriptor);
    const isDirectory = opened.type == DescriptorType.Directory;
    return new FileResult(null, isDirectory ? 'it is a directory' : 'it is not a regular file');
  }

  /**
   * Copies bytes of the file to an address and returns how many: fewer than `length` only at the end of the file, and -1
   * when reading failed. `length` is below 2 GiB.
   */
  read(address: usize, length: i32, position: u64): i32 {
    let done: i32 = 0;
    if (!this.isOpen()) return -1;
    while (done < length) {
      // A host may deliver less than it was asked for.
      read(this.descriptor, <u64>(length - done), position + <u64>done, answer);
      if (!this.succeeded()) return -1;
      const bytes = load<usize>(answer, 4);
      const count = min<i32>(load<i32>(answer, 8), length - done);
      const isEnd = load<u8>(answer, 12) != 0;
      memory.copy(address + <usize>done, bytes, count);
      freeReceived(bytes);
      done += count;
      if (isEnd || count == 0) break;
    }
    return done;
  }

  /** Bytes of the file as it is now; -1 when they cannot be told. */
  get size(): i64 {
    if (!this.isOpen()) return -1;
    stat(this.descriptor, answer);
    if (load<u8>(answer) == 0) {
      this.error = null;
      return load<i64>(answer, 24);
    }
    this.error = fileErrorText(load<u8>(answer, 8));
    return -1;
  }

  /** Lets go of the file. Calling it again does nothing. */
  close(): void {
    if (this.descriptor == CLOSED) return;
    dropDescriptor(this.descriptor);
    this.descriptor = CLOSED;
  }

  private isOpen(): bool {
    this.error = this.descriptor == CLOSED ? 'the file was closed' : null;
    return this.descriptor != CLOSED;
  }

  private succeeded(): bool {
    if (load<u8>(answer) == 0) return true;
    this.error = fileErrorText(load<u8>(answer, 4));
    return false;
  }
}
