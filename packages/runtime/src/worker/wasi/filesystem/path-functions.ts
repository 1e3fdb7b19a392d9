/** wasi:filesystem/types, the part about names below an open directory: from numbers to paths and back. */

import type { GuestMemory } from '../guest-memory.js';
import type { InterfaceFunctions } from '../wasi-context.js';
import { writeIdentity } from './descriptor-functions.js';
import { Descriptor, type DirectoryDescriptor } from './descriptors.js';
import { openAt } from './file-opening.js';
import { answer, HANDLE, HASH, NOTHING, pathText, STAT, TEXT } from './file-results.js';
import { writeStat } from './file-times.js';
import {
  existing,
  link,
  makeDirectory,
  makeLink,
  readLink,
  removeDirectory,
  removeFile,
  rename,
  setTimes,
} from './path-operations.js';
import { Refusal } from './refusal.js';

/** The only bit of `path-flags`. */
const SYMLINK_FOLLOW = 1;

export const pathFunctions: InterfaceFunctions = (context, memory) => {
  const { handles, limits } = context;
  const directory = (self: number) => handles.get(self, Descriptor).directory();
  const text = (pointer: number, byteLength: number) => pathText(memory, pointer, byteLength, limits.pathBytes);
  const follows = (flags: number) => (flags & SYMLINK_FOLLOW) !== 0;

  return {
    '[method]descriptor.open-at': (
      self: number,
      pathFlags: number,
      pointer: number,
      byteLength: number,
      openFlags: number,
      flags: number,
      result: number,
    ) =>
      answer(
        memory,
        result,
        HANDLE,
        () =>
          openAt(context, directory(self), text(pointer, byteLength), {
            follows: follows(pathFlags),
            openFlags,
            flags,
          }),
        (payload, handle) => memory.setU32(payload, handle),
      ),
    '[method]descriptor.stat-at': (self: number, flags: number, pointer: number, byteLength: number, result: number) =>
      answer(
        memory,
        result,
        STAT,
        () => existing(directory(self), text(pointer, byteLength), follows(flags)),
        (payload, stat) => writeStat(memory, payload, stat),
      ),
    '[method]descriptor.metadata-hash-at': (
      self: number,
      flags: number,
      pointer: number,
      byteLength: number,
      result: number,
    ) =>
      answer(
        memory,
        result,
        HASH,
        () => existing(directory(self), text(pointer, byteLength), follows(flags)),
        (payload, stat) => writeIdentity(context, memory, payload, stat),
      ),
    '[method]descriptor.set-times-at': (
      self: number,
      flags: number,
      pointer: number,
      byteLength: number,
      accessedKind: number,
      accessedSeconds: bigint,
      accessedNs: number,
      modifiedKind: number,
      modifiedSeconds: bigint,
      modifiedNs: number,
      result: number,
    ) =>
      answer(memory, result, NOTHING, () =>
        setTimes(context, directory(self), text(pointer, byteLength), follows(flags), [
          [accessedKind, accessedSeconds, accessedNs],
          [modifiedKind, modifiedSeconds, modifiedNs],
        ]),
      ),
    '[method]descriptor.readlink-at': (self: number, pointer: number, byteLength: number, result: number) =>
      answer(
        memory,
        result,
        TEXT,
        () => readLink(directory(self), text(pointer, byteLength)),
        (payload, target) => memory.setText(payload, target),
      ),
    ...changes(directory, text, memory),
  };
};

/** The functions that make, move and remove names. */
function changes(
  directory: (self: number) => DirectoryDescriptor,
  text: (pointer: number, byteLength: number) => string,
  memory: GuestMemory,
) {
  return {
    '[method]descriptor.create-directory-at': (self: number, pointer: number, byteLength: number, result: number) =>
      answer(memory, result, NOTHING, () => makeDirectory(directory(self), text(pointer, byteLength))),
    '[method]descriptor.remove-directory-at': (self: number, pointer: number, byteLength: number, result: number) =>
      answer(memory, result, NOTHING, () => removeDirectory(directory(self), text(pointer, byteLength))),
    '[method]descriptor.unlink-file-at': (self: number, pointer: number, byteLength: number, result: number) =>
      answer(memory, result, NOTHING, () => removeFile(directory(self), text(pointer, byteLength))),
    '[method]descriptor.rename-at': (
      self: number,
      oldPointer: number,
      oldBytes: number,
      target: number,
      newPointer: number,
      newBytes: number,
      result: number,
    ) =>
      answer(memory, result, NOTHING, () =>
        rename(directory(self), text(oldPointer, oldBytes), directory(target), text(newPointer, newBytes)),
      ),
    '[method]descriptor.link-at': (
      self: number,
      flags: number,
      oldPointer: number,
      oldBytes: number,
      target: number,
      newPointer: number,
      newBytes: number,
      result: number,
    ) =>
      answer(memory, result, NOTHING, () => {
        if ((flags & SYMLINK_FOLLOW) !== 0) throw new Refusal('invalid');
        link(directory(self), text(oldPointer, oldBytes), directory(target), text(newPointer, newBytes));
      }),
    '[method]descriptor.symlink-at': (
      self: number,
      oldPointer: number,
      oldBytes: number,
      newPointer: number,
      newBytes: number,
      result: number,
    ) =>
      answer(memory, result, NOTHING, () =>
        makeLink(directory(self), text(oldPointer, oldBytes), text(newPointer, newBytes)),
      ),
  };
}
