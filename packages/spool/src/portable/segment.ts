/** One segment of a spool: its header, its blocks, and how they are read. */

import { type BlockPart, blockParts } from './block-content.js';
import { type BlockEntry, decodeEntry } from './block-entry.js';
import { BlockTable } from './block-table.js';
import { crc32 } from './crc32.js';
import { decodeHeader, HEADER_START_BYTES, type HeaderKind, headerLength, type ReadHeader } from './segment-header.js';
import { blockBytes, type ScanPlace, SegmentScan } from './segment-scan.js';
import { SpoolError } from './spool-error.js';
import { ENTRY_BYTES, INDEX_SUFFIX, type SegmentName } from './spool-format.js';
import type { RangeSource, SpoolStore } from './spool-store.js';

/** How the index of a segment was found. `behind`: blocks were added to it in memory, from the segment. */
export type IndexState = 'whole' | 'behind' | 'damaged' | 'missing';

/** A block with its place in the table; one that frames may still be added to has the place behind the last. */
export interface PlacedBlock {
  readonly entry: BlockEntry;
  readonly index: number;
}

export class Segment {
  readonly name: string;
  readonly number: number;
  readonly header: ReadHeader;
  readonly indexState: IndexState;
  readonly #source: RangeSource;
  readonly #store: SpoolStore;
  readonly #table: BlockTable;
  readonly #scan: SegmentScan;
  #size = 0;

  private constructor(
    { name, number }: SegmentName,
    store: SpoolStore,
    source: RangeSource,
    header: ReadHeader,
    table: BlockTable,
    indexState: IndexState,
  ) {
    this.name = name;
    this.number = number;
    this.header = header;
    this.indexState = indexState;
    this.#source = source;
    this.#store = store;
    this.#table = table;
    this.#scan = new SegmentScan(header, endOf(table, header), (block) => table.add(block));
  }

  /**
   * Undefined when its file is not there any more, or `damaged` when nothing of it can be told.
   * @throws SpoolError `ERR_SPOOL_FORMAT` for a later version
   */
  static async open(store: SpoolStore, name: SegmentName): Promise<Segment | 'damaged' | undefined> {
    const source = await store.open(name.name);
    if (source === undefined) return undefined;
    const index = await store.open(name.name + INDEX_SUFFIX);
    try {
      const fromIndex = index && (await readHeader('index', index));
      const header = inPlace((await readHeader('segment', source)) ?? fromIndex, name);
      if (header === undefined) {
        await source.close?.();
        return 'damaged';
      }
      const size = await source.size();
      const table = new BlockTable(header.id);
      let state: IndexState = index === undefined ? 'missing' : 'damaged';
      if (index !== undefined && fromIndex?.id === header.id) state = await loadIndex(index, fromIndex, header, table);
      const known = endOf(table, header).position;
      const segment = new Segment(
        name,
        store,
        source,
        header,
        table,
        state === 'whole' && known < size ? 'behind' : state,
      );
      await segment.advance();
      return segment;
    } finally {
      await index?.close?.();
    }
  }

  get firstRow(): number {
    return this.header.firstRow;
  }

  get firstFrame(): number {
    return this.header.firstFrame;
  }

  /** Behind its last whole frame. */
  get end(): ScanPlace {
    return this.#scan.place;
  }

  /** Bytes of the file, as they were at the last look. */
  get size(): number {
    return this.#size;
  }

  /** Bytes that its index takes in memory. */
  get indexBytes(): number {
    return this.#table.memoryBytes;
  }

  /** The entries as an index file has them: of blocks that are finished. */
  get entries(): Uint8Array {
    return this.#table.bytes;
  }

  /** Blocks that are finished, and the last one. */
  get blocks(): number {
    return this.#table.length + (this.#scan.open === undefined ? 0 : 1);
  }

  /** @param index below `blocks` */
  block(index: number): PlacedBlock {
    const entry = index < this.#table.length ? this.#table.at(index) : this.#scan.open;
    if (entry === undefined) throw new RangeError(`no block ${index}`);
    return { entry, index };
  }

  /** The block that a frame is in; undefined where it is in none. */
  blockOfFrame(frame: number): PlacedBlock | undefined {
    const { open } = this.#scan;
    if (open !== undefined && frame >= open.firstFrame) return inBlock(open, this.#table.length, frame);
    const index = this.#table.ofFrame(frame);
    return index < 0 ? undefined : inBlock(this.#table.at(index), index, frame);
  }

  /** The block that a row is in. */
  blockOfRow(row: number): PlacedBlock | undefined {
    const { open } = this.#scan;
    if (open !== undefined && row >= open.firstRow) return { entry: open, index: this.#table.length };
    const index = this.#table.ofRow(row);
    return index < 0 ? undefined : { entry: this.#table.at(index), index };
  }

  /** Looks at what was appended. @returns whether there is more than before */
  async advance(): Promise<boolean> {
    const before = this.#scan.place.frame;
    this.#size = await this.#source.size();
    await this.#scan.advance(this.#source, this.#size);
    return this.#scan.place.frame > before;
  }

  /** No frames will follow: its last block is finished. */
  finish(): void {
    this.#scan.end();
  }

  /**
   * The frames of a block.
   * @param into memory that may be used for the bytes
   * @throws SpoolError `ERR_SPOOL_COMPRESSION`; what the store throws
   */
  async read(entry: BlockEntry, into?: Uint8Array): Promise<readonly BlockPart[]> {
    const place = { file: this.name, id: this.header.id, compressed: this.header.compressed };
    if (!this.header.compressed)
      return blockParts(await this.#source.read(entry.position, entry.storedBytes, into), entry, place);
    const stored = await this.#source.read(entry.position + ENTRY_BYTES, entry.storedBytes);
    return blockParts(await this.#decompressed(stored, entry), entry, place);
  }

  async #decompressed(stored: Uint8Array, entry: BlockEntry): Promise<Uint8Array> {
    const { decompress } = this.#store;
    if (decompress === undefined)
      throw new SpoolError(
        'ERR_SPOOL_COMPRESSION',
        `'${this.name}' is compressed with zstd, which is not known here.`,
        {
          help: 'Use Node.js 22.15 or later, or give the store a function that decompresses zstd.',
        },
      );
    if (stored.length < entry.storedBytes || crc32(stored) !== entry.crc) return NOTHING;
    try {
      return await decompress(stored, entry.bytes);
    } catch {
      return NOTHING;
    }
  }

  async close(): Promise<void> {
    await this.#source.close?.();
  }
}

const NOTHING = new Uint8Array();

function inBlock(entry: BlockEntry, index: number, frame: number): PlacedBlock | undefined {
  return frame < entry.firstFrame + entry.frames ? { entry, index } : undefined;
}

/** Behind the last block of the table. */
function endOf(table: BlockTable, header: ReadHeader): ScanPlace {
  if (table.length === 0) return { position: header.byteLength, frame: header.firstFrame, row: header.firstRow };
  const last = table.at(table.length - 1);
  const position = last.position + blockBytes(last, header.compressed);
  return { position, frame: last.firstFrame + last.frames, row: last.firstRow + last.rows };
}

async function readHeader(kind: HeaderKind, source: RangeSource): Promise<ReadHeader | undefined> {
  const length = headerLength(kind, await source.read(0, HEADER_START_BYTES));
  return length === undefined ? undefined : decodeHeader(kind, await source.read(0, length));
}

/** A file that was renamed is another segment's. */
function inPlace(header: ReadHeader | undefined, name: SegmentName): ReadHeader | undefined {
  return header?.number === name.number && header.compressed === name.compressed ? header : undefined;
}

/** Takes the entries that follow each other from the first block on. */
async function loadIndex(
  index: RangeSource,
  { byteLength }: ReadHeader,
  header: ReadHeader,
  table: BlockTable,
): Promise<IndexState> {
  const bytes = await index.read(byteLength, (await index.size()) - byteLength);
  let at = 0;
  for (; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
    const entry = decodeEntry(bytes, at, header.id);
    const end = endOf(table, header);
    if (entry?.position !== end.position || entry.firstFrame !== end.frame || entry.firstRow !== end.row)
      return 'damaged';
    table.add(entry);
  }
  return at === bytes.length ? 'whole' : 'behind';
}
