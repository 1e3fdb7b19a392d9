/** What can be done with names below an open directory. Nothing here ever follows a link: paths are resolved before. */
import {
  type BigIntStats,
  linkSync,
  lutimesSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import type { WasiContext } from '../wasi-context.js';
import type { DirectoryDescriptor } from './descriptors.js';
import { type NewTime, newTimes } from './file-times.js';
import { isSameDirectory } from './host-directory.js';
import { atPath, type Place } from './path-resolution.js';
import { Refusal } from './refusal.js';
import { requireShallow, requireShallowMove } from './tree-bounds.js';

export function existing(base: DirectoryDescriptor, path: string, follows: boolean): BigIntStats {
  return atPath(base.base, path, follows, requireFound);
}

function requireFound({ found }: Place): BigIntStats {
  if (found === undefined) throw new Refusal('no-entry');
  return found;
}

export function setTimes(
  { clock }: WasiContext,
  base: DirectoryDescriptor,
  path: string,
  follows: boolean,
  [accessed, modified]: readonly [NewTime, NewTime],
): void {
  atPath(base.writable(), path, follows, (place) => {
    requirePlainOrLink(requireFound(place));
    // The place is a link only if links were not to be followed: so this never follows one.
    lutimesSync(place.directory.child(place.name), ...newTimes(clock, requireFound(place), accessed, modified));
  });
}

export function readLink(base: DirectoryDescriptor, path: string): string {
  return atPath(base.base, path, false, (place) => {
    if (!requireFound(place).isSymbolicLink()) throw new Refusal('invalid');
    const target = readlinkSync(place.directory.child(place.name));
    // Its target is not shown to the plugin, which could not open it.
    if (target.startsWith('/')) throw new Refusal('not-permitted');
    return target;
  });
}

export function makeDirectory(base: DirectoryDescriptor, path: string): void {
  make(base, withoutSlashes(path), (place) => mkdirSync(place));
}

export function makeLink(base: DirectoryDescriptor, target: string, path: string): void {
  // The host follows no link that leads out, but others may that find it. A link that only descends leads nowhere else,
  // also when it, or a directory around it, is moved.
  if (/^\/|^[a-z]:|\\/i.test(target) || target.split('/').includes('..')) throw new Refusal('not-permitted');
  if (target === '') throw new Refusal('no-entry');
  make(base, path, (place) => symlinkSync(target, place));
}

export function link(source: DirectoryDescriptor, from: string, target: DirectoryDescriptor, to: string): void {
  if (source.tree !== target.tree) throw new Refusal('cross-device');
  atPath(source.writable(), from, false, (old) => {
    // Of links too none is made: it would point somewhere else from there.
    if (!requireFound(old).isFile()) throw new Refusal('not-permitted');
    make(target, to, (place) => linkSync(old.directory.child(old.name), place));
  });
}

function make(base: DirectoryDescriptor, path: string, create: (place: string) => void): void {
  atPath(base.writable(), path, false, (place) => {
    if (place.found !== undefined) throw new Refusal('exist');
    base.tree.quota?.allowEntry();
    requireShallow(base.tree, place);
    create(place.directory.child(place.name));
    base.tree.quota?.entryMade();
  });
}

export function removeDirectory(base: DirectoryDescriptor, path: string): void {
  atPath(base.writable(), withoutSlashes(path), false, (place) => {
    if (!requireFound(place).isDirectory()) throw new Refusal('not-directory');
    if (place.name === '.') throw new Refusal('invalid');
    rmdirSync(place.directory.child(place.name));
    base.tree.quota?.entryRemoved(undefined);
  });
}

export function removeFile(base: DirectoryDescriptor, path: string): void {
  atPath(base.writable(), path, false, (place) => {
    const found = requireFound(place);
    if (found.isDirectory()) throw new Refusal('is-directory');
    requirePlainOrLink(found);
    unlinkSync(place.directory.child(place.name));
    nameGone(base, found);
  });
}

export function rename(source: DirectoryDescriptor, from: string, target: DirectoryDescriptor, to: string): void {
  if (source.tree !== target.tree) throw new Refusal('cross-device');
  atPath(source.writable(), withoutSlashes(from), false, (old) =>
    atPath(target.writable(), withoutSlashes(to), false, (place) => {
      const moved = requireFound(old);
      if (old.name === '.' || place.name === '.') throw new Refusal('invalid');
      requirePlainOrLink(moved);
      if (place.found !== undefined) requirePlainOrLink(place.found);
      requireShallowMove(target.tree, old, place);
      if (moved.isSymbolicLink() && !isSameDirectory(old.directory, place.directory)) requireDescending(old);
      renameSync(old.directory.child(old.name), place.directory.child(place.name));
      const isSameFile = place.found?.ino === moved.ino && place.found?.dev === moved.dev;
      if (place.found !== undefined && !isSameFile) nameGone(target, place.found);
    }),
  );
}

/** A link that the plugin did not make may climb: moved to another directory, it could point out of the grant. */
function requireDescending({ directory, name }: Place): void {
  const target = readlinkSync(directory.child(name));
  if (target.startsWith('/') || target.split('/').includes('..')) throw new Refusal('not-permitted');
}

function nameGone(base: DirectoryDescriptor, found: BigIntStats): void {
  base.tree.quota?.entryRemoved(found.isFile() && found.nlink === 1n ? found.ino : undefined);
}

/** A plugin must not move or remove devices, sockets and FIFOs. */
function requirePlainOrLink(found: BigIntStats): void {
  if (!found.isFile() && !found.isDirectory() && !found.isSymbolicLink()) throw new Refusal('not-permitted');
}

/** `directory/` names a directory that is not there yet as well as `directory` does. */
function withoutSlashes(path: string): string {
  return path.replace(/(?<=[^/])\/+$/, '');
}
