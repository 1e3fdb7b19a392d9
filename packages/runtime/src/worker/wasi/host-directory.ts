/**
 * A directory of the machine that the worker holds on to, and the names directly in it. Node cannot open a path relative to
 * an open directory (openat), so there are two ways to say "this name in that directory":
 *
 * - On Linux the directory is held open, and `/proc/self/fd/N/name` is that name in it: whatever anybody renames or links
 *   meanwhile, the directory stays the one that was opened. There is no race between check and use.
 * - Elsewhere its path is kept, and before each use it is checked that the path still leads to the same directory. A process
 *   that swaps a directory for a link between that check and the use is not noticed.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, statfsSync } from 'node:fs';
import { Refusal } from './refusal.js';

export interface HostDirectory {
  readonly device: bigint;
  readonly inode: bigint;
  /** A path for a name in this directory, for calls that do not follow a link in the last place; `.` for itself. */
  child(name: string): string;
  /** Opens a directory in it. @throws what the machine says when it is none, or a link. */
  enter(name: string): HostDirectory;
  /** Opens a file in it that exists. @throws Refusal when it is not a regular file: nothing else is ever opened. */
  openFile(name: string, flags: number): number;
  close(): void;
}

export type HostDirectoryOpener = (path: string) => HostDirectory;

/** Linux only, and not among Node's constants: open without touching what is opened. The same on all architectures of Node. */
const O_PATH = 0x20_0000;

// Not there on Windows, where nothing but files and directories can be opened by a path inside a directory.
const O_NOFOLLOW = constants.O_NOFOLLOW ?? 0;
const O_DIRECTORY = constants.O_DIRECTORY ?? 0;
/** Second line of defence: what is no regular file is not opened, but if it were, opening would not block. */
const O_NONBLOCK = constants.O_NONBLOCK ?? 0;
const O_NOCTTY = constants.O_NOCTTY ?? 0;

/** What Windows makes of a name that is not a plain file's: streams, devices, separators, and dots and spaces it ignores. */
const NOT_A_WINDOWS_NAME = /[\\:*?"<>|]|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** The way that this machine has, found out once. */
export function hostDirectoryOpener(): HostDirectoryOpener {
  machineOpener ??= canUseDescriptors() ? openByDescriptor : openByPath;
  return machineOpener;
}

let machineOpener: HostDirectoryOpener | undefined;

function canUseDescriptors(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    const root = openByDescriptor('/');
    try {
      const seen = lstatSync(root.child('.'), { bigint: true });
      return seen.dev === root.device && seen.ino === root.inode;
    } finally {
      root.close();
    }
  } catch {
    // No /proc here.
    return false;
  }
}

export const openByDescriptor: HostDirectoryOpener = (path) => openBelow(path, undefined);

function openBelow(path: string, parentDevice: bigint | undefined): HostDirectory {
  const fd = openSync(path, O_PATH | O_DIRECTORY | O_NOFOLLOW);
  const { dev: device, ino: inode } = fstatSync(fd, { bigint: true });
  const child = (name: string) => `/proc/self/fd/${fd}/${name}`;
  if (device !== parentDevice && isOfTheKernel(child('.'))) {
    closeSync(fd);
    throw new Refusal('not-permitted');
  }
  return {
    device,
    inode,
    child,
    enter: (name) => openBelow(child(name), device),
    openFile(name, flags) {
      const path = openSync(child(name), O_PATH | O_NOFOLLOW);
      try {
        if (!fstatSync(path).isFile()) throw new Refusal('not-permitted');
        return openSync(`/proc/self/fd/${path}`, flags | O_NONBLOCK | O_NOCTTY);
      } finally {
        closeSync(path);
      }
    },
    close: () => closeSync(fd),
  };
}

/** PROC_SUPER_MAGIC and SYSFS_MAGIC of linux/magic.h. */
const KERNEL_FILE_SYSTEMS: readonly number[] = [0x9fa0, 0x62656572];

/** In `/proc` this process's environment and memory look like regular files, and whoever grants `/` does not mean those. */
function isOfTheKernel(path: string): boolean {
  return KERNEL_FILE_SYSTEMS.includes(statfsSync(path).type);
}

export const openByPath: HostDirectoryOpener = (path) => {
  const { dev: device, ino: inode, isDirectory } = directoryAt(path);
  if (!isDirectory) throw new Refusal('not-directory');
  const child = (name: string) => {
    if (process.platform === 'win32' && name !== '.' && NOT_A_WINDOWS_NAME.test(name)) throw new Refusal('invalid');
    const now = directoryAt(path);
    if (!now.isDirectory || now.dev !== device || now.ino !== inode) throw new Refusal('no-entry');
    return name === '.' ? path : `${path}/${name}`;
  };
  return {
    device,
    inode,
    child,
    enter: (name) => openByPath(child(name)),
    openFile(name, flags) {
      const path = child(name);
      const before = lstatSync(path, { bigint: true });
      if (!before.isFile()) throw new Refusal('not-permitted');
      const fd = openSync(path, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
      const opened = fstatSync(fd, { bigint: true });
      if (opened.isFile() && opened.dev === before.dev && opened.ino === before.ino) return fd;
      closeSync(fd);
      throw new Refusal('not-permitted');
    },
    close: () => {},
  };
};

function directoryAt(path: string) {
  const stat = lstatSync(path, { bigint: true });
  return { dev: stat.dev, ino: stat.ino, isDirectory: stat.isDirectory() };
}
