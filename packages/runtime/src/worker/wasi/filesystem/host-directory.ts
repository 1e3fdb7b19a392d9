/**
 * A directory of the machine that the worker holds on to, and the names directly in it. Node cannot open a path relative to
 * an open directory (openat), so there are two ways to say "this name in that directory":
 *
 * - On Linux the directory is held open, and `/proc/self/fd/N/name` is that name in it: whatever anybody renames or links
 *   meanwhile, the directory stays the one that was opened. There is no race between check and use.
 * - Elsewhere its path is kept, and before each use it is checked that the path still leads to the same directory. A process
 *   that swaps a directory for a link between that check and the use is not noticed.
 */
import { constants, fstatSync, lstatSync, readlinkSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DescriptorLedger } from './descriptor-ledger.js';
import { Refusal } from './refusal.js';

/** Which directory it is, whatever its path. */
export interface DirectoryIdentity {
  readonly device: bigint;
  readonly inode: bigint;
}

export interface HostDirectory extends DirectoryIdentity {
  /** A path for a name in this directory, for calls that do not follow a link in the last place; `.` for itself. */
  child(name: string): string;
  /** Opens a directory in it. @throws what the machine says when it is none, or a link. */
  enter(name: string): HostDirectory;
  /** Opens the directory around it. @throws Refusal when that is another than the one that is expected, since it was moved */
  leave(expected: DirectoryIdentity): HostDirectory;
  /** Where it lies now, to measure the path. @throws what the machine says when that cannot be said */
  path(): string;
  /** Opens a file in it that exists. @throws Refusal when it is not a regular file: nothing else is ever opened. */
  openFile(name: string, flags: number): number;
  /** Makes a file in it and opens it. @throws what the machine says when the name is taken, by a link too */
  createFile(name: string, flags: number): number;
  close(): void;
}

export type HostDirectoryOpener = (path: string) => HostDirectory;

/** Linux only, and not among Node's constants: open without touching what is opened. The same on all architectures of Node. */
const O_PATH = 0x20_0000;

// Not there on Windows, where nothing but files and directories can be opened by a path inside a directory.
const O_NOFOLLOW = constants.O_NOFOLLOW ?? 0;
const O_DIRECTORY = constants.O_DIRECTORY ?? 0;
/** Second line of defence: what is no regular file is not opened, but if it were, opening would not wait for anybody. */
const NEVER_WAITING = (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
const EXCLUSIVELY = constants.O_CREAT | constants.O_EXCL | O_NOFOLLOW;
/** For the owner and, as far as the process's umask lets them, others. */
const NEW_FILE_MODE = 0o666;

/** What Windows makes of a name that is not a plain file's: streams, devices, separators, and dots and spaces it ignores. */
const NOT_A_WINDOWS_NAME = /[\\:*?"<>|]|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** The way that this machine has, found out once. What it opens is in the ledger. */
export function hostDirectoryOpener(ledger: DescriptorLedger): HostDirectoryOpener {
  usesDescriptors ??= canUseDescriptors();
  return usesDescriptors ? openerByDescriptor(ledger) : openerByPath(ledger);
}

let usesDescriptors: boolean | undefined;

function canUseDescriptors(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    const root = openerByDescriptor(new DescriptorLedger(1))('/');
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

export function openerByDescriptor(ledger: DescriptorLedger): HostDirectoryOpener {
  return (path) => openBelow(ledger, path, undefined);
}

function openBelow(ledger: DescriptorLedger, path: string, parentDevice: bigint | undefined): HostDirectory {
  const fd = ledger.open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW);
  const child = (name: string) => `/proc/self/fd/${fd}/${name}`;
  const { dev: device, ino: inode } = closingOnError(ledger, fd, () => {
    const stat = fstatSync(fd, { bigint: true });
    if (stat.dev !== parentDevice && isOfTheKernel(child('.'))) throw new Refusal('not-permitted');
    return stat;
  });
  return {
    device,
    inode,
    child,
    enter: (name) => openBelow(ledger, child(name), device),
    leave: (expected) => requireSame(openBelow(ledger, child('..'), device), expected),
    path: () => readlinkSync(`/proc/self/fd/${fd}`),
    openFile(name, flags) {
      const path = ledger.open(child(name), O_PATH | O_NOFOLLOW);
      try {
        if (!fstatSync(path).isFile()) throw new Refusal('not-permitted');
        return ledger.open(`/proc/self/fd/${path}`, flags | NEVER_WAITING);
      } finally {
        ledger.close(path);
      }
    },
    createFile: (name, flags) => ledger.open(child(name), flags | EXCLUSIVELY | NEVER_WAITING, NEW_FILE_MODE),
    close: () => ledger.close(fd),
  };
}

function closingOnError<Result>(ledger: DescriptorLedger, fd: number, look: () => Result): Result {
  try {
    return look();
  } catch (error) {
    ledger.close(fd);
    throw error;
  }
}

/** PROC_SUPER_MAGIC and SYSFS_MAGIC of linux/magic.h. */
const KERNEL_FILE_SYSTEMS: readonly number[] = [0x9fa0, 0x62656572];

/** In `/proc` this process's environment and memory look like regular files, and a grant of `/` does not include those. */
function isOfTheKernel(path: string): boolean {
  return KERNEL_FILE_SYSTEMS.includes(statfsSync(path).type);
}

export function openerByPath(ledger: DescriptorLedger): HostDirectoryOpener {
  return (path) => openByPath(ledger, path);
}

function openByPath(ledger: DescriptorLedger, path: string): HostDirectory {
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
    enter: (name) => openByPath(ledger, child(name)),
    // The text of the path leads from directory to directory: links in it were followed before.
    leave: (expected) => requireSame(openByPath(ledger, dirname(child('.'))), expected),
    path: () => child('.'),
    openFile(name, flags) {
      const path = child(name);
      const before = lstatSync(path, { bigint: true });
      if (!before.isFile()) throw new Refusal('not-permitted');
      const fd = ledger.open(path, flags | O_NOFOLLOW | NEVER_WAITING);
      const opened = closingOnError(ledger, fd, () => fstatSync(fd, { bigint: true }));
      if (opened.isFile() && opened.dev === before.dev && opened.ino === before.ino) return fd;
      ledger.close(fd);
      throw new Refusal('not-permitted');
    },
    createFile: (name, flags) => ledger.open(child(name), flags | EXCLUSIVELY | NEVER_WAITING, NEW_FILE_MODE),
    close: () => {},
  };
}

/** Also for a directory that was moved: what is around it now need not have been granted. */
function requireSame(directory: HostDirectory, expected: DirectoryIdentity): HostDirectory {
  if (isSameDirectory(directory, expected)) return directory;
  directory.close();
  throw new Refusal('no-entry');
}

export function isSameDirectory(a: DirectoryIdentity, b: DirectoryIdentity): boolean {
  return a.inode === b.inode && a.device === b.device;
}

function directoryAt(path: string) {
  const stat = lstatSync(path, { bigint: true });
  return { dev: stat.dev, ino: stat.ino, isDirectory: stat.isDirectory() };
}
