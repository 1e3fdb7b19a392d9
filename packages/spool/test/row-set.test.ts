import { expect, test } from 'vitest';
import { RowSet } from '#portable/row-set.js';
import { type Random, seeded } from './search-cases.js';

/** Rows with runs, small steps, and leaps up to the largest numbers. */
function randomRows(random: Random, count: number): number[] {
  const rows: number[] = [];
  let row = Math.floor(random() * 300) - 1;
  while (rows.length < count) {
    const leap = random();
    const step = leap < 0.4 ? 1 : leap < 0.98 ? 1 + Math.floor(random() * 400) : 1 + Math.floor(random() * 2 ** 40);
    const run = random() < 0.02 ? 400 : 1;
    row += step;
    for (let left = run; left > 0 && rows.length < count; left--) rows.push(row++);
    row--;
  }
  return rows;
}

test('a set has the rows that were added, and finds its way among them', () => {
  for (let seed = 0; seed < 60; seed++) {
    const random = seeded(seed);
    const rows = randomRows(random, Math.floor(random() * 2000));
    const set = RowSet.from(rows);
    expect([...set]).toEqual(rows);
    expect([set.size, set.first, set.last]).toEqual([rows.length, rows[0], rows.at(-1)]);
    const from = Math.floor(random() * (rows.length + 2));
    expect([...set.rows(from)]).toEqual(rows.slice(from));
    for (let probe = 0; probe < 50; probe++) {
      const near = (rows[Math.floor(random() * rows.length)] ?? 0) + Math.floor(random() * 5) - 2;
      expect(set.has(near)).toBe(rows.includes(near));
      expect(set.countBefore(near)).toBe(rows.filter((row) => row < near).length);
      expect(set.next(near)).toBe(rows.find((row) => row > near));
      expect(set.previous(near)).toBe(rows.findLast((row) => row < near));
      const index = Math.floor(random() * (rows.length + 3)) - 1;
      expect(set.at(index)).toBe(index < 0 ? undefined : rows[index]);
    }
  }
});

test('sets are joined, cut and taken from each other', () => {
  for (let seed = 0; seed < 40; seed++) {
    const random = seeded(seed);
    const [one, other] = [0, 0].map(() =>
      [...new Set(Array.from({ length: Math.floor(random() * 800) }, () => Math.floor(random() * 1500)))].sort(
        (a, b) => a - b,
      ),
    ) as [number[], number[]];
    const [a, b] = [RowSet.from(one), RowSet.from(other)];
    expect([...a.union(b)]).toEqual([...new Set([...one, ...other])].sort((x, y) => x - y));
    expect([...a.intersection(b)]).toEqual(one.filter((row) => other.includes(row)));
    expect([...a.difference(b)]).toEqual(one.filter((row) => !other.includes(row)));
  }
});

test('a set goes through its bytes, can be added to again, and is not made of other bytes', () => {
  for (let seed = 0; seed < 40; seed++) {
    const random = seeded(seed);
    const rows = randomRows(random, Math.floor(random() * 1000));
    const bytes = RowSet.from(rows).toBytes();
    const set = RowSet.fromBytes(bytes);
    expect([...set]).toEqual(rows);
    const next = (rows.at(-1) ?? -1) + 300;
    set.add(next);
    expect([...set]).toEqual([...rows, next]);
    for (let change = 0; change < 40; change++) {
      const damaged = bytes.slice(0, random() < 0.3 ? Math.floor(random() * bytes.length) : bytes.length);
      const at = Math.floor(random() * damaged.length);
      damaged[at] = Math.floor(random() * 256);
      try {
        // Other bytes may be those of another set: one whose rows rise.
        const other = [...RowSet.fromBytes(damaged)];
        expect(other.every((row, index) => row > (other[index - 1] ?? -1))).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }
  }
  for (const wrong of [new Uint8Array(), new Uint8Array(24), new Uint8Array(1000).fill(255)])
    expect(() => RowSet.fromBytes(wrong)).toThrow(/no set of rows/);
});

test('the largest numbers are rows, and what does not rise is none', () => {
  const rows = [0, 127, 128, 16_640, Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER];
  const set = RowSet.from(rows);
  expect([...set]).toEqual(rows);
  for (const wrong of [Number.MAX_SAFE_INTEGER, 5, -1, 0.5, Number.NaN, Infinity])
    expect(() => set.add(wrong)).toThrow(RangeError);
  expect(new RowSet().first).toBeUndefined();
  expect(new RowSet().last).toBeUndefined();
});

test('a row takes 0.2 bytes where all match, and 1 to 4 where some do', () => {
  const every = (step: number) => {
    const set = RowSet.from(Array.from({ length: 12_800 }, (_, index) => index * step));
    return set.byteLength / set.size;
  };
  expect(every(1)).toBeLessThan(0.2);
  expect(every(128)).toBeLessThan(1.2);
  expect(every(10_000)).toBeLessThan(2.2);
  expect(every(1_000_000)).toBeLessThan(3.2);
});

test('rows that are added while others are walked through come, too, also where a block becomes a run', () => {
  const set = RowSet.from(Array.from({ length: 100 }, (_, index) => index));
  const walk = set.rows();
  const seen = [walk.next().value, walk.next().value];
  for (let row = 100; row < 128; row++) set.add(row);
  for (let row = 1000; row < 2000; row += 7) set.add(row);
  for (const row of walk) seen.push(row);
  expect(seen).toEqual([...set]);
});
