import { Worker } from 'node:worker_threads';
import { HostError } from '@chipmunk-host/runtime';
import {
  ByteRingWriter,
  createRingMemory,
  endRingForWriter,
  type RingMemory,
  type RingPosition,
  stopRingWriter,
} from '@chipmunk-host/runtime/internal';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';

const SHAPE = { slots: 2, slotBytes: 4096 };
const readers: Worker[] = [];
afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.terminate();
});

interface ReaderEnd {
  readonly content: Uint8Array;
  readonly position: RingPosition | undefined;
  readonly end: string;
  readonly message?: string;
}

function startReader(ring: RingMemory, reads: readonly number[], more: object = {}): Promise<ReaderEnd> {
  const worker = new Worker(new URL('./byte-ring-reader-fixture.mjs', import.meta.url), {
    workerData: { ring, reads, dieAfter: Number.POSITIVE_INFINITY, ...more },
  });
  readers.push(worker);
  const parts: Uint8Array[] = [];
  let position: RingPosition | undefined;
  return new Promise((resolve) => {
    const finish = (end: string, message?: string) =>
      resolve({ content: Buffer.concat(parts), position, end, ...(message === undefined ? {} : { message }) });
    worker.on('message', (said) => {
      if (said.end !== undefined) finish(said.end, said.message);
      else {
        parts.push(said.bytes);
        position = said.position;
      }
    });
    worker.once('exit', (code) => finish(`exit ${code}`));
  });
}

/** Bytes that tell where they are. */
function content(byteLength: number): Uint8Array {
  return Uint8Array.from({ length: byteLength }, (_, at) => (at * 31 + (at >> 8) * 7) & 0xff);
}

/** Publishes in pieces of the given lengths; returns how many bytes were, before the reader wanted no more. */
async function write(writer: ByteRingWriter, bytes: Uint8Array, pieces: readonly number[]): Promise<number> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const slot = await writer.acquire();
    if (slot === undefined) return at;
    const piece = bytes.subarray(at, at + Math.min(slot.length, pieces[i % pieces.length] ?? 1));
    slot.set(piece);
    writer.publish(piece.length);
    at += piece.length;
  }
  return bytes.length;
}

const lengths = (max: number) => fc.array(fc.integer({ min: 1, max }), { minLength: 1, maxLength: 5 });

describe('a ring of bytes, from a writer that never blocks to a reader in a thread', () => {
  test('delivers all of them in order, however they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(10_000), lengths(4096), lengths(10_000), async (byteLength, pieces, reads) => {
        const ring = createRingMemory(SHAPE);
        const writer = new ByteRingWriter(ring, { blockingWaitMs: 0 });
        const read = startReader(ring, reads);
        await write(writer, content(byteLength), pieces);
        writer.close();
        const { end, content: got } = await read;
        expect(end).toBe('closed');
        expect(Buffer.compare(got, content(byteLength))).toBe(0);
      }),
      { numRuns: 25 },
    );
  });

  test('ends with the error of the writer, behind its last byte, with class, code and plugin', async () => {
    const ring = createRingMemory(SHAPE);
    const writer = new ByteRingWriter(ring, { blockingWaitMs: 0 });
    const read = startReader(ring, [100]);
    await write(writer, content(20_000), [3000]);
    await writer.fail(new HostError('ERR_SOURCE_READ', `the disk is gone${'!'.repeat(100_000)}`));
    const { end, content: got, message } = await read;
    expect(end).toBe('ERR_SOURCE_READ');
    expect(message).toMatch(/^the disk is gone!+$/);
    expect(got.length).toBe(20_000);
  });

  test('is not at its end when the writer is lost', async () => {
    const ring = createRingMemory(SHAPE);
    const writer = new ByteRingWriter(ring, { blockingWaitMs: 0 });
    await write(writer, content(5000), [3000]);
    endRingForWriter(ring);
    const { end, content: got } = await startReader(ring, [100]);
    expect(end).toBe('ERR_SOURCE_READ');
    expect(got.length).toBe(5000);
  });

  test('is at its end when the writer had closed it before its thread ended', async () => {
    const ring = createRingMemory(SHAPE);
    new ByteRingWriter(ring).close();
    endRingForWriter(ring);
    expect((await startReader(ring, [100])).end).toBe('closed');
  });

  test('stops a writer that waits for a reader that is gone', async () => {
    const ring = createRingMemory(SHAPE);
    const written = write(new ByteRingWriter(ring, { blockingWaitMs: 0 }), content(20_000), [4096]);
    await new Promise((resolve) => setImmediate(resolve));
    stopRingWriter(ring);
    expect(await written).toBe(8192);
  });

  test('goes on with another reader where one that died had stood', async () => {
    const ring = createRingMemory(SHAPE);
    const writer = new ByteRingWriter(ring, { blockingWaitMs: 0 });
    const dying = startReader(ring, [700], { dieAfter: 30_000 });
    const written = write(writer, content(100_000), [3000]).then(() => writer.close());
    const first = await dying;
    expect(first.end).toBe('exit 3');
    const second = await startReader(ring, [700], { position: first.position });
    await written;
    expect(second.end).toBe('closed');
    expect(Buffer.compare(Buffer.concat([first.content, second.content]), content(100_000))).toBe(0);
  });
});
