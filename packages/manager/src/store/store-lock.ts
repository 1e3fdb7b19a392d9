/** The lock of a plugins directory, with the store's errors. */
import { HostError } from '@chipmunk-host/runtime';
import { DirectoryLock, type LockErrors } from '@chipmunk-host/runtime/internal';
import { unwritable } from './store-errors.js';

const ERRORS: LockErrors = {
  locked: (holder, lock, waitMs) => {
    const message = `The plugins directory is in use: ${holder} holds the lock ${lock}. Waited ${waitMs} ms.`;
    return new HostError('ERR_STORE_LOCKED', message, {
      help: 'Wait until it has finished, or end that process; the lock of an ended process does not count.',
    });
  },
  unwritable,
};

/** Its errors are `ERR_STORE_LOCKED` and `ERR_STORE_WRITE`. */
export function storeLock(folder: string): DirectoryLock {
  return new DirectoryLock(folder, ERRORS);
}
