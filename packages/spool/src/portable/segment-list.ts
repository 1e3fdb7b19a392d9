/** The segments of a spool in their order, and what is missing between them. */
import type { BlockEntry } from './block-entry.js';
import { Segment } from './segment.js';
import type { SpoolAbout } from './segment-header.js';
import { type DamagedStretch, SpoolError } from './spool-error.js';
import { type SegmentName, segmentName, segmentsAmong } from './spool-format.js';
import type { SpoolStore } from './spool-store.js';

/** A block, and the segment that it is in. */
export interface SpoolBlock {
  readonly segment: Segment;
  readonly entry: BlockEntry;
  /** Its place in the segment. */
  readonly index: number;
}

export class SegmentList {
  readonly segments: readonly Segment[];
  /** What is lost between segments, in its order. */
  readonly holes: readonly DamagedStretch[];
  /** Names of files of which nothing can be told. */
  readonly #unreadable: readonly SegmentName[];

  private constructor(segments: readonly Segment[], unreadable: readonly SegmentName[]) {
    this.segments = segments;
    this.#unreadable = unreadable;
    this.holes = holesBetween(segments, unreadable);
  }

  /**
   * @param known segments that are open already; those that are not there any more are closed
   * @throws SpoolError `ERR_SPOOL_DAMAGED` when nothing can be read; `ERR_SPOOL_FORMAT` for a later version
   */
  static async open(
    store: SpoolStore,
    names: readonly SegmentName[],
    known: readonly Segment[] = [],
  ): Promise<SegmentList> {
    const open = [...known];
    for (let tries = MOST_TRIES, listed = names; ; tries--) {
      const { segments, unreadable, gone } = await openAll(store, listed, open);
      // A file that went away meanwhile was removed from a bounded spool, or compressed: then it has another name.
      if (gone && tries > 0) {
        open.push(...segments.filter((segment) => !open.includes(segment)));
        listed = segmentsAmong(await store.list());
        continue;
      }
      for (const segment of open) if (!segments.includes(segment)) await segment.close();
      for (const segment of segments.slice(0, -1)) segment.finish();
      if (segments.length > 0) return new SegmentList(segments, unreadable);
      throw nothingReadable(store, unreadable);
    }
  }

  /** With what is there now. */
  async refreshed(store: SpoolStore): Promise<SegmentList> {
    const names = segmentsAmong(await store.list());
    return SegmentList.open(store, names, this.segments);
  }

  get firstRow(): number {
    return this.segments[0]?.firstRow ?? 0;
  }

  get firstFrame(): number {
    return this.segments[0]?.firstFrame ?? 0;
  }

  get endRow(): number {
    return this.segments.at(-1)?.end.row ?? 0;
  }

  get endFrame(): number {
    return this.segments.at(-1)?.end.frame ?? 0;
  }

  get about(): SpoolAbout {
    return this.segments.at(-1)?.header.about ?? {};
  }

  /** The file that has the end of the spool, where that cannot be read. */
  get unreadable(): readonly SegmentName[] {
    return this.#unreadable;
  }

  *blocks(): Generator<SpoolBlock, void, undefined> {
    for (const segment of this.segments)
      for (let index = 0; index < segment.blocks; index++) yield { segment, ...segment.block(index) };
  }

  /** Undefined for a frame before the first one. */
  blockOf(frame: number): SpoolBlock | DamagedStretch | undefined {
    const segment = lastOf(this.segments, (each) => each.firstFrame <= frame);
    if (segment === undefined) return undefined;
    const placed = segment.blockOfFrame(frame);
    if (placed !== undefined) return { segment, ...placed };
    return this.holes.find(({ firstFrame, endFrame }) => firstFrame <= frame && frame < endFrame);
  }

  /** The frame that has a row, or one before it whose block has it. */
  frameOfRow(row: number): number {
    const segment = lastOf(this.segments, (each) => each.firstRow <= row);
    if (segment === undefined) return row < this.firstRow ? -1 : this.firstFrame;
    if (row >= segment.end.row) return segment.end.frame;
    return segment.blockOfRow(row)?.entry.firstFrame ?? segment.firstFrame;
  }

  async close(): Promise<void> {
    await Promise.all(this.segments.map((segment) => segment.close()));
  }
}

/** How often files are listed again that went away while they were opened. */
const MOST_TRIES = 10;

async function openAll(store: SpoolStore, names: readonly SegmentName[], known: readonly Segment[]) {
  const segments: Segment[] = [];
  const unreadable: SegmentName[] = [];
  let gone = false;
  const byName = new Map(known.map((segment) => [segment.name, segment]));
  for (const [at, name] of names.entries()) {
    const there = byName.get(name.name);
    const segment = there ?? (await Segment.open(store, name));
    if (segment === undefined) gone = true;
    else if (segment === 'damaged') unreadable.push(name);
    else {
      // The last one that was known may have grown since.
      if (there !== undefined && (at === names.length - 1 || there === known.at(-1))) await there.advance();
      segments.push(segment);
    }
  }
  return { segments, unreadable, gone };
}

function nothingReadable(store: SpoolStore, unreadable: readonly SegmentName[]): SpoolError {
  const files = unreadable.map(({ name }) => `'${name}'`).join(', ');
  const message =
    unreadable.length === 0
      ? `The spool '${store.name}' was removed.`
      : `Nothing of the spool '${store.name}' can be read: the beginning of ${files} is damaged.`;
  const help = 'Move the files away, and make the spool again.';
  return new SpoolError(unreadable.length === 0 ? 'ERR_SPOOL_READ' : 'ERR_SPOOL_DAMAGED', message, { help });
}

function lastOf(segments: readonly Segment[], holds: (segment: Segment) => boolean): Segment | undefined {
  let [low, high] = [0, segments.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(segments[middle] as Segment)) low = middle + 1;
    else high = middle;
  }
  return segments[low - 1];
}

function holesBetween(segments: readonly Segment[], unreadable: readonly SegmentName[]): readonly DamagedStretch[] {
  return segments.flatMap((segment, at) => {
    const next = segments[at + 1];
    const { position, frame, row } = segment.end;
    if (next === undefined || next.firstFrame <= frame) return [];
    const lost = unreadable.find(({ number }) => number > segment.number && number < next.number);
    const about = { firstFrame: frame, endFrame: next.firstFrame, firstRow: row, endRow: next.firstRow };
    if (lost !== undefined)
      return [{ file: lost.name, position: 0, ...about, why: 'the beginning of the file is damaged' }];
    if (next.number > segment.number + 1)
      return [{ file: segmentName(segment.number + 1, false), position: 0, ...about, why: 'the file is missing' }];
    return [{ file: segment.name, position, ...about, why: 'the end of the file is missing' }];
  });
}
