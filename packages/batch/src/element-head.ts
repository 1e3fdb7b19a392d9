/**
 * The first 65 bytes of a batch, a gap or a restart (docs/batch-format.md, The head): fixed-width integers at fixed places. They are
 * enough to skip it in a file, and to know what it is about.
 */
import { formatError, requireBytes } from './batch-error.js';
import {
  BATCH_VERSION,
  BatchFlag,
  ELEMENT_TYPES,
  ElementCount,
  type ElementType,
  HEAD_BYTES,
  MOST_PREFIX_BYTES,
} from './batch-format.js';

/** What `readHead` finds at the start of a batch, gap or restart, without reading the rest. */
export interface ElementHead {
  readonly type: ElementType;
  /** Bytes of all of it: the next one begins so many bytes behind the start of this one. */
  readonly byteLength: number;
  /** Bytes of what stands before the tables: the head, the header and the sources. At most 65,536. */
  readonly prefixBytes: number;
  /** Number of the input that it is from. */
  readonly source: number;
  /** Position in the input of the first byte that it accounts for. */
  readonly offset: number;
  /** Bytes of input that it accounts for. */
  readonly consumedBytes: number;
  /** Rows of the tables; 0 but for a batch. */
  readonly entries: number;
  /** Items; 0 but for a batch. */
  readonly count: number;
  /** The part of `consumedBytes` that is in no item; 0 but for a batch. */
  readonly skippedBytes: number;
}

/** All that the head says. */
export interface FullHead extends ElementHead {
  readonly ascii: boolean;
  /** Whether a selection left items out. Default: false. */
  readonly isFiltered?: boolean;
  readonly stringsPerEntry: number;
}

/** Where the type bytes stand, and what they are. Each integer follows its own. */
const TYPE_PLACES = [0, 5, 8, 13, 18, 23, 32, 41, 46, 51, 60] as const;
const TYPES = [0xdc, 0xcd, 0xce, 0xce, 0xce, 0xcf, 0xcf, 0xce, 0xce, 0xcf, 0xce] as const;

/** Offsets in bytes of the integers. */
const Place = {
  elements: 1,
  version: 3,
  type: 4,
  flags: 6,
  byteLength: 9,
  prefixBytes: 14,
  source: 19,
  offset: 24,
  consumedBytes: 33,
  entries: 42,
  count: 47,
  skippedBytes: 52,
  stringsPerEntry: 61,
} as const;

/** Where the number of its type stands: an index of `ELEMENT_TYPES`. */
export const TYPE_PLACE = Place.type;

/**
 * Reads the head of the batch, gap or restart that begins at byte `start`. Of what follows, nothing need be there.
 * @throws BatchError `ERR_BATCH_FORMAT`, also for version 1, whose first bytes do not tell its length
 */
export function readHead(bytes: Uint8Array, start = 0): ElementHead {
  requireBytes(bytes);
  const { ascii, isFiltered, stringsPerEntry, ...head } = readFullHead(bytes, start);
  return head;
}

export function readFullHead(bytes: Uint8Array, start = 0): FullHead {
  const version = bytes[start + Place.version];
  if (bytes[start] === 0xdc && version === 1) throw formatError('version 1 does not tell its length in its head');
  if (bytes[start] === 0xdc && version !== undefined && version !== BATCH_VERSION)
    throw formatError(`version ${version} is not known`);
  if (bytes.length - start < HEAD_BYTES) throw formatError('it is cut off');
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, HEAD_BYTES);
  for (let i = 0; i < TYPES.length; i++) {
    const found = view.getUint8(TYPE_PLACES[i] as number);
    if (found !== TYPES[i]) throw formatError(`type byte ${found} where ${TYPES[i]} is due`);
  }
  const type = ELEMENT_TYPES[view.getUint8(Place.type)];
  if (type === undefined) throw formatError(`type ${view.getUint8(Place.type)} is not known`);
  const flags = view.getUint16(Place.flags);
  const known = type === 'batch' ? BatchFlag.ascii | BatchFlag.filtered : BatchFlag.ascii;
  if ((flags & ~known) !== 0) throw formatError(`flags ${flags} are not known`);
  const isFiltered = (flags & BatchFlag.filtered) !== 0;
  const elements = elementsOf(type, isFiltered);
  if (view.getUint16(Place.elements) !== elements) throw formatError(`it is not an array of ${elements}`);
  const head = {
    type,
    byteLength: view.getUint32(Place.byteLength),
    prefixBytes: view.getUint32(Place.prefixBytes),
    source: view.getUint32(Place.source),
    offset: safeUint64(view, Place.offset),
    consumedBytes: safeUint64(view, Place.consumedBytes),
    entries: view.getUint32(Place.entries),
    count: view.getUint32(Place.count),
    skippedBytes: safeUint64(view, Place.skippedBytes),
    ascii: (flags & BatchFlag.ascii) !== 0,
    isFiltered,
    stringsPerEntry: view.getUint32(Place.stringsPerEntry),
  };
  const { prefixBytes, byteLength, count, entries, skippedBytes, consumedBytes } = head;
  if (prefixBytes <= HEAD_BYTES || prefixBytes > MOST_PREFIX_BYTES || prefixBytes % 8 !== 0 || prefixBytes > byteLength)
    throw formatError(`${prefixBytes} bytes before its tables cannot be`);
  if (count > entries || skippedBytes > consumedBytes) throw formatError('its counts disagree');
  return head;
}

/** The 65 bytes. */
export function encodeHead(head: FullHead): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < TYPES.length; i++) view.setUint8(TYPE_PLACES[i] as number, TYPES[i] as number);
  view.setUint16(Place.elements, elementsOf(head.type, head.isFiltered === true));
  view.setUint8(Place.version, BATCH_VERSION);
  view.setUint8(Place.type, ELEMENT_TYPES.indexOf(head.type));
  view.setUint16(Place.flags, (head.ascii ? BatchFlag.ascii : 0) | (head.isFiltered ? BatchFlag.filtered : 0));
  view.setUint32(Place.byteLength, head.byteLength);
  view.setUint32(Place.prefixBytes, head.prefixBytes);
  view.setUint32(Place.source, head.source);
  view.setBigUint64(Place.offset, BigInt(head.offset));
  view.setBigUint64(Place.consumedBytes, BigInt(head.consumedBytes));
  view.setUint32(Place.entries, head.entries);
  view.setUint32(Place.count, head.count);
  view.setBigUint64(Place.skippedBytes, BigInt(head.skippedBytes));
  view.setUint32(Place.stringsPerEntry, head.stringsPerEntry);
  return bytes;
}

function elementsOf(type: ElementType, isFiltered: boolean): number {
  if (type !== 'batch') return ElementCount.record;
  return isFiltered ? ElementCount.filteredBatch : ElementCount.batch;
}

/** Without a BigInt, which each batch would leave behind as garbage. */
function safeUint64(view: DataView, at: number): number {
  const value = view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
  if (value > Number.MAX_SAFE_INTEGER) throw formatError(`${view.getBigUint64(at)} bytes cannot be counted`);
  return value;
}
