/** Bounds what a plugin stores in one directory. Sizes are counted as the plugin makes them, not by looking. */
import type { StorageQuotaLimits } from '../../../shared/wasi-grants.js';
import { Refusal } from './refusal.js';

interface Stored {
  bytes: number;
  open: number;
}

export class StorageQuota {
  readonly limits: StorageQuotaLimits;
  /** By inode; bounded by the limit of entries and of open files. */
  readonly #files = new Map<bigint, Stored>();
  #bytes = 0;
  #entries = 0;

  constructor(limits: StorageQuotaLimits) {
    this.limits = limits;
  }

  /** Before a file, directory or link is made. */
  allowEntry(): void {
    if (this.#entries >= this.limits.entries) throw new Refusal('quota');
  }

  entryMade(): void {
    this.#entries++;
  }

  /** @param inode of the file, when the name was its last */
  entryRemoved(inode: bigint | undefined): void {
    this.#entries = Math.max(0, this.#entries - 1);
    if (inode === undefined) return;
    const stored = this.#files.get(inode);
    if (stored?.open === 0) this.#forget(inode, stored);
  }

  /** Before a file gets at least `bytes` long. */
  allow(inode: bigint, bytes: number): void {
    if (bytes > this.limits.fileBytes) throw new Refusal('file-too-large');
    const known = this.#files.get(inode)?.bytes ?? 0;
    if (bytes > known && this.#bytes + bytes - known > this.limits.totalBytes) throw new Refusal('quota');
  }

  grown(inode: bigint, bytes: number): void {
    const stored = this.#files.get(inode);
    if (stored !== undefined && bytes > stored.bytes) this.resized(inode, bytes);
  }

  resized(inode: bigint, bytes: number): void {
    const stored = this.#files.get(inode);
    if (stored === undefined) return;
    this.#bytes += bytes - stored.bytes;
    stored.bytes = bytes;
  }

  opened(inode: bigint, bytes: number): void {
    const stored = this.#files.get(inode) ?? { bytes: 0, open: 0 };
    this.#files.set(inode, stored);
    stored.open++;
    this.resized(inode, bytes);
  }

  /** @param isGone whether the file has no name any more */
  closed(inode: bigint, isGone: boolean): void {
    const stored = this.#files.get(inode);
    if (stored === undefined) return;
    stored.open--;
    if (isGone && stored.open === 0) this.#forget(inode, stored);
  }

  #forget(inode: bigint, stored: Stored): void {
    this.#bytes -= stored.bytes;
    this.#files.delete(inode);
  }
}
