/** Reads a spool: any row, by number, by position in the input and by time; all of it in order; and what is appended meanwhile. */
import { Batch, readElement, type StreamElement } from '@chipmunk-host/batch';
import type { BlockPart, SpoolFrame } from './block-content.js';
import { ownItem } from './own-items.js';
import {
  pause,
  type SpoolBatch,
  type SpoolFollowOptions,
  type SpoolReadOptions,
  type SpoolRow,
  type Waiting,
} from './reading.js';
import { rowAtOffset, rowAtTime } from './row-search.js';
import type { Segment } from './segment.js';
import type { SpoolAbout } from './segment-header.js';
import { SegmentList, type SpoolBlock } from './segment-list.js';
import { type DamagedStretch, damagedError, SpoolError } from './spool-error.js';
import { segmentsAmong } from './spool-format.js';
import type { SpoolStore } from './spool-store.js';

const DEFAULT_POLL_MS = 200;
/** Memory for blocks that is used again: new memory for each takes some 50 MB before it is collected. */
const MOST_SCRATCHES = 2;
const MOST_KEPT_BYTES = 4 * 1024 * 1024;

interface Scratch {
  bytes: Uint8Array;
}

/** Reads a spool. It sees what was there when it was opened, and what `refresh` and `follow` find. */
export class SpoolReader {
  readonly #store: SpoolStore;
  readonly #wait: Waiting;
  #list: SegmentList;
  readonly #scratches: Scratch[] = [];
  #refreshing: Promise<unknown> = Promise.resolve();
  #last:
    | { readonly segment: Segment; readonly end: number; readonly at: number; readonly parts: readonly BlockPart[] }
    | undefined;

  private constructor(store: SpoolStore, list: SegmentList, wait: Waiting) {
    this.#store = store;
    this.#list = list;
    this.#wait = wait;
  }

  /**
   * Opens the spool of a store, in any JavaScript runtime.
   * @param wait waits between two looks of `follow`. Default: so many milliseconds
   * @throws SpoolError `ERR_SPOOL_FORMAT` when there is none, or one of a later version; what the store throws
   */
  static async open(store: SpoolStore, wait: Waiting = pause): Promise<SpoolReader> {
    const names = segmentsAmong(await store.list());
    if (names.length === 0)
      throw new SpoolError('ERR_SPOOL_FORMAT', `'${store.name}' is no spool: it has no file segment-….frames.`, {
        help: 'Name the directory that `ingest --spool` or `Spool.create` was given.',
      });
    const list = await SegmentList.open(store, names);
    return new SpoolReader(store, list, wait);
  }

  /** Number of the first row that is there; more than 0 when older ones were removed. */
  get firstRow(): number {
    return this.#list.firstRow;
  }

  /** Number behind that of the last row. */
  get endRow(): number {
    return this.#list.endRow;
  }

  /** Number of the first frame that is there. */
  get firstFrame(): number {
    return this.#list.firstFrame;
  }

  /** Number behind that of the last frame. */
  get endFrame(): number {
    return this.#list.endFrame;
  }

  /** What was said of the rows when the spool was made. */
  get about(): SpoolAbout {
    return this.#list.about;
  }

  /** Its segments in their order, as they were at the last look. */
  get segments(): readonly Segment[] {
    return this.#list.segments;
  }

  /** Its blocks in their order: what is known without reading them. */
  blocks(): Generator<SpoolBlock, void, undefined> {
    return this.#list.blocks();
  }

  /** Stretches that are known to be lost, without reading the blocks. */
  get lost(): readonly DamagedStretch[] {
    return this.#list.holes;
  }

  /** Bytes that the index takes in memory. */
  get indexBytes(): number {
    return this.#list.segments.reduce((sum, segment) => sum + segment.indexBytes, 0);
  }

  /** Looks at what was appended and removed meanwhile. @returns whether there are more frames than before */
  refresh(): Promise<boolean> {
    // One that is under way may have looked before the append that this call is to see.
    const looked = this.#refreshing.catch(() => {}).then(() => this.#refresh());
    this.#refreshing = looked;
    return looked;
  }

  async #refresh(): Promise<boolean> {
    const before = this.#list.endFrame;
    this.#list = await this.#list.refreshed(this.#store);
    return this.#list.endFrame > before;
  }

  /**
   * Whole frames in their order, checked and not decoded.
   * @throws SpoolError `ERR_SPOOL_DAMAGED`, unless there is `onDamage`; `ERR_SPOOL_READ` when a bounded spool has removed what comes next
   */
  frames(options: SpoolReadOptions = {}): AsyncGenerator<SpoolFrame, void, undefined> {
    return this.#frames(options, options.into === undefined ? undefined : { bytes: options.into });
  }

  async *#frames(options: SpoolReadOptions, scratch: Scratch | undefined): AsyncGenerator<SpoolFrame, void, undefined> {
    const { fromRow, fromFrame, onDamage, blocks } = options;
    let next = fromFrame ?? (fromRow === undefined ? this.firstFrame : this.#list.frameOfRow(fromRow));
    const first = fromFrame === undefined ? (fromRow ?? 0) : 0;
    while (next < this.endFrame) {
      const block = this.#blockOf(next);
      if ('why' in block) {
        report(damagedError(block), onDamage);
        next = block.endFrame;
        continue;
      }
      const { entry } = block;
      const end = entry.firstFrame + entry.frames;
      if (blocks?.(block) !== false)
        for (const { frame, damage } of await this.#parts(block, scratch)) {
          if ((damage?.endFrame ?? (frame?.number ?? 0) + 1) <= next) continue;
          if (damage !== undefined && (first === 0 || damage.endRow > first)) report(damagedError(damage), onDamage);
          else if (frame !== undefined && begins(frame, first)) yield frame;
        }
      next = end;
    }
  }

  /** Batches, gaps and restarts in their order. They stay valid. @throws as `frames` */
  async *elements(options: Omit<SpoolReadOptions, 'into'> = {}): AsyncGenerator<StreamElement, void, undefined> {
    for await (const { bytes } of this.frames(options)) yield readElement(bytes);
  }

  /**
   * The same, and then those that are appended, until the signal is aborted.
   * @throws as `frames`
   */
  async *follow(options: SpoolFollowOptions = {}): AsyncGenerator<SpoolFrame, void, undefined> {
    const { signal, pollMs = DEFAULT_POLL_MS, fromRow, fromFrame, ...rest } = options;
    let next = fromFrame ?? (fromRow === undefined ? this.firstFrame : this.#list.frameOfRow(fromRow));
    const isAborted = () => signal?.aborted === true;
    while (!isAborted()) {
      const end = this.endFrame;
      for await (const frame of this.frames({ ...rest, fromFrame: next })) {
        if (isAborted()) return;
        if (begins(frame, fromRow ?? 0)) yield frame;
        next = frame.number + 1;
      }
      next = Math.max(next, end);
      await this.#more(pollMs, signal);
    }
  }

  /**
   * Rows from a number on; fewer where the spool ends.
   * @throws SpoolError `ERR_SPOOL_DAMAGED` when one of them is lost; `ERR_SPOOL_READ` when it was removed
   */
  async rows(from: number, count = 1): Promise<readonly SpoolRow[]> {
    const rows: SpoolRow[] = [];
    requireNumber('from', from);
    requireNumber('count', count);
    if (count === 0 || from >= this.endRow) return rows;
    const scratch = this.#scratches.pop() ?? { bytes: new Uint8Array() };
    try {
      await this.#collect(rows, from, count, scratch);
      return rows;
    } finally {
      if (scratch.bytes.length <= MOST_KEPT_BYTES && this.#scratches.length < MOST_SCRATCHES)
        this.#scratches.push(scratch);
    }
  }

  async #collect(rows: SpoolRow[], from: number, count: number, scratch: Scratch): Promise<void> {
    for await (const frame of this.#frames({ fromRow: from }, scratch)) {
      if (frame.rows === 0) continue;
      const batch = Batch.from(frame.bytes);
      let { row } = frame;
      for (const item of batch) {
        if (row >= from) rows.push({ row, item: ownItem(batch, item), source: frame.source });
        row++;
        if (rows.length === count) return;
      }
    }
  }

  /** The batch that has a row; undefined where the spool ends before it. @throws as `rows` */
  async batchAt(row: number): Promise<SpoolBatch | undefined> {
    requireNumber('row', row);
    if (row >= this.endRow) return undefined;
    for await (const frame of this.frames({ fromRow: row }))
      if (frame.rows > 0) return { row: frame.row, batch: Batch.from(frame.bytes), frame };
    return undefined;
  }

  /**
   * The row that a byte of the input is in, or, where it is in none, the next one; undefined where none follows.
   * @param offset position in the input
   * @param source number of the input. Default 0
   * @throws as `rows`
   */
  atOffset(offset: number, source = 0): Promise<number | undefined> {
    requireNumber('offset', offset);
    return rowAtOffset(this, offset, source);
  }

  /**
   * The first row, in the order of the spool, of this time or later; undefined where there is none.
   * @param time in nanoseconds since 1970-01-01 UTC
   * @throws as `rows`
   */
  atTime(time: bigint): Promise<number | undefined> {
    return rowAtTime(this, time);
  }

  /** Where this machine has a file of the spool; undefined where it is elsewhere. */
  pathOf(name: string): string | undefined {
    return this.#store.path?.(name);
  }

  /** Gives files back. */
  async close(): Promise<void> {
    await this.#list.close();
    await this.#store.close?.();
  }

  /** The same as `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Resolves when there may be more. It waits before it looks: what is appended meanwhile ends the waiting. */
  async #more(pollMs: number, signal: AbortSignal | undefined): Promise<void> {
    const ending = new AbortController();
    const end = () => ending.abort();
    signal?.addEventListener('abort', end);
    try {
      const waited = this.#wait(pollMs, ending.signal);
      if (!(await this.refresh()) && signal?.aborted !== true) await waited;
    } finally {
      end();
      signal?.removeEventListener('abort', end);
    }
  }

  #blockOf(frame: number): SpoolBlock | DamagedStretch {
    const found = this.#list.blockOf(frame);
    if (found !== undefined) return found;
    throw new SpoolError(
      'ERR_SPOOL_READ',
      `Frame ${frame} was removed: the spool begins at frame ${this.firstFrame}.`,
      {
        help: `Begin at row ${this.firstRow}, or keep more with maxBytes and maxAgeMs.`,
      },
    );
  }

  /** The block that was read last is often the one that is asked for next. */
  async #parts({ segment, entry, index }: SpoolBlock, scratch: Scratch | undefined): Promise<readonly BlockPart[]> {
    if (scratch !== undefined) {
      if (scratch.bytes.length < entry.storedBytes) scratch.bytes = new Uint8Array(entry.storedBytes);
      return this.#read(segment, entry, scratch.bytes);
    }
    const last = this.#last;
    const end = entry.firstFrame + entry.frames;
    if (last?.segment === segment && last.at === index && last.end === end) return last.parts;
    const parts = await this.#read(segment, entry, undefined);
    this.#last = { segment, at: index, end, parts };
    return parts;
  }

  /** A segment may have been compressed meanwhile, which replaces its file. */
  async #read(
    segment: Segment,
    entry: SpoolBlock['entry'],
    into: Uint8Array | undefined,
  ): Promise<readonly BlockPart[]> {
    try {
      return await segment.read(entry, into);
    } catch (error) {
      if (error instanceof SpoolError && error.code === 'ERR_SPOOL_COMPRESSION') throw error;
      await this.refresh();
      const found = this.#blockOf(entry.firstFrame);
      if ('why' in found || found.segment === segment) throw error;
      const parts = await found.segment.read(found.entry, into);
      return parts.filter(({ frame, damage }) => (frame?.number ?? damage?.firstFrame ?? 0) >= entry.firstFrame);
    }
  }
}

function report(error: SpoolError, onDamage: ((error: SpoolError) => void) | undefined): void {
  if (onDamage === undefined) throw error;
  onDamage(error);
}

function requireNumber(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw new RangeError(`The ${name} is ${String(value)}; expected a whole number from 0.`);
}

/** Whether a frame has the row, or comes behind it. */
function begins({ row, rows }: SpoolFrame, first: number): boolean {
  return row >= first || row + rows > first;
}
