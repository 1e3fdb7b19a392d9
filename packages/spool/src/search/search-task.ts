/** What crosses between the main thread and the threads that search (search.worker.ts). */
import type { SelectionPlan } from '@chipmunk-host/hosts/internal/select';
import type { BlockEntry } from '../portable/block-entry.js';
import type { DamagedStretch } from '../portable/spool-error.js';

/** A part of a search, which one thread does at a stretch. */
export interface SearchTask {
  /** The same for all tasks of a search: a thread keeps what it has made of the plans. */
  readonly search: string;
  readonly plans: readonly SelectionPlan[];
  /** One number, which is not 0 when the search is to end. */
  readonly stop: Int32Array;
  readonly part: SegmentPart | ElementsPart;
}

/** Blocks of a segment that follow each other. */
export interface SegmentPart {
  readonly kind: 'blocks';
  readonly path: string;
  /** Name of the file, for errors. */
  readonly file: string;
  readonly id: bigint;
  readonly compressed: boolean;
  /** As `packBlocks` makes them: objects take longer to cross. */
  readonly blocks: Float64Array;
  /** Frames before this one are not searched: of a block that has grown, they were before. */
  readonly fromFrame: number;
  /** Neither are those from this one on. */
  readonly endFrame: number;
}

/** Batches, with the number of the first row of each. */
export interface ElementsPart {
  readonly kind: 'elements';
  readonly elements: readonly { readonly bytes: Uint8Array; readonly firstRow: number }[];
}

/** What a search is made of, in its order. */
export interface SearchPart {
  readonly part: SegmentPart | ElementsPart;
  readonly rows: number;
  readonly bytes: number;
  /** Called when it was searched, and nothing of it is damaged. */
  whole?(): void;
}

export interface TaskResult {
  /** Rows that were found, for each plan, in rising order. */
  readonly rows: readonly Float64Array[];
  readonly damage: readonly DamagedStretch[];
  /** Whether the search was stopped in it: not all of it was searched. */
  readonly stopped: boolean;
  /** Whether the file is not there any more: nothing was searched. */
  readonly isGone: boolean;
}

/** A block as a thread needs it. */
export interface SearchedBlock
  extends Pick<
    BlockEntry,
    'position' | 'storedBytes' | 'bytes' | 'firstFrame' | 'frames' | 'firstRow' | 'rows' | 'crc'
  > {
  /** Whether its checksums were found to be right before. */
  readonly wasChecked: boolean;
}

const FIELDS = ['position', 'storedBytes', 'bytes', 'firstFrame', 'frames', 'firstRow', 'rows', 'crc'] as const;
const BLOCK_NUMBERS = FIELDS.length + 1;

export function packBlocks(blocks: readonly SearchedBlock[]): Float64Array {
  const packed = new Float64Array(blocks.length * BLOCK_NUMBERS);
  let at = 0;
  for (const block of blocks) {
    for (const field of FIELDS) packed[at++] = block[field];
    packed[at++] = block.wasChecked ? 1 : 0;
  }
  return packed;
}

export function* unpackBlocks(packed: Float64Array): Generator<SearchedBlock, void, undefined> {
  for (let at = 0; at < packed.length; at += BLOCK_NUMBERS) {
    const [position, storedBytes, bytes, firstFrame, frames, firstRow, rows, crc, wasChecked] = packed.subarray(
      at,
      at + BLOCK_NUMBERS,
    ) as unknown as readonly [number, number, number, number, number, number, number, number, number];
    yield { position, storedBytes, bytes, firstFrame, frames, firstRow, rows, crc, wasChecked: wasChecked === 1 };
  }
}
