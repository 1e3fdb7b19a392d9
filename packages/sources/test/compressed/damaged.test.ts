/**
 * Random damage to compressed inputs of several members. What comes before the damaged member is exact, and the damage is told: nothing else may be
 * the outcome. The number of inputs and the seed come from the environment (`npm run long -- compressed`).
 */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { gunzipped } from '#shared/compressed/gzip.js';
import type { InputPieces } from '#shared/compressed/input-pieces.js';
import { unzstd } from '#shared/compressed/zstd.js';
import { compressedBy, hasNativeZstd, logLines, outcomeOf, seededRandom } from './compressed-bytes.js';

const CASES = Number(process.env.COMPRESSED_CASES ?? 150);
const SEED = Number(process.env.COMPRESSED_SEED ?? 11);

type OnGarbage = Parameters<typeof gunzipped>[1];

const zstd = (bytes: Buffer) => compressedBy('zstd', ['-c', '--check'], bytes);
const hasZstd = zstd(Buffer.alloc(0)) !== undefined;

const formats = [
  { name: 'gzip', compress: (bytes: Buffer) => gzipSync(bytes), format: gunzipped, skipped: false },
  {
    name: "zstd by Node's own",
    compress: zstd,
    format: (input: InputPieces, onGarbage: OnGarbage) => unzstd(input, onGarbage, true),
    skipped: !hasZstd || !hasNativeZstd,
  },
  {
    name: 'zstd for older versions',
    compress: zstd,
    format: (input: InputPieces, onGarbage: OnGarbage) => unzstd(input, onGarbage, false),
    skipped: !hasZstd,
  },
];

describe.each(formats)('damaged $name', ({ compress, format, skipped }) => {
  const lines = logLines(12_000, SEED);
  const members = skipped ? [] : membersOf(lines, compress);

  test.skipIf(skipped)(`${CASES} times`, async () => {
    const random = seededRandom(SEED);
    for (let round = 0; round < CASES; round++) {
      const whole = Buffer.concat(members.map(({ compressed }) => compressed));
      const { damaged, at, how } = damage(whole, random);
      const where = `round ${round} of seed ${SEED}: ${how} at byte ${at} of ${whole.length}`;
      const pieceBytes = 1 + (random() % 100_000);
      const {
        bytes,
        damage: found,
        garbage,
      } = await outcomeOf(format, damaged, { pieceBytes, seeks: random() % 2 === 0 });
      let end = 0;
      let exact = 0;
      for (const { compressed, plain } of members) {
        end += compressed.length;
        if (end <= at) exact += plain.length;
      }
      expect(bytes.subarray(0, exact).equals(lines.subarray(0, exact)), where).toBe(true);
      if (found !== undefined || garbage.length > 0) continue;
      // Some bytes mean nothing, such as the time in a header of gzip, and zeros behind a member are padding.
      const isPadded = damaged.subarray(at).every((byte) => byte === 0);
      expect(bytes.equals(lines) || (isPadded && bytes.length === exact), where).toBe(true);
    }
  });
});

function membersOf(lines: Buffer, compress: (bytes: Buffer) => Buffer | undefined) {
  const members: { readonly plain: Buffer; readonly compressed: Buffer }[] = [];
  const lengths = [0, 1, 300_000, 20_000, lines.length];
  for (let at = 0; at < lines.length || members.length === 0; ) {
    const plain = lines.subarray(at, at + (lengths[members.length] ?? lines.length));
    members.push({ plain, compressed: compress(plain) ?? Buffer.alloc(0) });
    at += plain.length;
  }
  return members;
}

function damage(whole: Buffer, random: () => number) {
  const at = random() % whole.length;
  const length = 1 + (random() % Math.min(5000, whole.length - at));
  const damaged = Buffer.from(whole);
  switch (random() % 5) {
    case 0:
      damaged[at] = (damaged[at] as number) ^ (1 << (random() % 8));
      return { damaged, at, how: 'a bit flipped' };
    case 1:
      damaged.fill(0, at, at + length);
      return { damaged, at, how: `${length} bytes of zeros` };
    case 2:
      for (let byte = at; byte < at + length; byte++) damaged[byte] = random() & 0xff;
      return { damaged, at, how: `${length} random bytes` };
    case 3:
      return { damaged: damaged.subarray(0, at), at, how: 'cut' };
    default: {
      const without = Buffer.concat([damaged.subarray(0, at), damaged.subarray(at + length)]);
      return { damaged: without, at, how: `${length} bytes taken out` };
    }
  }
}
