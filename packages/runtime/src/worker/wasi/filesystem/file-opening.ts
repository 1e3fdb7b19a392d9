/** `open-at`: from a path to a descriptor. Regular files and directories are opened; nothing else ever is. */
import { constants, fstatSync, ftruncateSync } from 'node:fs';
import type { WasiContext } from '../wasi-context.js';
import { requireRoom } from './descriptor-functions.js';
import { type Descriptor, DescriptorFlags, DirectoryDescriptor, FileDescriptor } from './descriptors.js';
import { OpenFile } from './open-file.js';
import { atPath, type Place } from './path-resolution.js';
import { Refusal } from './refusal.js';
import { requireShallow } from './tree-bounds.js';

/** Bits of `open-flags`. */
const OpenFlags = { create: 1, directory: 2, exclusive: 4, truncate: 8 } as const;

interface OpenRequest {
  readonly follows: boolean;
  readonly openFlags: number;
  readonly flags: number;
}

/** @returns a handle */
export function openAt(context: WasiContext, base: DirectoryDescriptor, path: string, request: OpenRequest): number {
  const { openFlags, flags } = request;
  const changes = OpenFlags.create | OpenFlags.truncate;
  if (!base.tree.isWritable && ((openFlags & changes) !== 0 || (flags & MUTATING) !== 0))
    throw new Refusal('not-permitted');
  requireRoom(context);
  context.openFiles.acquire();
  try {
    const isNew = (openFlags & OpenFlags.create) !== 0 && (openFlags & OpenFlags.exclusive) !== 0;
    return context.handles.add(
      atPath(base.base, path, request.follows && !isNew, (place) => openPlace(context, base, place, request)),
    );
  } catch (error) {
    context.openFiles.release();
    throw error;
  }
}

const MUTATING = DescriptorFlags.write | DescriptorFlags.mutateDirectory;

function openPlace(context: WasiContext, base: DirectoryDescriptor, place: Place, request: OpenRequest): Descriptor {
  const { found } = place;
  const has = (flag: number) => (request.openFlags & flag) !== 0;
  if (found === undefined) {
    if (!has(OpenFlags.create)) throw new Refusal('no-entry');
    if (has(OpenFlags.directory)) throw new Refusal('invalid');
    return create(context, base, place, request.flags);
  }
  if (has(OpenFlags.create) && has(OpenFlags.exclusive)) throw new Refusal('exist');
  if (found.isSymbolicLink()) throw new Refusal('loop');
  if (found.isDirectory()) {
    const asFile = has(OpenFlags.truncate) || has(OpenFlags.create) || (request.flags & DescriptorFlags.write) !== 0;
    if (asFile) throw new Refusal('is-directory');
    return new DirectoryDescriptor(base.tree, {
      directory: place.directory.enter(place.name),
      count: context.openFiles,
    });
  }
  if (has(OpenFlags.directory)) throw new Refusal('not-directory');
  const fd = place.directory.openFile(place.name, accessFlags(request.flags, has(OpenFlags.truncate)));
  return describeFile(context, base, fd, request.flags, has(OpenFlags.truncate));
}

function create(context: WasiContext, base: DirectoryDescriptor, place: Place, flags: number): Descriptor {
  const { quota } = base.tree;
  quota?.allowEntry();
  requireShallow(base.tree, place);
  const fd = place.directory.createFile(place.name, accessFlags(flags, false));
  quota?.entryMade();
  return describeFile(context, base, fd, flags, false);
}

function describeFile(
  context: WasiContext,
  base: DirectoryDescriptor,
  fd: number,
  flags: number,
  isTruncated: boolean,
): Descriptor {
  try {
    // Only now that it is known to be a regular file.
    if (isTruncated) ftruncateSync(fd, 0);
    const { ino } = fstatSync(fd, { bigint: true });
    const file = new OpenFile(fd, ino, context, base.tree.quota);
    return new FileDescriptor(file, base.tree, flags & FILE_FLAGS);
  } catch (error) {
    context.ledger.close(fd);
    throw error;
  }
}

const FILE_FLAGS = DescriptorFlags.read | DescriptorFlags.write | 0b11100;

function accessFlags(flags: number, isTruncated: boolean): number {
  const isRead = (flags & DescriptorFlags.read) !== 0;
  const isWritten = (flags & DescriptorFlags.write) !== 0 || isTruncated;
  let access: number = constants.O_RDONLY;
  if (isWritten) access = isRead ? constants.O_RDWR : constants.O_WRONLY;
  if ((flags & DescriptorFlags.fileIntegritySync) !== 0) access |= constants.O_SYNC ?? 0;
  if ((flags & DescriptorFlags.dataIntegritySync) !== 0) access |= constants.O_DSYNC ?? 0;
  return access;
}
