/** zstd by Node's own decompressor, where there is one, and by the one for older versions: both deliver the same. */
import { describe, expect, test } from 'vitest';
import type { InputPieces } from '#shared/compressed/input-pieces.js';
import { unzstd } from '#shared/compressed/zstd.js';
import { compressedBy, hasNativeZstd, logLines, outcomeOf, seededRandom } from './compressed-bytes.js';

const lines = logLines(20_000);
const compressed = compressedBy('zstd', ['-c', '--check'], lines);
const skippable = Buffer.from('5a2a4d1803000000616263', 'hex');

const ways = [
  { name: "Node's own", native: true, skipped: !hasNativeZstd },
  { name: 'for older versions', native: false, skipped: false },
];

for (const { name, native, skipped } of ways)
  describe.skipIf(skipped || compressed === undefined)(`zstd, decompressor ${name}`, () => {
    const whole = compressed as Buffer;
    const format = (input: InputPieces, onGarbage: Parameters<typeof unzstd>[1]) => unzstd(input, onGarbage, native);

    test.each([1, 100, 4096, 1_000_000])('is decompressed from pieces of %d bytes', async (pieceBytes) => {
      const few = pieceBytes === 1 ? lines.subarray(0, 50_000) : lines;
      const outcome = await outcomeOf(format, compressedBy('zstd', ['-c', '--check'], few) as Buffer, { pieceBytes });
      expect(outcome.bytes.equals(few)).toBe(true);
      expect(outcome).toMatchObject({ damage: undefined, garbage: [] });
    });

    test('may have many frames, some empty, some to be skipped, with a checksum or without', async () => {
      const frames: Buffer[] = [skippable];
      const empty = compressedBy('zstd', ['-c'], Buffer.alloc(0)) as Buffer;
      for (let at = 0; at < lines.length; at += 200_000) {
        const options = at % 400_000 === 0 ? ['-c', '--check'] : ['-c', '--no-check', '-19'];
        frames.push(compressedBy('zstd', options, lines.subarray(at, at + 200_000)) as Buffer, empty, skippable);
      }
      for (const pieceBytes of [777, 65_536]) {
        const outcome = await outcomeOf(format, Buffer.concat(frames), { pieceBytes });
        expect(outcome.bytes.equals(lines)).toBe(true);
        expect(outcome.damage).toBeUndefined();
      }
    });

    test('other bytes behind it are told', async () => {
      const outcome = await outcomeOf(format, Buffer.concat([whole, Buffer.from('garbage')]));
      expect(outcome.bytes.equals(lines)).toBe(true);
      expect(outcome).toMatchObject({ garbage: [{ position: whole.length, bytes: 7 }], damage: undefined });
    });

    test('cut at any byte, it delivers what came before, and fails', async () => {
      const truth = lines.subarray(0, 1500);
      const small = compressedBy('zstd', ['-c', '--check'], truth) as Buffer;
      const twice = Buffer.concat([small, small]);
      for (let length = 1; length < twice.length; length++) {
        if (length === small.length) continue;
        const { bytes, damage } = await outcomeOf(format, twice.subarray(0, length));
        expect(Buffer.concat([truth, truth]).subarray(0, bytes.length).equals(bytes)).toBe(true);
        expect(bytes.length).toBeGreaterThanOrEqual(length > small.length ? 1500 : 0);
        expect(damage?.position, `cut at ${length}`).toBeLessThanOrEqual(length);
      }
    });

    test('damaged anywhere, it delivers all blocks before, and fails', async () => {
      const random = seededRandom(7);
      for (let round = 0; round < 30; round++) {
        const damaged = Buffer.from(whole);
        const at = random() % whole.length;
        damaged[at] = (damaged[at] as number) ^ (1 << (random() % 8));
        const { bytes, damage } = await outcomeOf(format, damaged);
        expect(damage, `byte ${at}`).toBeDefined();
        const before = await outcomeOf(format, whole.subarray(0, at));
        expect(bytes.subarray(0, before.bytes.length).equals(before.bytes)).toBe(true);
        expect(bytes.length).toBeGreaterThanOrEqual(before.bytes.length);
      }
    });

    test('a wrong checksum fails behind all bytes', async () => {
      const wrong = Buffer.from(whole);
      wrong[whole.length - 1] = (wrong[whole.length - 1] as number) ^ 1;
      const { bytes, damage } = await outcomeOf(format, wrong);
      expect(bytes.equals(lines)).toBe(true);
      expect(damage?.message).toContain('checksum');
      expect(damage?.position).toBe(whole.length - 4);
    });
  });
