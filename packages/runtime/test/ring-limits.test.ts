/** What the two sides of a ring refuse, and how they end, each in the test's own thread. */
import { HostError } from '@chipmunk-host/runtime';
import { ByteRingWriter, createRingMemory, endRingForWriter, stopRingWriter } from '@chipmunk-host/runtime/internal';
import { expect, test } from 'vitest';
import { ringOffsets } from '#shared/ring/ring-layout.js';
import { RingProducer } from '#shared/ring/ring-producer.js';
import { ByteRingReader } from '#worker/ring/byte-ring-reader.js';

const SHAPE = { slots: 2, slotBytes: 4096 };

test.each([0, 1, 3, 6, 2048, 2.5, -2, Number.NaN, Number.POSITIVE_INFINITY, '2', undefined])(
  '%s slots are refused',
  (slots) => {
    expect(() => createRingMemory({ ...SHAPE, slots: slots as number })).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_OPTION',
        message: expect.stringMatching(/ring\.slots.*power of two/),
      }),
    );
  },
);

test.each([0, -4096, 100, 4097, 2 ** 30 + 4096, 4096.5, Number.NaN, Number.POSITIVE_INFINITY, '4096', undefined])(
  'slots of %s bytes are refused',
  (slotBytes) => {
    expect(() => createRingMemory({ ...SHAPE, slotBytes: slotBytes as number })).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_OPTION',
        message: expect.stringMatching(/ring\.slotBytes.*multiple/),
      }),
    );
  },
);

test.each([
  { slots: 2, slotBytes: 4096 },
  { slots: 1024, slotBytes: 4096 },
  { slots: 2, slotBytes: 8192 },
])('$slots slots of $slotBytes bytes have room', (shape) => {
  const { memory } = createRingMemory(shape);
  expect(memory.buffer.byteLength).toBeGreaterThanOrEqual(ringOffsets(shape).end);
});

test('a full ring has no slot, and is not waited for any longer than was asked', () => {
  const producer = new RingProducer(createRingMemory(SHAPE));
  for (let published = 0; published < SHAPE.slots; published++) {
    expect(producer.hasFree).toBe(true);
    producer.publish();
  }
  expect(producer.hasFree).toBe(false);
  expect(producer.blockUntilFree(0)).toBe(false);
  expect(producer.blockUntilFree(1)).toBe(false);
});

interface Ends {
  readonly reader: ByteRingReader;
  readonly writer: ByteRingWriter;
  readonly ring: ReturnType<typeof createRingMemory>;
}

function ends(): Ends {
  const ring = createRingMemory(SHAPE);
  const writer = new ByteRingWriter(ring, { blockingWaitMs: 0 });
  writer.tryAcquire()?.set([1, 2, 3]);
  writer.publish(3);
  return { ring, writer, reader: new ByteRingReader(ring) };
}

test('bytes are read before the end, whatever the end is', () => {
  for (const end of [({ writer }: Ends) => writer.close(), ({ ring }: Ends) => endRingForWriter(ring)]) {
    const both = ends();
    end(both);
    const into = new Uint8Array(8);
    expect(both.reader.read(into)).toBe(3);
    expect([...into.subarray(0, 3)]).toEqual([1, 2, 3]);
  }
});

test('a reader of a ring with nothing more at hand says so, and that it has ended', () => {
  const { reader, writer } = ends();
  reader.read(new Uint8Array(8));
  expect(reader.read(new Uint8Array(8))).toBeUndefined();
  writer.close();
  expect(reader.read(new Uint8Array(8))).toBe(0);
});

test('a reader of a lost writer says that the input is not at its end', () => {
  const { reader, ring } = ends();
  reader.read(new Uint8Array(8));
  endRingForWriter(ring);
  expect(() => reader.read(new Uint8Array(8))).toThrow(expect.objectContaining({ code: 'ERR_SOURCE_READ' }));
});

test('a reader meets the error of the writer, and again when it asks again', async () => {
  const { reader, writer } = ends();
  await writer.fail(new HostError('ERR_SOURCE_READ', 'the disk is gone'));
  reader.read(new Uint8Array(8));
  for (let time = 0; time < 2; time++) expect(() => reader.read(new Uint8Array(8))).toThrow(/the disk is gone/);
});

test('a reader that was stopped reads no more', () => {
  const { reader } = ends();
  reader.stop();
  expect(() => reader.read(new Uint8Array(8))).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }));
});

test('a writer that is asked to stop gets no slot', async () => {
  const { writer, ring } = ends();
  writer.publish(1);
  stopRingWriter(ring);
  expect(await writer.acquire()).toBeUndefined();
});
