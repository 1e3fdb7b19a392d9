/** wasi:filesystem/types, the part about what is already open: reading, writing, sizes, times and listings. */
import { createHash } from 'node:crypto';
import { type BigIntStats, lstatSync, lutimesSync } from 'node:fs';
import type { GuestMemory } from '../guest-memory.js';
import { dropFunctions } from '../handle-table.js';
import { IoError } from '../io/stream-functions.js';
import { FileInputStream, FileOutputStream } from '../io/streams.js';
import type { InterfaceFunctions, WasiContext } from '../wasi-context.js';
import { Descriptor, DirectoryDescriptor, DirectoryEntryStream, FileDescriptor } from './descriptors.js';
import { openListing } from './directory-listing.js';
import {
  answer,
  BYTE,
  BYTES_AND_END,
  COUNT,
  ENTRY_OPTION,
  fileSize,
  HANDLE,
  HASH,
  NOTHING,
  STAT,
} from './file-results.js';
import { DescriptorType, newTimes, writeStat } from './file-times.js';
import { fileErrorNumber, Refusal } from './refusal.js';

export const descriptorFunctions: InterfaceFunctions = (context, memory) => {
  const { handles, limits, clock } = context;
  const descriptor = (self: number) => handles.get(self, Descriptor);
  const setHandle = (payload: number, handle: number) => memory.setU32(payload, handle);

  return {
    '[method]descriptor.read-via-stream': (self: number, offset: bigint, result: number) =>
      answer(
        memory,
        result,
        HANDLE,
        () => {
          const file = descriptor(self).file().readable();
          requireRoom(context);
          return handles.add(new FileInputStream(file, fileSize(offset)));
        },
        setHandle,
      ),
    '[method]descriptor.write-via-stream': (self: number, offset: bigint, result: number) =>
      answer(
        memory,
        result,
        HANDLE,
        () => {
          const file = descriptor(self).file().writable();
          requireRoom(context);
          return handles.add(new FileOutputStream(file, fileSize(offset)));
        },
        setHandle,
      ),
    '[method]descriptor.append-via-stream': (self: number, result: number) =>
      answer(
        memory,
        result,
        HANDLE,
        () => {
          const file = descriptor(self).file().writable();
          requireRoom(context);
          return handles.add(new FileOutputStream(file, undefined));
        },
        setHandle,
      ),
    // Advice may be ignored, and here always is.
    '[method]descriptor.advise': (self: number, _offset: bigint, _length: bigint, _advice: number, result: number) =>
      answer(memory, result, NOTHING, () => descriptor(self).file()),
    '[method]descriptor.sync-data': (self: number, result: number) =>
      answer(memory, result, NOTHING, () => sync(descriptor(self), true)),
    '[method]descriptor.sync': (self: number, result: number) =>
      answer(memory, result, NOTHING, () => sync(descriptor(self), false)),
    '[method]descriptor.get-flags': (self: number, result: number) =>
      answer(
        memory,
        result,
        BYTE,
        () => descriptor(self).flags,
        (payload, flags) => memory.setU8(payload, flags),
      ),
    '[method]descriptor.get-type': (self: number, result: number) =>
      answer(
        memory,
        result,
        BYTE,
        () => typeOf(descriptor(self)),
        (payload, type) => memory.setU8(payload, type),
      ),
    '[method]descriptor.set-size': (self: number, size: bigint, result: number) =>
      answer(memory, result, NOTHING, () => descriptor(self).file().writable().setSize(fileSize(size))),
    '[method]descriptor.set-times': (
      self: number,
      accessedKind: number,
      accessedSeconds: bigint,
      accessedNs: number,
      modifiedKind: number,
      modifiedSeconds: bigint,
      modifiedNs: number,
      result: number,
    ) =>
      answer(memory, result, NOTHING, () => {
        const held = descriptor(self);
        const times = newTimes(
          clock,
          statOf(held),
          [accessedKind, accessedSeconds, accessedNs],
          [modifiedKind, modifiedSeconds, modifiedNs],
        );
        if (held instanceof FileDescriptor) held.ownTimes().setTimes(...times);
        else lutimesSync(held.directory().writable().directory.child('.'), ...times);
      }),
    '[method]descriptor.read': (self: number, length: bigint, offset: bigint, result: number) =>
      answer(
        memory,
        result,
        BYTES_AND_END,
        () => {
          const file = descriptor(self).file().readable();
          const asked = BigInt.asUintN(64, length);
          const most = asked < BigInt(limits.readBytes) ? Number(asked) : limits.readBytes;
          return file.read(most, fileSize(offset));
        },
        (payload, bytes) => {
          memory.setList(payload, bytes);
          memory.setU8(payload + 8, bytes.length === 0 ? 1 : 0);
        },
      ),
    '[method]descriptor.write': (self: number, pointer: number, byteLength: number, offset: bigint, result: number) =>
      answer(
        memory,
        result,
        COUNT,
        () => descriptor(self).file().writable().write(memory.bytes(pointer, byteLength), fileSize(offset)),
        (payload, written) => memory.setU64(payload, BigInt(written)),
      ),
    '[method]descriptor.read-directory': (self: number, result: number) =>
      answer(
        memory,
        result,
        HANDLE,
        () => {
          const directory = descriptor(self).directory();
          requireRoom(context);
          return handles.add(openListing(directory.base, context));
        },
        setHandle,
      ),
    '[method]descriptor.stat': (self: number, result: number) =>
      answer(
        memory,
        result,
        STAT,
        () => statOf(descriptor(self)),
        (payload, stat) => writeStat(memory, payload, stat),
      ),
    '[method]descriptor.is-same-object': (self: number, other: number) => {
      const [a, b] = [statOf(descriptor(self)), statOf(descriptor(other))];
      return a.dev === b.dev && a.ino === b.ino ? 1 : 0;
    },
    '[method]descriptor.metadata-hash': (self: number, result: number) =>
      answer(
        memory,
        result,
        HASH,
        () => statOf(descriptor(self)),
        (payload, stat) => writeIdentity(context, memory, payload, stat),
      ),
    '[method]directory-entry-stream.read-directory-entry': (self: number, result: number) =>
      answer(
        memory,
        result,
        ENTRY_OPTION,
        () => handles.get(self, DirectoryEntryStream).entries.next(),
        (payload, entry) => {
          if (entry !== undefined) {
            memory.setU8(payload + 4, entry.type);
            memory.setText(payload + 8, entry.name);
          }
          memory.setU8(payload, entry === undefined ? 0 : 1);
        },
      ),
    'filesystem-error-code': (error: number, result: number) => {
      const { code } = handles.get(error, IoError);
      const area = memory.range(result, 2, 1);
      memory.setU8(area, 1);
      memory.setU8(area + 1, fileErrorNumber(code));
    },
    ...dropFunctions(handles, { descriptor: Descriptor, 'directory-entry-stream': DirectoryEntryStream }),
  };
};

/** Before anything is opened whose handle would not fit. */
export function requireRoom({ handles }: WasiContext): void {
  if (handles.isFull) throw new Refusal('insufficient-memory');
}

/** Says which file it is without saying where it lies: device and inode, behind a hash that each instance salts. */
export function writeIdentity(
  { identitySalt }: WasiContext,
  memory: GuestMemory,
  payload: number,
  { dev, ino }: BigIntStats,
): void {
  const hash = createHash('sha256').update(`${identitySalt}:${dev}:${ino}`).digest();
  memory.setU64(payload, hash.readBigUInt64LE(0));
  memory.setU64(payload + 8, hash.readBigUInt64LE(8));
}

/** Without looking: the adapter of preview 1 asks at its start, and must not be what makes a temporary directory. */
function typeOf(held: Descriptor): number {
  return held instanceof DirectoryDescriptor ? DescriptorType.directory : DescriptorType.regularFile;
}

function statOf(held: Descriptor): BigIntStats {
  if (held instanceof FileDescriptor) return held.open.stat();
  return lstatSync(held.directory().held().child('.'), { bigint: true });
}

/** Directories are held without the right to sync them; what is in them is synced with the files. */
function sync(held: Descriptor, isDataOnly: boolean): void {
  if (held instanceof DirectoryDescriptor) return;
  held.file().open.sync(isDataOnly);
}
