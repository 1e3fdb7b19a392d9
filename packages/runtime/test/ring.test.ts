import { Worker } from 'node:worker_threads';
import { BatchRingReader, createRingMemory, type RingShape } from '@chipmunk-host/runtime/internal';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

/** Starts a thread that writes frames whose bytes follow from their number, in pieces of the given lengths. */
function startWriter(ring: ReturnType<typeof createRingMemory>, frames: readonly number[], pieces: readonly number[]) {
  return new Worker(new URL('./ring-writer-fixture.mjs', import.meta.url), { workerData: { ring, frames, pieces } });
}

function expectedByte(frame: number, at: number): number {
  return (frame * 31 + at * 7) & 0xff;
}

function hasExpectedBytes(frame: number, bytes: Uint8Array): boolean {
  return bytes.every((byte, at) => byte === expectedByte(frame, at));
}

describe('ring', () => {
  test('frames of any size arrive whole and in order, over two real threads', async () => {
    const shapes = fc.record({ slots: fc.constantFrom(2, 4, 8), slotBytes: fc.constantFrom(4096, 8192, 65_536) });
    const frames = fc.array(fc.oneof(fc.nat(100), fc.nat(20_000), fc.nat(300_000)), { maxLength: 60 });
    const pieces = fc.array(fc.integer({ min: 1, max: 50_000 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(shapes, frames, pieces, async (shape: RingShape, lengths, pieceLengths) => {
        const ring = createRingMemory(shape);
        const reader = new BatchRingReader(ring);
        const writer = startWriter(ring, lengths, pieceLengths);
        let count = 0;
        for (let frame = await reader.next(); frame !== undefined; frame = await reader.next()) {
          expect(frame.bytes.length).toBe(lengths[count]);
          expect(hasExpectedBytes(count, frame.bytes)).toBe(true);
          count++;
          frame.release();
        }
        expect(count).toBe(lengths.length);
        await writer.terminate();
      }),
      { numRuns: 25 },
    );
  });

  test('a reader that waits is woken by the first frame, and by the end', async () => {
    const ring = createRingMemory({ slots: 2, slotBytes: 4096 });
    const reader = new BatchRingReader(ring);
    const first = reader.next();
    const writer = startWriter(ring, [10], [10]);
    const frame = await first;
    expect(frame?.bytes.length).toBe(10);
    frame?.release();
    expect(await reader.next()).toBeUndefined();
    await writer.terminate();
  });

  test('a full ring stops the writer until the reader asks it to stop', async () => {
    const ring = createRingMemory({ slots: 2, slotBytes: 4096 });
    const reader = new BatchRingReader(ring);
    const writer = startWriter(ring, Array(1000).fill(4096), [4096]);
    const exited = new Promise((resolve) => writer.once('exit', resolve));
    const frame = await reader.next();
    reader.requestStop();
    expect(await exited).toBe(0);
    frame?.release();
  });

  test('a writer that dies in the middle of a frame has not delivered it', async () => {
    const ring = createRingMemory({ slots: 2, slotBytes: 4096 });
    const reader = new BatchRingReader(ring);
    const writer = startWriter(ring, [100, -1], [4096]);
    const exited = new Promise((resolve) => writer.once('exit', resolve));
    const first = await reader.next();
    expect(first?.bytes.length).toBe(100);
    first?.release();
    const second = reader.next();
    expect(await exited).toBe(3);
    reader.closeForWriter();
    expect(await second).toBeUndefined();
  });

  test('a shape that cannot work is refused', () => {
    expect(() => createRingMemory({ slots: 3, slotBytes: 4096 })).toThrow(/power of two/);
    expect(() => createRingMemory({ slots: 2, slotBytes: 1000 })).toThrow(/multiple of 4096/);
  });
});
