/** Reads of a file into memory at every distance from its place in the file: the same bytes, and no copy that the processor does slowly. */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isCopiedSlowly, STAGED_BYTES, StagedRead, stagedAt } from '#worker/input/staged-read.js';

const PAGE_BYTES = 4096;
const SLOW_DISTANCES = Array.from({ length: 31 }, (_, at) => at + 1);
const CONTENT = Uint8Array.from({ length: 3 * STAGED_BYTES + 1234 }, (_, at) => (at * 2_654_435_761) >>> 13);
const UNTOUCHED = 0xaa;

let directory: string;
let descriptor: number;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'staged-read-'));
  const file = join(directory, 'file');
  writeFileSync(file, CONTENT);
  descriptor = openSync(file, 'r');
});
afterAll(() => {
  closeSync(descriptor);
  rmSync(directory, { recursive: true });
});

describe('a copy', () => {
  test('is slow where the target is 1 to 31 bytes behind the source, modulo a page, and nowhere else', () => {
    for (const source of [0, 1, 4095, 4096, 8190, 2 ** 40 + 4090])
      for (const page of [-PAGE_BYTES, 0, 7 * PAGE_BYTES]) {
        const distances = Array.from({ length: PAGE_BYTES }, (_, distance) => distance);
        const slow = distances.filter((distance) => isCopiedSlowly(source + distance + page, source));
        expect(slow).toEqual(SLOW_DISTANCES);
      }
  });

  test('through the buffer is never slow, wherever in its page the buffer begins within 2,000 bytes', () => {
    const bases = Array.from({ length: 250 }, (_, at) => at * 8);
    for (const position of [0, 1, 2047, 2048, 4095, 123_456_789, 2 ** 40 + 4090]) {
      const staged = bases.map((base) => base + stagedAt(position));
      expect(staged.filter((at) => isCopiedSlowly(at, position))).toEqual([]);
      for (const distance of SLOW_DISTANCES)
        expect(staged.filter((at) => isCopiedSlowly(position + distance, at))).toEqual([]);
    }
  });
});

/** What a read puts at `distance` bytes behind the place in the file, and what is left and right of it. */
function readInto(staged: StagedRead, distance: number, position: number, length: number) {
  const memory = new Uint8Array(length + 3 * PAGE_BYTES).fill(UNTOUCHED);
  const start = PAGE_BYTES + ((position + distance) % PAGE_BYTES);
  const count = staged.readAt(descriptor, memory.subarray(start, start + length), position);
  const others = [...memory.subarray(0, start), ...memory.subarray(start + count)];
  return { count, bytes: memory.subarray(start, start + count), others: others.filter((byte) => byte !== UNTOUCHED) };
}

const isSame = (bytes: Uint8Array, position: number) =>
  Buffer.compare(bytes, CONTENT.subarray(position, position + bytes.length)) === 0;

describe('a read', () => {
  /** The lengths of its reads. */
  const counted = () => {
    const lengths: number[] = [];
    const staged = new StagedRead((fd, into, position) => {
      lengths.push(into.length);
      return readSync(fd, into, 0, into.length, position);
    });
    return { staged, lengths };
  };

  test.each([0, 1, 8, 16, 31, 32, 2048, 4095])('at a distance of %i bytes has the bytes of the file', (distance) => {
    for (const position of [0, 4095, 4096, 70_001])
      for (const length of [0, 1, STAGED_BYTES - 1, STAGED_BYTES, STAGED_BYTES + 1, 2 * STAGED_BYTES]) {
        const { count, bytes, others } = readInto(new StagedRead(), distance, position, length);
        expect(count).toBe(length);
        expect(isSame(bytes, position)).toBe(true);
        expect(others).toEqual([]);
      }
  });

  test.each([1, 32])('ends where the file ends, at a distance of %i bytes', (distance) => {
    const position = STAGED_BYTES + 5;
    const { count, bytes, others } = readInto(new StagedRead(), distance, position, CONTENT.length);
    expect(count).toBe(CONTENT.length - position);
    expect(isSame(bytes, position)).toBe(true);
    expect(others).toEqual([]);
    expect(readInto(new StagedRead(), distance, CONTENT.length, STAGED_BYTES).count).toBe(0);
  });

  test('goes in parts only where the copy would be slow, and is long', () => {
    const { staged, lengths } = counted();
    const long = 2 * STAGED_BYTES + 1;
    readInto(staged, 32, 0, long);
    readInto(staged, 1, 0, STAGED_BYTES - 1);
    readInto(staged, 1, 0, long);
    expect(lengths).toEqual([long, STAGED_BYTES - 1, STAGED_BYTES, STAGED_BYTES, 1]);
  });

  test('that fails behind its first part returns what came before; one that fails at once throws', () => {
    const failing = (from: number) =>
      new StagedRead((fd, into, position) => {
        if (position >= from) throw new Error('the disk is broken');
        return readSync(fd, into, 0, into.length, position);
      });
    expect(readInto(failing(STAGED_BYTES), 1, 0, 2 * STAGED_BYTES).count).toBe(STAGED_BYTES);
    expect(() => readInto(failing(0), 1, 0, 2 * STAGED_BYTES)).toThrow('the disk is broken');
  });
});
