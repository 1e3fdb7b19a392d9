/** The directory of kept input, looked at before a session starts: who asks for it has to get it. */
import { randomUUID } from 'node:crypto';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { HostError } from '@chipmunk-host/runtime';
import { QuarantineAccount, type QuarantineRequest } from '../../shared/protocol/quarantine-account.js';

/** Bytes of a file that is made for a try. File systems may make files, and then have no room for what is in them. */
const TRIAL_BYTES = 4096;

export interface OpenedQuarantine {
  readonly account: QuarantineAccount;
  /** For the session's workers. */
  readonly request: { readonly quarantine: QuarantineRequest };
}

/**
 * Makes the directory, if it is not there, and a file in it for a try. Without a directory nothing is to be kept: undefined.
 * @throws HostError `ERR_QUARANTINE` when nothing can be kept in it
 */
export async function openQuarantine(directory: string | undefined): Promise<OpenedQuarantine | undefined> {
  if (directory === undefined) return undefined;
  // The current directory of the process may be another one later.
  const path = resolve(directory);
  try {
    await makeDirectory(path);
    const trial = join(path, `.trial-${randomUUID()}`);
    try {
      await writeFile(trial, Buffer.alloc(TRIAL_BYTES), { flag: 'wx', mode: 0o600 });
    } finally {
      await rm(trial, { force: true });
    }
  } catch (cause) {
    const message = `Input on which the plugin fails cannot be kept in '${path}': ${(cause as Error).message}`;
    throw new HostError('ERR_QUARANTINE', message, {
      cause,
      help: 'Name a writable directory on a disk with free space, or leave the option out.',
    });
  }
  const account = new QuarantineAccount();
  return { account, request: { quarantine: { directory: path, account: account.memory } } };
}

/** Node's own `recursive` never ends where a directory is there and says of what is to be made in it that it is not, as `/proc`. */
async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    const parent = dirname(path);
    if (code !== 'ENOENT' || parent === path || (await exists(parent))) throw error;
    await makeDirectory(parent);
    await makeDirectory(path);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
