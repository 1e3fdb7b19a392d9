import { runSplits, SplitBoundaries } from '@chipmunk-host/hosts/internal/worker';
import { createRingMemory } from '@chipmunk-host/runtime/internal';
import { BatchRingWriter } from '@chipmunk-host/runtime/internal/worker';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PatternBoundaries } from '#worker/input/pattern-boundaries.js';
import { Turns } from '#worker/instance/turns.js';

function reader(input: Uint8Array) {
  return {
    size: input.length,
    readAt(into: Uint8Array, position: number) {
      const bytes = input.subarray(position, position + into.length);
      into.set(bytes);
      return bytes.length;
    },
  };
}

function plainly(input: Uint8Array, position: number): number {
  if (position <= 0) return 0;
  for (let at = position; at < input.length; at++) if (input[at - 1] === 10) return at;
  return input.length;
}

test('boundaries lie behind line breaks, wherever they are asked for', () => {
  const bytes = fc.array(fc.constantFrom(10, 65, 66), { maxLength: 200 });
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(220), { maxLength: 20 }), (values, positions) => {
      const input = Uint8Array.from(values);
      const boundaries = new SplitBoundaries(reader(input));
      for (const position of positions) expect(boundaries.at(position)).toBe(plainly(input, position));
    }),
  );
});

test('boundaries of patterns lie where one begins, the first one best, and do not depend on what was asked before', () => {
  const bytes = fc.array(fc.constantFrom(68, 76, 84, 83, 1), { maxLength: 300 });
  const patterns = [Buffer.from('DLT\x01'), Buffer.from('DLS'), Buffer.from('T')].map((one) => Uint8Array.from(one));
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(310), { minLength: 2, maxLength: 20 }), (values, positions) => {
      const input = Buffer.from(values);
      const boundaries = new PatternBoundaries(reader(input), patterns);
      for (const position of positions) {
        const found = boundaries.at(position);
        const all = patterns.map((pattern) => input.indexOf(pattern, position)).filter((at) => at !== -1);
        const best = input.indexOf(patterns[0] as Uint8Array, position);
        const expected = best !== -1 ? best : Math.min(input.length, ...all);
        expect(found).toBe(position <= 0 ? 0 : position >= input.length ? input.length : expected);
        // Splits that are shorter than it is to the next boundary are empty.
        if (found > position) expect(new PatternBoundaries(reader(input), patterns).at(found)).toBe(found);
      }
    }),
  );
});

test('a pattern is found across the stretches that are read, and another one when the first is far', () => {
  for (const at of [4093, 4096, 65_533, 69_629, 200_000]) {
    const input = Buffer.alloc(300_000);
    input.write('DLT\x01', at, 'latin1');
    const patterns = [Buffer.from('DLT\x01'), Buffer.from('S')].map((one) => Uint8Array.from(one));
    expect(new PatternBoundaries(reader(input), patterns).at(1)).toBe(at);
    input.write('S', 100);
    expect(new PatternBoundaries(reader(input), patterns).at(1)).toBe(at - 100 < 64 * 1024 ? at : 100);
  }
});

test('no boundary lies before a byte order mark, which a parser would take for that of an input', () => {
  const input = Buffer.from('a\n\ufeffb\nc\n\ufeff');
  const boundaries = new SplitBoundaries(reader(input));
  // Behind the second line; the mark at the end is shorter than one when the input is cut.
  expect(boundaries.at(1)).toBe(7);
  expect(boundaries.at(8)).toBe(input.length);
  expect(new SplitBoundaries(reader(input.subarray(0, -1))).at(8)).toBe(9);
});

test('a line that is longer than many pieces is searched once', () => {
  const input = new Uint8Array(1024 * 1024).fill(65);
  let read = 0;
  const counting = reader(input);
  const boundaries = new SplitBoundaries({
    size: input.length,
    readAt: (into, position) => {
      read += into.length;
      return counting.readAt(into, position);
    },
  });
  for (let position = 1; position < input.length; position += 1000) expect(boundaries.at(position)).toBe(input.length);
  expect(read).toBeLessThan(input.length + 65_536);
});

test('instances share the file as it was at the start, though one of them finds that it has grown', async () => {
  const grown = Buffer.from('a line\n'.repeat(100));
  const size = 333;
  const pieces: [start: number, end: number][] = [];
  for (const first of [0, 1]) {
    const file = reader(first === 0 ? grown.subarray(0, size) : grown);
    const ring = new BatchRingWriter(createRingMemory({ slots: 64, slotBytes: 4096 }));
    const plan = { patterns: undefined, size, splitBytes: 50, first, stride: 2, lane: first } as const;
    const run = async ({ offset, input }: { offset: number; input: { end: number } }) => {
      pieces.push([offset, input.end]);
      return { reason: 'end' } as const;
    };
    await runSplits(file, plan, { offset: 0, failures: [], unreported: 0 }, { ring, run, turns: new Turns(() => {}) });
  }
  pieces.sort(([a], [b]) => a - b);
  expect(pieces[0]?.[0]).toBe(0);
  expect(pieces.at(-1)?.[1]).toBe(size);
  for (const [i, [start]] of pieces.slice(1).entries()) expect(start).toBe(pieces[i]?.[1]);
});
