import { ByteRingWriter, createRingMemory } from '@chipmunk-host/runtime/internal';
import { ByteRingReader } from '@chipmunk-host/runtime/internal/worker';
import { expect, test } from 'vitest';

test('what comes between a look at the marks and the read behind it is not read without its mark', () => {
  const ring = createRingMemory({ slots: 2, slotBytes: 4096 });
  const writer = new ByteRingWriter(ring, { blockingWaitMs: 0 });
  const reader = new ByteRingReader(ring);
  const into = new Uint8Array(100);
  expect(reader.mark()).toBeUndefined();
  writer.tryAcquire()?.fill(7, 0, 3);
  writer.publish(3, 1_700_000_000_000);
  expect(reader.read(into)).toBeUndefined();
  expect(reader.mark()).toEqual({ kind: 'load', byteLength: 3, timeMs: 1_700_000_000_000 });
  expect(reader.read(into)).toBe(3);
  // Without a look, what is there is read at once.
  writer.tryAcquire()?.fill(8, 0, 2);
  writer.publish(2);
  expect(reader.read(into)).toBe(2);
});
