/** What is ours in a plugins directory, as files: where each lies, the lock between processes, and how one is put in place. */
import type { DirectoryLock, LockOptions } from '@chipmunk-host/runtime/internal';
import { replaceFile } from './durable-files.js';
import { StagingFolder } from './staging.js';
import { StoreLayout } from './store-layout.js';
import { storeLock } from './store-lock.js';

export class DirectoryFiles {
  readonly layout: StoreLayout;
  readonly lock: DirectoryLock;
  readonly #requirePlace: () => void;

  /**
   * @param root the plugins directory; need not be there yet
   * @param requirePlace throws when there is no place for the directory, so that nothing can be changed in it
   */
  constructor(root: string, requirePlace: () => void = () => {}) {
    this.layout = new StoreLayout(root);
    this.lock = storeLock(this.layout.lock);
    this.#requirePlace = requirePlace;
  }

  /**
   * Runs `work` while no other process changes the directory. It must not ask for the lock again.
   * @throws HostError `ERR_STORE_LOCKED`; as `DirectoryLock.hold`; HostError `ERR_STORE_WRITE` when there is no place for the directory
   */
  async withLock<Value>(work: () => Promise<Value>, options: LockOptions = {}): Promise<Value> {
    this.#requirePlace();
    return this.lock.hold(work, options);
  }

  /**
   * Puts a file in the place of another, or of none, in one step. The caller holds the lock.
   * @throws HostError `ERR_STORE_WRITE`; the file is as it was then
   */
  async replace(path: string, content: string): Promise<void> {
    await using staging = await StagingFolder.create(this.layout);
    // Awaited here: the folder must be there until it is done.
    return await replaceFile(path, content, staging.path);
  }
}
