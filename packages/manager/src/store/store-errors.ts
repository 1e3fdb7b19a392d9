/** The store's failures in words: what was to be done with which path, what the system said, what helps. */
import type { PluginKind } from '@chipmunk-host/hosts';
import { HostError } from '@chipmunk-host/runtime';
import { describeKind } from '../shared/plugin-id.js';
import { quote } from '../shared/quote.js';
import type { StoreLayout } from './store-layout.js';

/** @returns HostError `ERR_STORE_SOURCE`: what was given cannot be installed */
export function sourceError(message: string, help: string, cause?: unknown): HostError {
  return new HostError('ERR_STORE_SOURCE', message, { help, ...(cause === undefined ? {} : { cause }) });
}

/** Reading what was given failed. A HostError is passed on as it is. */
export function unreadable(path: string, cause: unknown): HostError {
  if (cause instanceof HostError) return cause;
  const code = errorCode(cause);
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return sourceError(
      `'${path}' no longer exists.`,
      'Try again, and make sure that nothing removes it meanwhile.',
      cause,
    );
  if (code === 'ELOOP')
    return sourceError(
      `'${path}' is a symbolic link; expected a regular file.`,
      'Replace the link by the file.',
      cause,
    );
  const help = code === 'EACCES' || code === 'EPERM' ? 'Check your rights to it.' : 'Check the file and its disk.';
  return sourceError(`'${path}' cannot be read: ${(cause as Error).message}`, help, cause);
}

/** Changing the plugins directory failed. A HostError is passed on as it is. */
export function unwritable(path: string, cause: unknown): HostError {
  if (cause instanceof HostError) return cause;
  const [what, help] = WRITE_FAULTS[errorCode(cause) ?? ''] ?? [(cause as Error).message, 'Check the disk.'];
  return new HostError('ERR_STORE_WRITE', `'${path}' cannot be changed: ${what}.`, { cause, help });
}

const RIGHTS = 'Give this user the right to change it, or name another plugins directory.';
const SPACE = 'Free some space and try again; nothing was changed.';
const WRITE_FAULTS: Readonly<Record<string, readonly [what: string, help: string]>> = {
  ENOENT: ['no folder can be made there', RIGHTS],
  EACCES: ['this user may not write there', RIGHTS],
  EPERM: ['this user may not write there', RIGHTS],
  EROFS: ['its file system is read-only', RIGHTS],
  ENOSPC: ['the disk is full', SPACE],
  EDQUOT: ["the user's disk quota is used up", SPACE],
  EXDEV: [
    'it is on another file system than the plugins directory',
    'Keep parsers/, bytesources/ and .chipmunk-host/ on one file system.',
  ],
  ENOTDIR: ['there is a file where a folder is expected', 'Remove the file.'],
  EBUSY: ['another program uses it', 'End that program.'],
};

export function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

/** Whether an error says that there is nothing at a path. */
export function isMissing(error: unknown): boolean {
  return errorCode(error) === 'ENOENT';
}

export function taken(kind: PluginKind, name: string, layout: StoreLayout): HostError {
  const message = `A ${describeKind(kind)} ${quote(name)} is installed in ${layout.plugin(kind, name)}.`;
  return new HostError('ERR_STORE_TAKEN', message, {
    help: 'Update it, remove it first, or use the option replace.',
  });
}

export function notInstalled(kind: PluginKind, name: string, layout: StoreLayout, help: string): HostError {
  const message = `There is no ${describeKind(kind)} ${quote(name)} in ${layout.kindFolder(kind)}.`;
  return new HostError('ERR_PLUGIN_NOT_FOUND', message, { help });
}

export function noPrevious(kind: PluginKind, name: string): HostError {
  return new HostError(
    'ERR_PLUGIN_NOT_FOUND',
    `There is no earlier version of the ${describeKind(kind)} ${quote(name)}.`,
    { help: 'Only the version before the last update is kept.' },
  );
}

export function otherKind(name: string, kind: PluginKind, wanted: PluginKind): HostError {
  return sourceError(
    `${quote(name)} is a ${describeKind(kind)}; expected a ${describeKind(wanted)}.`,
    `Install it as a ${describeKind(kind)}.`,
  );
}
