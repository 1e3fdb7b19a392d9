/** gzip as people have it: several members, padding, other bytes behind, cut off, damaged. */
import { deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { gunzipped } from '#shared/compressed/gzip.js';
import { logLines, outcomeOf, seededRandom } from './compressed-bytes.js';

const lines = logLines(20_000);
const compressed = gzipSync(lines);

describe('gzip', () => {
  test.each([1, 100, 4096, 1_000_000])('is decompressed from pieces of %d bytes', async (pieceBytes) => {
    const few = pieceBytes === 1 ? lines.subarray(0, 50_000) : lines;
    const outcome = await outcomeOf(gunzipped, gzipSync(few), { pieceBytes });
    expect(outcome.bytes.equals(few)).toBe(true);
    expect(outcome).toMatchObject({ damage: undefined, garbage: [] });
  });

  test('may have many members, some of them empty', async () => {
    const members: Buffer[] = [gzipSync('')];
    for (let at = 0; at < lines.length; at += 30_000)
      members.push(gzipSync(lines.subarray(at, at + 30_000)), gzipSync(''));
    for (const pieceBytes of [777, 65_536]) {
      const outcome = await outcomeOf(gunzipped, Buffer.concat(members), { pieceBytes });
      expect(outcome.bytes.equals(lines)).toBe(true);
      expect(outcome.damage).toBeUndefined();
    }
  });

  test('may have an empty member only', async () => {
    expect(await outcomeOf(gunzipped, gzipSync(''))).toEqual({
      bytes: Buffer.alloc(0),
      garbage: [],
      damage: undefined,
    });
  });

  test('may be padded with zeros', async () => {
    const outcome = await outcomeOf(gunzipped, Buffer.concat([compressed, Buffer.alloc(10_000)]));
    expect(outcome.bytes.equals(lines)).toBe(true);
    expect(outcome).toMatchObject({ garbage: [], damage: undefined });
  });

  test('other bytes behind it are told', async () => {
    for (const garbage of ['garbage', '\0\0garbage', 'x']) {
      const outcome = await outcomeOf(gunzipped, Buffer.concat([compressed, Buffer.from(garbage)]));
      expect(outcome.bytes.equals(lines)).toBe(true);
      expect(outcome.garbage).toEqual([{ position: compressed.length, bytes: garbage.length }]);
      expect(outcome.damage).toBeUndefined();
    }
  });

  test('the beginning of another member is damage, also with a wrong byte', async () => {
    for (const head of [
      [0x1f, 0x8b, 9],
      [0x1f, 0x8a, 8, 0],
      [0x1f, 0x8b, 8],
    ]) {
      const outcome = await outcomeOf(gunzipped, Buffer.concat([compressed, Buffer.from(head)]));
      expect(outcome.bytes.equals(lines)).toBe(true);
      expect(outcome.garbage).toEqual([]);
      expect(outcome.damage?.position).toBeGreaterThanOrEqual(compressed.length);
    }
  });

  test('may have all fields in its header', async () => {
    const header = Buffer.from([0x1f, 0x8b, 8, 0x1e, 1, 2, 3, 4, 0, 3, 5, 0, 1, 2, 3, 4, 5]);
    const texts = Buffer.from(`${'n'.repeat(300)}.log\0a comment\0`);
    const whole = Buffer.concat([
      header,
      texts,
      Buffer.from([9, 9]),
      deflateRawSync('hello'),
      gzipSync('hello').subarray(-8),
    ]);
    for (const pieceBytes of [1, 1000]) {
      const { bytes, damage } = await outcomeOf(gunzipped, whole, { pieceBytes });
      expect([bytes.toString(), damage]).toEqual(['hello', undefined]);
    }
    const reserved = Buffer.from(gzipSync('hello'));
    reserved[3] = 0x80;
    expect((await outcomeOf(gunzipped, reserved)).damage?.message).toBe('has a damaged header');
  });

  test('cut at any byte, it delivers what came before, and fails', async () => {
    const small = gzipSync(lines.subarray(0, 1500));
    const twice = Buffer.concat([small, small]);
    for (const whole of [small, twice]) {
      const truth = Buffer.concat([lines.subarray(0, 1500), lines.subarray(0, 1500)]);
      let longest = 0;
      for (let length = 1; length < whole.length; length++) {
        if (length === small.length) continue;
        const { bytes, damage } = await outcomeOf(gunzipped, whole.subarray(0, length));
        expect(truth.subarray(0, bytes.length).equals(bytes)).toBe(true);
        expect(damage, `cut at ${length}`).toBeDefined();
        expect(bytes.length).toBeGreaterThanOrEqual(longest);
        longest = bytes.length;
      }
      expect(longest).toBe(whole === small ? 1500 : 3000);
    }
  });

  test('damaged in the middle, it delivers every byte before, when it can be read again', async () => {
    const random = seededRandom(7);
    for (let round = 0; round < 40; round++) {
      const damaged = Buffer.from(compressed);
      const at = 20 + (random() % (compressed.length - 40));
      damaged[at] = (damaged[at] as number) ^ (1 << (random() % 8));
      const again = await outcomeOf(gunzipped, damaged);
      const once = await outcomeOf(gunzipped, damaged, { seeks: false });
      expect(again.damage, `byte ${at}`).toBeDefined();
      expect(once.damage).toBeDefined();
      expect(again.bytes.length).toBeGreaterThanOrEqual(once.bytes.length);
      expect(again.bytes.subarray(0, once.bytes.length).equals(once.bytes)).toBe(true);
      const before = await outcomeOf(gunzipped, compressed.subarray(0, at));
      expect(again.bytes.subarray(0, before.bytes.length).equals(before.bytes)).toBe(true);
      expect(again.bytes.length).toBeGreaterThanOrEqual(before.bytes.length);
    }
  });

  test('undamaged members before a damaged one are exact, and the error says where the wrong bytes are', async () => {
    const wrong = Buffer.from(compressed);
    wrong.writeUInt32LE(1, wrong.length - 8);
    const { bytes, damage } = await outcomeOf(gunzipped, Buffer.concat([compressed, wrong]));
    expect(bytes.equals(Buffer.concat([lines, lines]))).toBe(true);
    expect(damage?.message).toBe(
      `has other content than its checksum says: some of the last ${lines.length} bytes, from byte ${compressed.length + 10} of the file on, are wrong`,
    );
    expect(damage?.position).toBe(2 * compressed.length - 8);
  });

  test('what it is decompressed to is not held: it waits for who takes it', async () => {
    const bomb = gzipSync(Buffer.alloc(256 * 1024 * 1024));
    const { InputPieces } = await import('#shared/compressed/input-pieces.js');
    const pieces = [bomb];
    const input = new InputPieces({ read: async () => pieces.shift() });
    const before = process.memoryUsage().arrayBuffers;
    let bytes = 0;
    let most = 0;
    for await (const chunk of gunzipped(input, () => {})) {
      bytes += chunk.length;
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      if (bytes % (16 * 1024 * 1024) === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(bytes).toBe(256 * 1024 * 1024);
    expect(most).toBeLessThan(128 * 1024 * 1024);
  });
});
