/** Does a part of a search in a thread of its own: reads the bytes into memory of wasm, and looks at each frame. */
import { closeSync, openSync, readSync } from 'node:fs';
import { crc32 as quickCrc32 } from 'node:zlib';
import { loadSelection } from '@chipmunk-host/hosts/internal/select';
import { blockParts } from '../portable/block-content.js';
import { crc32, useCrc32 } from '../portable/crc32.js';
import type { DamagedStretch } from '../portable/spool-error.js';
import { ENTRY_BYTES } from '../portable/spool-format.js';
import { decompressor } from '../zstd.js';
import { FoundRows, FrameSearcher } from './frame-searcher.js';
import {
  type ElementsPart,
  type SearchedBlock,
  type SearchTask,
  type SegmentPart,
  type TaskResult,
  unpackBlocks,
} from './search-task.js';

useCrc32((bytes) => quickCrc32(bytes));

/** What a thread keeps of the search that it worked at last. */
interface OpenSearch {
  readonly name: string;
  readonly searcher: FrameSearcher;
}

let last: OpenSearch | undefined;

export async function runSearchTask({ search, plans, stop, part }: SearchTask): Promise<TaskResult> {
  if (last?.name !== search)
    last = { name: search, searcher: new FrameSearcher(await Promise.all(plans.map(loadSelection))) };
  const found = plans.map(() => new FoundRows());
  const damage: DamagedStretch[] = [];
  const run = new Run(last.searcher, found, damage, stop);
  const isGone = part.kind === 'blocks' ? !run.searchSegment(part) : false;
  if (part.kind === 'elements') run.searchElements(part);
  return { rows: found.map((rows) => rows.take()), damage, stopped: run.isStopped, isGone };
}

class Run {
  readonly #searcher: FrameSearcher;
  readonly #found: readonly FoundRows[];
  readonly #damage: DamagedStretch[];
  readonly #stop: Int32Array;

  constructor(searcher: FrameSearcher, found: readonly FoundRows[], damage: DamagedStretch[], stop: Int32Array) {
    this.#searcher = searcher;
    this.#found = found;
    this.#damage = damage;
    this.#stop = stop;
  }

  get isStopped(): boolean {
    return Atomics.load(this.#stop, 0) !== 0;
  }

  /** @returns false when its file is not there any more */
  searchSegment(part: SegmentPart): boolean {
    const file = openFile(part.path);
    if (file === undefined) return false;
    try {
      for (const block of unpackBlocks(part.blocks)) {
        if (this.isStopped) break;
        const bytes = this.#read(file, block, part);
        if (bytes !== undefined) this.#searchBlock(bytes, block, part);
      }
    } finally {
      closeSync(file);
    }
    return true;
  }

  searchElements({ elements }: ElementsPart): void {
    for (const { bytes, firstRow } of elements) {
      if (this.isStopped) return;
      this.#searcher.room(bytes.length).set(bytes);
      this.#searcher.search(0, bytes.length, firstRow, this.#found);
    }
  }

  #searchBlock(bytes: Uint8Array, block: SearchedBlock, part: SegmentPart): void {
    for (const { frame, damage } of blockParts(bytes, block, part, block.wasChecked)) {
      if (this.isStopped) return;
      const first = damage?.firstFrame ?? frame?.number ?? 0;
      const end = damage?.endFrame ?? first + 1;
      if (end <= part.fromFrame || first >= part.endFrame) continue;
      if (damage !== undefined) this.#damage.push(damage);
      else if (frame.type === 0) {
        const at = frame.bytes.byteOffset;
        try {
          this.#searcher.search(at, frame.bytes.length, frame.row, this.#found);
        } catch (cause) {
          const { number, row, rows } = frame;
          const position = part.compressed ? block.position : block.position + at - bytes.byteOffset;
          const stretch = { file: part.file, position, firstFrame: number, endFrame: number + 1 };
          const why = `its batch cannot be read: ${(cause as Error).message}`;
          this.#damage.push({ ...stretch, firstRow: row, endRow: row + rows, why });
        }
      }
    }
  }

  /** The frames of a block, in memory of wasm. */
  #read(file: number, block: SearchedBlock, part: SegmentPart): Uint8Array | undefined {
    const room = this.#searcher.room(block.bytes);
    if (!part.compressed) return room.subarray(0, readFully(file, room, block.position));
    const stored = new Uint8Array(block.storedBytes);
    const read = readFully(file, stored, block.position + ENTRY_BYTES);
    try {
      if (read < stored.length) throw new Error('the file ends in it');
      if (crc32(stored) !== block.crc) throw new Error('its compressed bytes do not have their checksum');
      if (decompressor === undefined) throw new Error('this version of Node.js has no zstd; 22.15 and later have');
      room.set(decompressor(stored, block.bytes));
      return room;
    } catch (cause) {
      this.#lose(block, part, (cause as Error).message);
      return undefined;
    }
  }

  #lose({ position, firstFrame, frames, firstRow, rows }: SearchedBlock, { file }: SegmentPart, why: string): void {
    const [endFrame, endRow] = [firstFrame + frames, firstRow + rows];
    this.#damage.push({ file, position, firstFrame, endFrame, firstRow, endRow, why });
  }
}

function openFile(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** @returns how many bytes there were: fewer where the file ends early */
function readFully(file: number, into: Uint8Array, position: number): number {
  let read = 0;
  while (read < into.length) {
    const bytes = readSync(file, into, read, into.length - read, position + read);
    if (bytes === 0) break;
    read += bytes;
  }
  return read;
}
