/** What each file of a spool begins with: docs/spool-format.md, The header. */
import { crc32 } from './crc32.js';
import { SpoolError } from './spool-error.js';
import { aligned, SPOOL_VERSION, setUint64, uint64, viewOf } from './spool-format.js';

/** What the rows of a spool are, for those who show them. */
export interface SpoolAbout {
  /** Name of the parser plugin. */
  readonly parser?: string | undefined;
  /** How the parser wants its items shown: captions of columns. */
  readonly renderOptions?: unknown;
}

export interface SegmentHeader {
  readonly compressed: boolean;
  /** A random number, which all frames of the segment repeat. */
  readonly id: bigint;
  readonly number: number;
  readonly firstFrame: number;
  readonly firstRow: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly about: SpoolAbout;
}

/** A header that was read. */
export interface ReadHeader extends SegmentHeader {
  /** Bytes that it takes: the first frame or entry stands behind them. */
  readonly byteLength: number;
}

/** Whether a file has frames, or an index of them. */
export type HeaderKind = 'segment' | 'index';

const MAGIC = { segment: 'CHMSPOOL', index: 'CHMINDEX' } as const;
const Place = {
  crc: 8,
  version: 12,
  byteLength: 16,
  flags: 20,
  id: 24,
  number: 32,
  firstFrame: 40,
  firstRow: 48,
  createdAt: 56,
  aboutBytes: 64,
  about: 68,
} as const;
const COMPRESSED = 1;
/** Enough for thousands of captions. */
const MOST_HEADER_BYTES = 4 * 1024 * 1024;

/** Bytes that tell how long the header is. */
export const HEADER_START_BYTES = 20;

export function encodeHeader(kind: HeaderKind, header: SegmentHeader): Uint8Array {
  const about = new TextEncoder().encode(JSON.stringify(header.about));
  const bytes = new Uint8Array(aligned(Place.about + about.length));
  if (bytes.length > MOST_HEADER_BYTES)
    throw new SpoolError('ERR_SPOOL_ELEMENT', `What is said of the rows takes ${bytes.length} bytes; expected fewer.`);
  const view = viewOf(bytes);
  for (let i = 0; i < 8; i++) bytes[i] = MAGIC[kind].charCodeAt(i);
  view.setUint32(Place.version, SPOOL_VERSION, true);
  view.setUint32(Place.byteLength, bytes.length, true);
  view.setUint32(Place.flags, header.compressed ? COMPRESSED : 0, true);
  view.setBigUint64(Place.id, header.id, true);
  setUint64(view, Place.number, header.number);
  setUint64(view, Place.firstFrame, header.firstFrame);
  setUint64(view, Place.firstRow, header.firstRow);
  setUint64(view, Place.createdAt, header.createdAt);
  view.setUint32(Place.aboutBytes, about.length, true);
  bytes.set(about, Place.about);
  view.setUint32(Place.crc, crc32(bytes.subarray(Place.version)), true);
  return bytes;
}

/** How long the header is that begins with these bytes; undefined where it is damaged. */
export function headerLength(kind: HeaderKind, start: Uint8Array): number | undefined {
  if (start.length < HEADER_START_BYTES) return undefined;
  for (let i = 0; i < 8; i++) if (start[i] !== MAGIC[kind].charCodeAt(i)) return undefined;
  const length = viewOf(start).getUint32(Place.byteLength, true);
  return length >= Place.about && length <= MOST_HEADER_BYTES && length % 8 === 0 ? length : undefined;
}

/**
 * Reads the header; undefined where it is damaged.
 * @throws SpoolError `ERR_SPOOL_FORMAT` for another version
 */
export function decodeHeader(kind: HeaderKind, bytes: Uint8Array): ReadHeader | undefined {
  const byteLength = headerLength(kind, bytes);
  if (byteLength === undefined || bytes.length < byteLength) return undefined;
  const own = bytes.subarray(0, byteLength);
  const view = viewOf(own);
  if (view.getUint32(Place.crc, true) !== crc32(own.subarray(Place.version))) return undefined;
  const version = view.getUint32(Place.version, true);
  if (version !== SPOOL_VERSION) throw unknown(version);
  const flags = view.getUint32(Place.flags, true);
  const aboutBytes = view.getUint32(Place.aboutBytes, true);
  if ((flags & ~COMPRESSED) !== 0 || aboutBytes > byteLength - Place.about) return undefined;
  const header = {
    byteLength,
    compressed: (flags & COMPRESSED) !== 0,
    id: view.getBigUint64(Place.id, true),
    number: uint64(view, Place.number),
    firstFrame: uint64(view, Place.firstFrame),
    firstRow: uint64(view, Place.firstRow),
    createdAt: uint64(view, Place.createdAt),
  };
  const about = aboutOf(own.subarray(Place.about, Place.about + aboutBytes));
  return about === undefined ? undefined : { ...header, about };
}

function unknown(version: number): SpoolError {
  return new SpoolError('ERR_SPOOL_FORMAT', `The spool is of version ${version}; this reader knows ${SPOOL_VERSION}.`, {
    help: 'Read it with a later version of @chipmunk-host/spool.',
  });
}

function aboutOf(json: Uint8Array): SpoolAbout | undefined {
  try {
    const about: unknown = JSON.parse(new TextDecoder().decode(json));
    return typeof about === 'object' && about !== null ? about : undefined;
  } catch {
    return undefined;
  }
}
