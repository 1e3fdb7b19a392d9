/**
 * The cache file, `.chipmunk-host/cache.json`: which binary each plugin's file was when it was last read, and what examining
 * each binary came to. It is believed only as a whole, of this very format and toolchain, and with the digest that its
 * content must have: a file that was damaged in any place costs the time to look into the plugins again, no more.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { fail, numberIn, record, text } from '../../shared/json-shape.js';
import { decodeResult, type ExaminationResult, encodeResult } from './cached-result.js';

/** Counts up when the layout of the file changes, or what makes a plugin valid. */
const FORMAT = 3;
/** A thousand plugins that claim much take less. */
const MAX_BYTES = 64 * 1024 * 1024;
const HASH = /^[0-9a-f]{64}$/;

export interface CachedFile {
  /** See `fileStamp`. */
  readonly stamp: string;
  /** SHA-256 of the binary, in hexadecimal. */
  readonly hash: string;
  /** When the stamp was taken, in milliseconds since 1970. */
  readonly checkedAt: number;
}

export interface CacheContent {
  /** By `parsers/<name>` or `bytesources/<name>`, and by path for binaries elsewhere. */
  readonly files: ReadonlyMap<string, CachedFile>;
  /** By hash. */
  readonly results: ReadonlyMap<string, ExaminationResult>;
}

export const EMPTY_CACHE: CacheContent = { files: new Map(), results: new Map() };

/**
 * @param toolchain that of this process; a cache of another one is not used
 * @returns undefined when there is no cache file
 * @throws Error saying why the file is not used
 */
export async function readCacheFile(path: string, toolchain: string): Promise<CacheContent | undefined> {
  const bytes = await readBounded(path);
  return bytes === undefined ? undefined : decodeCache(bytes.toString('utf8'), toolchain);
}

/** @throws Error saying why it is not used */
export function decodeCache(source: string, toolchain: string): CacheContent {
  const file = record(JSON.parse(source));
  if (file.format !== FORMAT) fail(`format ${FORMAT}`, file.format);
  if (file.toolchain !== toolchain) fail(`the toolchain ${toolchain}`, file.toolchain);
  const files = record(file.files);
  const results = record(file.results);
  if (file.digest !== digest(toolchain, files, results)) throw new TypeError('its digest does not fit its content');
  return {
    files: new Map(Object.entries(files).map(([key, value]) => [key, decodeFile(value)])),
    results: new Map(Object.entries(results).map(([hash, value]) => [requireHash(hash), decodeResult(value, hash)])),
  };
}

export function encodeCache({ files, results }: CacheContent, toolchain: string): string {
  const content = {
    files: Object.fromEntries(sorted(files)),
    results: Object.fromEntries(sorted(results).map(([hash, result]) => [hash, encodeResult(result)])),
  };
  // What JSON leaves out is not part of what is read again, and the digest is of that.
  const plain = JSON.parse(JSON.stringify(content)) as { files: object; results: object };
  const head = { format: FORMAT, toolchain, digest: digest(toolchain, plain.files, plain.results) };
  return `${JSON.stringify({ ...head, ...plain }, undefined, 1)}\n`;
}

function digest(toolchain: string, files: object, results: object): string {
  return createHash('sha256')
    .update(JSON.stringify([FORMAT, toolchain, files, results]))
    .digest('hex');
}

function decodeFile(value: unknown): CachedFile {
  const file = record(value);
  return {
    stamp: text(file.stamp),
    hash: requireHash(file.hash),
    checkedAt: numberIn(file.checkedAt, 0, Number.MAX_SAFE_INTEGER),
  };
}

function requireHash(value: unknown): string {
  const hash = text(value);
  return HASH.test(hash) ? hash : fail('a SHA-256 in hexadecimal', value);
}

function sorted<Value>(map: ReadonlyMap<string, Value>): [string, Value][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Through one handle, so that what is checked is what is read. */
async function readBounded(path: string): Promise<Buffer | undefined> {
  const handle = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (handle === undefined) return undefined;
  try {
    const status = await handle.stat();
    if (!status.isFile()) throw new Error('it is not a file');
    if (status.size > MAX_BYTES) throw new Error(`it has ${status.size} bytes; at most ${MAX_BYTES} are read`);
    if (process.getuid !== undefined && status.uid !== process.getuid()) throw new Error('it belongs to another user');
    if (process.getuid !== undefined && (status.mode & 0o022) !== 0) throw new Error('others may write to it');
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
