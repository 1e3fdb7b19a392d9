/** Searches a spool: its blocks go to the threads, which read them themselves; older ones first, and on request what is appended. */
import { type OptionTable, option, requireOptions } from '@chipmunk-host/runtime/internal/options';
import type { BlockEntry } from '../portable/block-entry.js';
import { pause } from '../portable/reading.js';
import type { PlacedBlock, Segment } from '../portable/segment.js';
import type { DamagedStretch, SpoolError } from '../portable/spool-error.js';
import type { SpoolReader } from '../portable/spool-reader.js';
import { captionsOf } from './captions.js';
import { type CheckedBlocks, checkedOf } from './checked-blocks.js';
import { type PartSource, RunningSearch, SEARCH } from './search.js';
import { searchPlans } from './search-query.js';
import { packBlocks, type SearchPart, unpackBlocks } from './search-task.js';
import type { SearchOptions, SearchQuery, SpoolSearch } from './search-types.js';

/** How a spool is searched. */
export interface SpoolSearchOptions extends SearchOptions {
  /** The first row that is searched. Default: the first one that is there. */
  readonly fromRow?: number | undefined;
  /** The row behind the last one that is searched. Default: all that are there when the search begins. */
  readonly endRow?: number | undefined;
  /** Goes on with what is appended, until the search is ended. Default: false. */
  readonly follow?: boolean | undefined;
  /** How often `follow` looks for more, in milliseconds. Default 200. */
  readonly pollMs?: number | undefined;
}

export const SPOOL_SEARCH: OptionTable<SpoolSearchOptions> = {
  ...SEARCH,
  fromRow: option.whole(0, Number.MAX_SAFE_INTEGER),
  endRow: option.whole(0, Number.MAX_SAFE_INTEGER),
  follow: option.flag,
  pollMs: option.whole(1),
};

/** A part takes longer than what it costs to hand it over; the first ones are small, so that the first hits come soon. */
const MOST_PART_BYTES = 8 * 1024 * 1024;
const FIRST_PART_BYTES = 512 * 1024;
const DEFAULT_POLL_MS = 200;

/**
 * Searches a spool for one or several queries in one pass, in threads of its own.
 * @param reader stays open until the search has ended
 * @throws HostError `ERR_INVALID_OPTION` for a query or an option that is wrong
 */
export async function searchSpool(
  reader: SpoolReader,
  queries: SearchQuery | readonly SearchQuery[],
  options: SpoolSearchOptions = {},
): Promise<SpoolSearch> {
  requireOptions('The options of the search', options, SPOOL_SEARCH);
  const list = Array.isArray(queries) ? (queries as readonly SearchQuery[]) : [queries as SearchQuery];
  const plans = await searchPlans(list, captionsOf(reader.about.renderOptions));
  return new RunningSearch(plans, new SpoolParts(reader, options), options);
}

class SpoolParts implements PartSource {
  readonly fromRow: number | undefined;
  readonly endRow: number | undefined;
  readonly #reader: SpoolReader;
  readonly #options: SpoolSearchOptions;
  readonly #checked: CheckedBlocks;
  readonly #damage: DamagedStretch[] = [];
  #partBytes = FIRST_PART_BYTES;

  constructor(reader: SpoolReader, options: SpoolSearchOptions) {
    this.#reader = reader;
    this.#options = options;
    this.#checked = checkedOf(reader);
    this.fromRow = options.fromRow;
    this.endRow = options.endRow;
  }

  get damage(): readonly DamagedStretch[] {
    const { fromRow = 0, endRow = Number.POSITIVE_INFINITY } = this;
    const lost = this.#reader.lost.filter((each) => each.endRow > fromRow && each.firstRow < endRow);
    return [...this.#damage, ...lost];
  }

  async *parts(signal: AbortSignal): AsyncGenerator<SearchPart, void, undefined> {
    const { follow = false, pollMs = DEFAULT_POLL_MS } = this.#options;
    let next = this.#reader.firstFrame;
    for (;;) {
      const { endFrame } = this.#reader;
      for (const part of this.#segmentParts(next, endFrame)) {
        yield await this.#readable(part);
        if (signal.aborted) return;
      }
      next = endFrame;
      if (!follow) return;
      while (!(await this.#reader.refresh())) {
        await pause(pollMs, signal);
        if (signal.aborted) return;
      }
    }
  }

  /** A segment that was compressed meanwhile has another file; one that was removed has none. */
  async again({ part }: SearchPart) {
    if (part.kind !== 'blocks') return { parts: [], damage: [] };
    const { fromFrame, endFrame, file, blocks } = part;
    await this.#reader.refresh();
    const { firstFrame, firstRow } = this.#reader;
    const parts = await Promise.all(
      [...this.#segmentParts(Math.max(fromFrame, firstFrame), endFrame)].map((each) => this.#readable(each)),
    );
    const searched = [...unpackBlocks(blocks)];
    const [first] = searched;
    const last = searched.at(-1);
    if (first === undefined || last === undefined || firstFrame <= fromFrame) return { parts, damage: [] };
    const removed = {
      file,
      position: first.position,
      firstFrame: fromFrame,
      endFrame: Math.min(endFrame, firstFrame),
      firstRow: first.firstRow,
      endRow: Math.min(last.firstRow + last.rows, firstRow),
      why: 'it was removed meanwhile, since the spool has reached its bound',
    };
    return { parts, damage: [removed] };
  }

  /** Blocks that follow each other in a segment, as many as one thread searches at a stretch. */
  *#segmentParts(fromFrame: number, endFrame: number): Generator<Planned, void, undefined> {
    for (const segment of this.#reader.segments) {
      if (segment.end.frame <= fromFrame || segment.firstFrame >= endFrame) continue;
      let blocks: PlacedBlock[] = [];
      let bytes = 0;
      const first = segment.blockOfFrame(Math.max(fromFrame, segment.firstFrame))?.index ?? 0;
      for (let index = first; index < segment.blocks; index++) {
        const block = segment.block(index);
        const { entry } = block;
        if (entry.firstFrame >= endFrame) break;
        if (!this.#isSought(entry)) continue;
        blocks.push(block);
        bytes += entry.bytes;
        if (bytes < this.#partBytes) continue;
        yield planned(segment, blocks, fromFrame, endFrame);
        blocks = [];
        bytes = 0;
        this.#partBytes = Math.min(MOST_PART_BYTES, this.#partBytes * 2);
      }
      if (blocks.length > 0) yield planned(segment, blocks, fromFrame, endFrame);
    }
  }

  #isSought({ firstRow, rows }: BlockEntry): boolean {
    const { fromRow = 0, endRow = Number.POSITIVE_INFINITY } = this;
    return firstRow + rows > fromRow && firstRow < endRow;
  }

  /** Threads read files; what is elsewhere is read here. */
  async #readable({ segment, blocks: placed, fromFrame, endFrame }: Planned): Promise<SearchPart> {
    const { name, header } = segment;
    const { id, compressed } = header;
    const blocks = placed.map(({ entry }) => entry);
    const sum = (count: (block: BlockEntry) => number) => blocks.reduce((total, block) => total + count(block), 0);
    const about = { rows: sum(({ rows }) => rows), bytes: sum(({ bytes }) => bytes) };
    const path = this.#reader.pathOf(name);
    if (path !== undefined) {
      const blocks = packBlocks(placed.map((block) => ({ ...block.entry, wasChecked: this.#checked.has(id, block) })));
      const whole = () => {
        for (const block of placed) this.#checked.add(id, block);
      };
      const part = { kind: 'blocks', path, file: name, id, compressed, blocks, fromFrame, endFrame } as const;
      return { ...about, part, whole };
    }
    const elements: { bytes: Uint8Array; firstRow: number }[] = [];
    const onDamage = ({ damage }: SpoolError) => {
      if (damage !== undefined) this.#damage.push(damage);
    };
    for await (const frame of this.#reader.frames({ fromFrame, onDamage })) {
      if (frame.number >= endFrame) break;
      // In memory of its own: a view would take all that it is a view of to the thread.
      if (frame.type === 0) elements.push({ bytes: frame.bytes.slice(), firstRow: frame.row });
    }
    return { ...about, part: { kind: 'elements', elements } };
  }
}

interface Planned {
  readonly segment: Segment;
  readonly blocks: readonly PlacedBlock[];
  readonly fromFrame: number;
  readonly endFrame: number;
}

/** @param blocks one or more */
function planned(segment: Segment, blocks: readonly PlacedBlock[], fromFrame: number, endFrame: number): Planned {
  const [first, last] = [blocks[0], blocks.at(-1)] as [PlacedBlock, PlacedBlock];
  return {
    segment,
    blocks,
    fromFrame: Math.max(fromFrame, first.entry.firstFrame),
    endFrame: Math.min(endFrame, last.entry.firstFrame + last.entry.frames),
  };
}
