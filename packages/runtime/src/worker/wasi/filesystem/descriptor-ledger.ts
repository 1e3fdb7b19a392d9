/**
 * Every descriptor of the machine that one plugin instance has open, so that all of them are closed with the instance. The code
 * that opens one closes it when done. But code in between can be interrupted: by a trap, or by a stack overflow of the plugin, which also
 * makes the call in a `finally` block throw. Descriptors that stay open then are found here, and count against a limit until they are closed.
 */
import { closeSync, type Dir, type OpenDirOptions, opendirSync, openSync } from 'node:fs';
import { Refusal } from './refusal.js';

export class DescriptorLedger {
  readonly #limit: number;
  readonly #files = new Set<number>();
  readonly #listings = new Set<Dir>();

  /** @param limit of descriptors that are open at a time */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many are open. */
  get size(): number {
    return this.#files.size + this.#listings.size;
  }

  /** @throws Refusal when as many are open as may be; what the machine says */
  open(path: string, flags: number, mode?: number): number {
    this.#requireRoom();
    const fd = openSync(path, flags, mode);
    // Next to nothing comes in between: V8 looks for a time limit when a JavaScript function begins, and `add` is none; and it
    // needs less of the stack than `openSync` did.
    this.#files.add(fd);
    return fd;
  }

  openListing(path: string, options: OpenDirOptions): Dir {
    this.#requireRoom();
    const listing = opendirSync(path, options);
    this.#listings.add(listing);
    return listing;
  }

  /**
   * Closes a descriptor that `open` returned; again does nothing, since the number may be another's by then. What could not be
   * written late is told by no error: there is no call of the plugin left that it could be told to, and `sync` tells it.
   */
  close(fd: number): void {
    if (!this.#files.has(fd)) return;
    attempt(() => closeSync(fd));
    this.#files.delete(fd);
  }

  closeListing(listing: Dir): void {
    if (!this.#listings.has(listing)) return;
    attempt(() => listing.closeSync());
    this.#listings.delete(listing);
  }

  closeAll(): void {
    for (const fd of this.#files) this.close(fd);
    for (const listing of this.#listings) this.closeListing(listing);
  }

  /** WASI has no code for too many open files. */
  #requireRoom(): void {
    if (this.size >= this.#limit) throw new Refusal('insufficient-memory');
  }
}

/** An error of the machine leaves a descriptor closed all the same; any other came before it was. */
function attempt(close: () => void): void {
  try {
    close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
  }
}
