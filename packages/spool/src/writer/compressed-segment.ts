/** Puts a compressed segment in the place of one that is finished: its blocks, compressed apart. */
import { open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeEntry, movedEntry } from '../portable/block-entry.js';
import { crc32 } from '../portable/crc32.js';
import type { Segment } from '../portable/segment.js';
import { encodeHeader } from '../portable/segment-header.js';
import { aligned, ENTRY_BYTES, INDEX_SUFFIX, PARTIAL_SUFFIX, segmentName } from '../portable/spool-format.js';
import { COMPRESSION_LEVEL, compressor } from '../zstd.js';
import { syncDirectory, writeAll } from './write-files.js';

/**
 * The segment stays as it is until the compressed one is whole and on the disk.
 * @returns bytes of the compressed segment and its index
 * @throws the system's error; then nothing has changed
 */
export async function compressSegment(directory: string, segment: Segment, level: number): Promise<number> {
  if (compressor === undefined) throw new Error('Node.js has no zstd');
  const header = { ...segment.header, compressed: true };
  const plain = join(directory, segmentName(header.number, false));
  const path = join(directory, segmentName(header.number, true));
  const places = [path, path + INDEX_SUFFIX].map((place) => place + PARTIAL_SUFFIX);
  const options = { params: { [COMPRESSION_LEVEL]: level } };
  const [data, index, source] = [
    await open(places[0] as string, 'w'),
    await open(places[1] as string, 'w'),
    await open(plain, 'r'),
  ];
  let [at, indexAt] = [0, 0];
  try {
    const put = async (bytes: Uint8Array) => {
      await writeAll(data, [bytes], at);
      at += bytes.length;
    };
    const note = async (bytes: Uint8Array) => {
      await writeAll(index, [bytes], indexAt);
      indexAt += bytes.length;
    };
    await put(encodeHeader('segment', header));
    await note(encodeHeader('index', header));
    for (let number = 0; number < segment.blocks; number++) {
      const { entry } = segment.block(number);
      const { buffer } = await source.read(new Uint8Array(entry.bytes), 0, entry.bytes, entry.position);
      const compressed = await compressor(buffer, options);
      const moved = movedEntry(entry, { position: at, storedBytes: compressed.length, crc: crc32(compressed) });
      const bytes = encodeEntry(moved, header.id);
      await put(bytes);
      await put(compressed);
      await put(new Uint8Array(aligned(ENTRY_BYTES + compressed.length) - ENTRY_BYTES - compressed.length));
      await note(bytes);
    }
    await data.sync();
    await index.sync();
  } catch (error) {
    await Promise.all(places.map((place) => unlink(place).catch(() => {})));
    throw error;
  } finally {
    await Promise.all([data.close(), index.close(), source.close()]);
  }
  // The index first: without its segment it means nothing.
  await rename(places[1] as string, path + INDEX_SUFFIX);
  await rename(places[0] as string, path);
  await syncDirectory(directory);
  await removeSegment(directory, header.number, false);
  return at + indexAt;
}

/** The segment first: an index without it means nothing. */
export async function removeSegment(directory: string, number: number, compressed: boolean): Promise<void> {
  const path = join(directory, segmentName(number, compressed));
  for (const each of [path, path + INDEX_SUFFIX])
    await unlink(each).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
}
