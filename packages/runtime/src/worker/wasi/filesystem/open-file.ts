/** One regular file that a plugin holds open, through its descriptor and any number of streams on it. */
import { fdatasyncSync, fstatSync, fsyncSync, ftruncateSync, futimesSync, writeSync } from 'node:fs';
import { readAt } from '../../positional-read.js';
import type { DescriptorLedger } from './descriptor-ledger.js';
import { Refusal } from './refusal.js';
import type { StorageQuota } from './storage-quota.js';

/** How many files and directories a plugin holds open, of how many. */
export class OpenFileCount {
  readonly #limit: number;
  #open = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** WASI has no code for too many open files. */
  acquire(): void {
    if (this.#open >= this.#limit) throw new Refusal('insufficient-memory');
    this.#open++;
  }

  release(): void {
    this.#open--;
  }
}

/** What is read waits here for the plugin to give memory for it; one for the thread, since it is copied at once. */
let scratch: Buffer | undefined;

export interface OpenFileParts {
  readonly openFiles: OpenFileCount;
  readonly ledger: DescriptorLedger;
}

export class OpenFile {
  readonly #fd: number;
  readonly #parts: OpenFileParts;
  readonly #quota: StorageQuota | undefined;
  readonly #inode: bigint;
  #holders = 1;

  /** Takes over the file descriptor, and one place of those that are counted. */
  constructor(fd: number, inode: bigint, parts: OpenFileParts, quota: StorageQuota | undefined) {
    this.#fd = fd;
    this.#inode = inode;
    this.#parts = parts;
    this.#quota = quota;
    quota?.opened(inode, this.size());
  }

  retain(): this {
    this.#holders++;
    return this;
  }

  release(): void {
    if (--this.#holders > 0) return;
    const isGone = this.#quota !== undefined && this.stat().nlink === 0n;
    this.#parts.ledger.close(this.#fd);
    this.#quota?.closed(this.#inode, isGone);
    this.#parts.openFiles.release();
  }

  stat() {
    return fstatSync(this.#fd, { bigint: true });
  }

  size(): number {
    return Number(this.stat().size);
  }

  /** Good until the next read of any file; fewer bytes than asked only at the end. */
  read(maxBytes: number, offset: number): Uint8Array {
    if (scratch === undefined || scratch.length < maxBytes) scratch = Buffer.allocUnsafeSlow(maxBytes);
    return scratch.subarray(0, readAt(this.#fd, scratch.subarray(0, maxBytes), offset));
  }

  write(bytes: Uint8Array, offset: number): number {
    // At whatever offset: nothing is written, so the file gets no longer.
    if (bytes.length === 0) return 0;
    this.#quota?.allow(this.#inode, offset + bytes.length);
    const written = writeSync(this.#fd, bytes, 0, bytes.length, offset);
    this.#quota?.grown(this.#inode, offset + written);
    return written;
  }

  setSize(size: number): void {
    this.#quota?.allow(this.#inode, size);
    ftruncateSync(this.#fd, size);
    this.#quota?.resized(this.#inode, size);
  }

  setTimes(accessedSeconds: string, modifiedSeconds: string): void {
    futimesSync(this.#fd, accessedSeconds, modifiedSeconds);
  }

  sync(isDataOnly: boolean): void {
    if (isDataOnly) fdatasyncSync(this.#fd);
    else fsyncSync(this.#fd);
  }
}
