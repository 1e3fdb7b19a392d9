/** What a writer does to a spool before it appends: what an interrupted one left is removed, and indexes are made whole. */
import { type FileHandle, open, readdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileStore } from '../file-store.js';
import type { Segment } from '../portable/segment.js';
import { encodeHeader } from '../portable/segment-header.js';
import { SegmentList } from '../portable/segment-list.js';
import { SpoolError } from '../portable/spool-error.js';
import { INDEX_SUFFIX, PARTIAL_SUFFIX, segmentName, segmentsAmong } from '../portable/spool-format.js';
import { removeSegment } from './compressed-segment.js';
import { writeAll } from './write-files.js';

/** A spool as it was found. */
export interface FoundSpool {
  /** Undefined: there is none yet. */
  readonly list: SegmentList | undefined;
  /** Bytes behind the last whole frame, which an interrupted writer left. */
  readonly cutBytes: number;
  /** Indexes that were missing, damaged or behind. */
  readonly rebuiltIndexes: number;
}

/**
 * The caller has the lock.
 * @throws SpoolError `ERR_SPOOL_DAMAGED` when it is not known where the spool ends; the system's error
 */
export async function recoverSpool(directory: string, store: FileStore): Promise<FoundSpool> {
  const names = await readdir(directory);
  for (const name of names) if (name.endsWith(PARTIAL_SUFFIX)) await unlink(join(directory, name));
  const segments = segmentsAmong(names);
  // The compressed one is whole: only the removal of the other was interrupted.
  for (const { number, compressed } of segments)
    if (compressed && names.includes(segmentName(number, false))) await removeSegment(directory, number, false);
  await removeLostIndexes(directory, names);
  if (segments.length === 0) return { list: undefined, cutBytes: 0, rebuiltIndexes: 0 };
  const list = await SegmentList.open(store, segments);
  const last = list.segments.at(-1);
  const lost = list.unreadable.find(({ number }) => number > (last?.number ?? 0));
  if (lost !== undefined)
    throw new SpoolError(
      'ERR_SPOOL_DAMAGED',
      `The beginning of '${lost.name}', the last file of the spool, is damaged.`,
      {
        help: 'Move the file away to go on behind what is before it, or begin another spool.',
      },
    );
  last?.finish();
  let rebuiltIndexes = 0;
  for (const segment of list.segments) if (await makeIndexWhole(directory, segment)) rebuiltIndexes++;
  return { list, cutBytes: last === undefined ? 0 : last.size - last.end.position, rebuiltIndexes };
}

/** Indexes whose segment was removed before them. */
async function removeLostIndexes(directory: string, names: readonly string[]): Promise<void> {
  for (const name of names)
    if (/^segment-\d+\.z?frames\.index$/.test(name) && !names.includes(name.slice(0, -INDEX_SUFFIX.length)))
      await unlink(join(directory, name));
}

async function makeIndexWhole(directory: string, segment: Segment): Promise<boolean> {
  if (segment.indexState === 'whole') return false;
  const path = join(directory, segment.name + INDEX_SUFFIX);
  const file: FileHandle = await open(path + PARTIAL_SUFFIX, 'w');
  try {
    await writeAll(file, [encodeHeader('index', segment.header), segment.entries], 0);
  } finally {
    await file.close();
  }
  await rename(path + PARTIAL_SUFFIX, path);
  return true;
}
