/** What tests of whole spools share: a directory of their own, and spools of the same batches. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { Spool, type SpoolOptions, type SpoolReader } from '#index.js';
import { decompressor } from '#zstd.js';
import { numberedBatches } from './batches.js';

let root = '';
let counter = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'spool-test-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));
export const newDirectory = () => join(root, `spool-${counter++}`);
/** Why tests that compress have to be skipped here. */
export const noZstd = decompressor === undefined ? `Node.js ${process.versions.node} has no zstd` : undefined;

export const batches = numberedBatches(
  Array.from({ length: 200 }, (_, at) => 50 + ((at * 31) % 200)),
  true,
);
export const SEGMENT = { segmentBytes: 128 * 1024 };

export async function spooled(options: SpoolOptions = {}, elements: readonly Uint8Array[] = batches): Promise<string> {
  const directory = newDirectory();
  const writer = await Spool.create(directory, { ...SEGMENT, ...options });
  for (const element of elements) await writer.append(element);
  await writer.close();
  return directory;
}

export async function bytesOf(directory: string): Promise<number> {
  const names = (await readdir(directory)).filter((name) => name !== 'lock');
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(directory, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

export async function requireFrames(reader: SpoolReader, from = 0): Promise<void> {
  let next = from;
  for await (const { number, bytes } of reader.frames()) {
    expect(number).toBe(next);
    expect(Buffer.compare(bytes, batches[number] as Uint8Array)).toBe(0);
    next++;
  }
  expect(next).toBe(reader.endFrame);
}

export async function changeByte(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(path, bytes);
}
