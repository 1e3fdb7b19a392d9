import { createRingMemory, type RingMemory } from '@chipmunk-host/runtime/internal';
import { ByteRingReader } from '@chipmunk-host/runtime/internal/worker';
import { RingOutput } from '@chipmunk-host/sources/internal/worker';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const SHAPE = { slots: 8, slotBytes: 4096 };

/** What a reader of the ring meets, until nothing is at hand. */
function met(ring: RingMemory): string[] {
  const reader = new ByteRingReader(ring);
  const into = new Uint8Array(SHAPE.slotBytes);
  const all: string[] = [];
  for (;;) {
    const mark = reader.mark();
    if (mark !== undefined && 'message' in mark) {
      all.push(`${mark.kind} ${Buffer.from(mark.message)}`);
      reader.pass();
      continue;
    }
    const count = reader.read(into);
    if (count === undefined || count === 0) return count === 0 ? [...all, 'end'] : all;
    reader.settle();
    const load = mark === undefined ? '' : ` ${mark.kind} ${'timeMs' in mark ? mark.timeMs : ''}`;
    all.push(`${Buffer.from(into.subarray(0, count))}${load}`);
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('small writes and packets share slots, and keep what they are', async () => {
  const ring = createRingMemory(SHAPE);
  const output = new RingOutput(ring);
  expect(output.write(Buffer.from('ab'))).toBe(true);
  output.write(Buffer.from('cd'));
  output.packet(Buffer.from('first'), { timestampMs: 1000 });
  output.packet(Buffer.alloc(0));
  output.packet(Buffer.from('second'));
  output.timestamp(5);
  output.write(Buffer.from('ef'));
  await output.event({ event: 'dropped', message: 'Something was dropped.', count: 3 });
  await output.segment({ name: 'peer', type: 'tcp', note: { event: 'reconnected', message: 'Back.' } });
  expect(output.bytes).toBe(17);
  await output.end();
  expect(met(ring)).toEqual([
    'abcd',
    'first load 1000',
    'second load NaN',
    'ef load 5',
    'event {"number":1,"event":{"event":"dropped","message":"Something was dropped.","count":3}}',
    'segment {"name":"peer","type":"tcp","note":{"number":2,"event":{"event":"reconnected","message":"Back."}}}',
    'end',
  ]);
});

test('what was gathered goes on its way with the next turn of the event loop', async () => {
  const ring = createRingMemory(SHAPE);
  const output = new RingOutput(ring);
  output.packet(Buffer.from('one'));
  expect(met(ring)).toEqual([]);
  await turn();
  expect(met(ring)).toEqual(['one load NaN']);
});

test('a packet that is longer than a slot comes in parts, and calls behind it keep their order', async () => {
  const ring = createRingMemory(SHAPE);
  const output = new RingOutput(ring);
  const long = Buffer.alloc(12 * SHAPE.slotBytes, 'x');
  const delivered = output.packet(long);
  const behind = output.packet(Buffer.from('y'));
  const event = output.event({ event: 'fresh', message: 'm' });
  expect(delivered).toBeInstanceOf(Promise);
  const all: string[] = [];
  for (let done = false; !done; ) {
    all.push(...met(ring));
    done = await Promise.race([Promise.all([delivered, behind, event]).then(() => true), turn().then(() => false)]);
  }
  all.push(...met(ring));
  const [first, ...others] = all;
  expect(first).toMatch(/^x+ load NaN$/);
  const parts = others.filter((part) => /^x+ part $/.test(part));
  expect([first as string, ...parts].join('').match(/x/g)?.length).toBe(long.length);
  expect(others.slice(parts.length).map((part) => part.slice(0, 7))).toEqual(['y load ', 'event {']);
});

test('events that are too long are cut so that they fit', async () => {
  const ring = createRingMemory({ slots: 2, slotBytes: 64 * 1024 });
  const output = new RingOutput(ring);
  await output.event({ event: 'exited', message: 'm'.repeat(100_000), text: 'long'.repeat(100_000) });
  const [event] = met(ring);
  expect(event?.length).toBeLessThan(3000);
});

test('random writes come out as they went in', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.boolean(), fc.nat(9000)), { maxLength: 20 }), async (writes) => {
      const ring = createRingMemory(SHAPE);
      const output = new RingOutput(ring);
      const reader = new ByteRingReader(ring);
      const into = new Uint8Array(SHAPE.slotBytes);
      const read: Buffer[] = [];
      const written = writes.map(([isPacket, length], at) => {
        const bytes = Buffer.alloc(length, at + 1);
        return { bytes, done: isPacket ? output.packet(bytes) : output.write(bytes) };
      });
      const ended = output.end();
      for (let count: number | undefined; count !== 0; ) {
        reader.mark();
        count = reader.read(into);
        if (count === undefined) await turn();
        else read.push(Buffer.from(into.subarray(0, count)));
        reader.settle();
      }
      await ended;
      expect(Buffer.concat(read).equals(Buffer.concat(written.map(({ bytes }) => bytes)))).toBe(true);
      for (const { done } of written) expect(await done).toBe(true);
    }),
    { numRuns: 100, seed: 1 },
  );
});
