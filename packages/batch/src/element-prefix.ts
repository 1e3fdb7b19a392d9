/** What stands between the head of a batch, gap or restart and its tables: the header, and the table of sources. */
import { BatchError, formatError } from './batch-error.js';
import { HEAD_BYTES, MOST_PREFIX_BYTES } from './batch-format.js';
import { decodeValues, isBytes, isMap, type MsgpackValue } from './msgpack-value.js';
import { encodeValue, joinBytes } from './msgpack-writer.js';

/** Whole numbers that a double cannot hold are `bigint`. */
export type HeaderValue = string | number | bigint | boolean | null | Uint8Array;

/** What those who store and send batches say of one. */
export type Header = Readonly<Record<string, HeaderValue>>;

/** An input that batches are from. It may have other members. */
export interface SourceInfo {
  /** A whole number, from 0 to 4,294,967,295. */
  readonly number: number;
  /** A path, `-` for the standard input, the name of a plugin: what whoever wrote the batch calls it. */
  readonly name: string;
  readonly [member: string]: HeaderValue;
}

export interface Prefix {
  readonly header: Header;
  readonly sources: readonly SourceInfo[];
}

const HEADER_LABEL = 'header';
const SOURCES_LABEL = 'sources';

/**
 * The bytes between head and tables. What follows them begins at a multiple of 8 bytes.
 * @throws BatchError `ERR_INVALID_OPTION` when they cannot be stored, or are too many
 */
export function encodePrefix({ header, sources }: Prefix): Uint8Array {
  for (const values of [header, ...sources]) requireScalars(values);
  for (const { number, name } of sources)
    if (!isSourceNumber(number) || typeof name !== 'string')
      throw headerError(`a source needs a whole number from 0 to 4294967295 and a name, and has ${number} and ${name}`);
  const map = encoded(header);
  const table = encoded(sources);
  const plain = HEAD_BYTES + 1 + HEADER_LABEL.length + map.length + 1 + SOURCES_LABEL.length + table.length;
  const padding = (8 - (plain % 8)) % 8;
  if (plain + padding > MOST_PREFIX_BYTES)
    throw headerError(`it takes ${plain + padding} bytes with its sources, and may take ${MOST_PREFIX_BYTES}`);
  return joinBytes([encodeValue(HEADER_LABEL + ' '.repeat(padding)), map, encodeValue(SOURCES_LABEL), table]);
}

/** @param bytes those between head and tables. @throws BatchError `ERR_BATCH_FORMAT` */
export function decodePrefix(bytes: Uint8Array): Prefix {
  const [, header, , sources, ...rest] = decodeValues(bytes);
  if (!isScalarMap(header)) throw formatError('its header is not a map of plain values');
  if (!Array.isArray(sources) || !sources.every(isSource) || rest.length > 0)
    throw formatError('its table of sources is damaged');
  return { header, sources };
}

/** Header values over others: one that is undefined takes away what was there. */
export function changedHeader(header: Header, changes: Readonly<Record<string, HeaderValue | undefined>>): Header {
  const members = Object.entries({ ...header, ...changes }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(members) as Header;
}

function encoded(value: MsgpackValue): Uint8Array {
  try {
    return encodeValue(value);
  } catch (error) {
    throw headerError((error as Error).message);
  }
}

function requireScalars(values: object): void {
  for (const [key, value] of Object.entries(values))
    if (!isScalar(value)) throw headerError(`'${key}' is neither a text, a number, a boolean, null nor bytes`);
}

function isSource(value: MsgpackValue): value is SourceInfo {
  return isScalarMap(value) && isSourceNumber(value.number) && typeof value.name === 'string';
}

function isSourceNumber(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffff_ffff;
}

function isScalarMap(value: MsgpackValue): value is Header {
  return isMap(value) && Object.values(value).every(isScalar);
}

function isScalar(value: unknown): value is HeaderValue {
  if (value === null || isBytes(value)) return true;
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value);
}

function headerError(what: string): BatchError {
  return new BatchError('ERR_INVALID_OPTION', `This header cannot be stored: ${what}.`);
}
