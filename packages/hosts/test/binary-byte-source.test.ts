import { createInputMemory } from '@chipmunk-host/hosts/internal';
import { type ByteReader, PositionedInput, RingInput } from '@chipmunk-host/hosts/internal/worker';
import { HostError } from '@chipmunk-host/runtime';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';

const PAGE = 65_536;
afterEach(() => void vi.restoreAllMocks());

/** Bytes that tell where they are. */
function content(byteLength: number): Uint8Array {
  const words = Uint32Array.from({ length: Math.ceil(byteLength / 4) }, (_, at) => Math.imul(at, 2_654_435_761));
  return new Uint8Array(words.buffer, 0, byteLength);
}

/** Delivers the input in chunks of the given lengths; before one of length 0 it lets itself be waited for. */
class ScriptedReader implements ByteReader {
  position = { slot: 0, byte: 0 };
  readonly #input: Uint8Array;
  readonly #chunks: readonly number[];
  #waited = false;
  #reads = 0;

  constructor(input: Uint8Array, chunks: readonly number[]) {
    this.#input = input;
    this.#chunks = chunks;
  }

  read(into: Uint8Array): number | undefined {
    const at = this.position.byte;
    const chunk = this.#chunks[this.#reads++ % this.#chunks.length] ?? 0;
    if (chunk === 0 && !this.#waited) return undefined;
    this.#waited = false;
    const bytes = this.#input.subarray(at, at + Math.min(into.length, Math.max(chunk, 1)));
    into.set(bytes);
    this.position = { slot: 0, byte: at + bytes.length };
    return bytes.length;
  }

  async ready(): Promise<void> {
    this.#waited = true;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

interface Step {
  readonly wanted: number;
  readonly consumed: number;
  readonly readAt: number;
}

const steps = fc.array(
  fc.record({
    wanted: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 5 * PAGE })),
    /** Shares in thousandths of what is there. */
    consumed: fc.oneof(fc.constant(0), fc.constant(1000), fc.integer({ min: 0, max: 1000 })),
    readAt: fc.integer({ min: 0, max: 1000 }),
  }),
  { minLength: 1, maxLength: 40 },
);
const lengths = fc.array(
  fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 3 * PAGE })),
  {
    minLength: 1,
    maxLength: 6,
  },
);
const sizes = fc.oneof(fc.nat(1000), fc.nat(8 * PAGE));

/** Follows the steps and holds every answer against the input itself. Returns the offset that it came to. */
async function follow(source: RingInput | PositionedInput, input: Uint8Array, all: readonly Step[], from = 0) {
  let offset = from;
  for (const { wanted, consumed, readAt } of all) {
    const count = await source.available(offset, wanted);
    expect(count).toBe(Math.min(wanted, input.length - offset));
    if (count < wanted) expect(source.endsAt(offset + count)).toBe(true);
    const skip = Math.floor((count * readAt) / 1000);
    const target = new Uint8Array(count - skip);
    expect(source.read(target, offset + skip)).toBe(target.length);
    expect(Buffer.compare(target, input.subarray(offset + skip, offset + count))).toBe(0);
    offset += Math.floor((count * consumed) / 1000);
    source.consume(offset);
    if (source instanceof RingInput) {
      expect(source.offset).toBe(offset);
      expect(Buffer.compare(source.currentSlice, input.subarray(offset, offset + source.length))).toBe(0);
    }
  }
  return offset;
}

describe('a source made of a reader', () => {
  test('gives what the plain input has, for any chunks, windows and consumption', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, lengths, steps, fc.nat(4 * PAGE), async (size, chunks, all, bufferBytes) => {
        const input = content(size);
        const memory = createInputMemory(5 * PAGE, bufferBytes);
        await follow(new RingInput(new ScriptedReader(input, chunks), { memory }), input, all);
      }),
      { numRuns: 30, seed: 7 },
    );
  });

  test('is taken over by another one with the same memory, at any consumed position', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, lengths, steps, steps, async (size, chunks, before, behind) => {
        const input = content(size);
        const memory = createInputMemory(5 * PAGE, PAGE);
        const offset = await follow(new RingInput(new ScriptedReader(input, chunks), { memory }), input, before);
        await follow(new RingInput(new ScriptedReader(input, chunks), { memory }), input, behind, offset);
      }),
      { numRuns: 12, seed: 7 },
    );
  });

  test('gives what the plain input has when it can be read at any position', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, lengths, steps, async (size, chunks, all) => {
        const input = content(size);
        let reads = 0;
        const readAt = (into: Uint8Array, position: number) => {
          const most = Math.max(1, chunks[reads++ % chunks.length] ?? 1);
          const bytes = input.subarray(position, position + Math.min(into.length, most));
          into.set(bytes);
          return bytes.length;
        };
        await follow(new PositionedInput({ size, readAt }), input, all);
      }),
      { numRuns: 30, seed: 7 },
    );
  });

  test('is not read for each of the slices that begin a byte further on', () => {
    const input = content(4 * PAGE);
    let reads = 0;
    const readAt = (into: Uint8Array, position: number) => {
      reads++;
      const bytes = input.subarray(position, position + into.length);
      into.set(bytes);
      return bytes.length;
    };
    const source = new PositionedInput({ size: input.length, readAt });
    const slice = new Uint8Array(4096);
    for (let offset = 0; offset + slice.length <= input.length; offset++) {
      const filled = source.read(slice, offset);
      if (filled !== slice.length || offset % 1000 === 0)
        expect(slice.subarray(0, filled)).toEqual(input.subarray(offset, offset + slice.length));
    }
    expect(reads).toBeLessThan(10);
  });

  test('moves no more bytes than there are, however small the windows and long the rests', async () => {
    const size = 40 * PAGE;
    const input = content(size);
    let moved = 0;
    const { copyWithin } = Uint8Array.prototype;
    vi.spyOn(Uint8Array.prototype, 'copyWithin').mockImplementation(function (this: Uint8Array, to, from, end) {
      moved += (end ?? this.length) - from;
      return copyWithin.call(this, to, from, end);
    });
    const source = new RingInput(new ScriptedReader(input, [1000]), {
      memory: createInputMemory(4 * PAGE, PAGE),
    });
    for (let offset = 0; offset < size; offset += 7919) {
      const count = await source.available(offset, 3 * PAGE);
      const target = new Uint8Array(count);
      source.read(target, offset);
      expect(Buffer.compare(target, input.subarray(offset, offset + count))).toBe(0);
      source.consume(offset + 7919);
    }
    expect(moved).toBeGreaterThan(0);
    expect(moved).toBeLessThanOrEqual(size);
  });

  test('holds an item that is longer than its buffer, and refuses one that is beyond its memory', async () => {
    const input = content(40 * PAGE);
    const source = new RingInput(new ScriptedReader(input, [5000]), {
      memory: createInputMemory(10 * PAGE, PAGE),
    });
    expect(await source.available(0, 20 * PAGE)).toBe(20 * PAGE);
    expect(Buffer.compare(source.currentSlice.subarray(0, 20 * PAGE), input.subarray(0, 20 * PAGE))).toBe(0);
    await expect(source.available(0, 30 * PAGE)).rejects.toMatchObject({ code: 'ERR_ENVIRONMENT' });
  });

  test('throws what its reader throws, behind the bytes that came before', async () => {
    const left = [10, 10];
    const read = () => {
      const count = left.shift();
      if (count === undefined) throw new Error('the disk is gone');
      return count;
    };
    const source = new RingInput({ read });
    expect(await source.available(0, 100)).toBe(20);
    expect(source.endsAt(20)).toBe(false);
    source.consume(5);
    await expect(source.available(5, 100)).rejects.toThrow('the disk is gone');
    expect(await source.available(5, 15)).toBe(15);
    await expect(source.available(20, 1)).rejects.toThrow('the disk is gone');
  });

  test.each<[string, (asked: number) => number]>([
    ['more than was asked', (asked) => asked + 1],
    ['less than nothing', () => -1],
    ['half a byte', () => 0.5],
    ['no number', () => Number.NaN],
  ])('refuses a reader that says that it read %s', async (_, answer) => {
    const read = (into: Uint8Array) => answer(into.length);
    const breach = { code: 'ERR_PLUGIN_CONTRACT', phase: 'read' };
    await expect(new RingInput({ read }).available(0, 10)).rejects.toMatchObject(breach);
    const positioned = new PositionedInput({ size: 10, readAt: read });
    expect(() => positioned.read(new Uint8Array(9), 0)).toThrow(expect.objectContaining(breach));
  });

  test('waits a little for more when the least that is wanted is there', async () => {
    let arrive = () => {};
    const chunks: (number | undefined)[] = [3, undefined];
    const reader: ByteReader = {
      read: () => (chunks.length > 0 ? chunks.shift() : undefined),
      ready: () => new Promise((resolve) => (arrive = resolve)),
    };
    const source = new RingInput(reader, { lingerMs: 1 });
    expect(await source.available(0, 100, 1)).toBe(3);
    expect(source.endsAt(3)).toBe(false);
    const more = source.available(0, 100, 4);
    chunks.push(5, 0);
    arrive();
    expect(await more).toBe(8);
    expect(source.endsAt(8)).toBe(true);
  });

  test('refuses a position that was consumed', async () => {
    const source = new RingInput(new ScriptedReader(content(100), [10]));
    await source.available(0, 50);
    source.consume(20);
    await expect(source.available(19, 1)).rejects.toThrow('The input at byte 19 was consumed before.');
  });
});

describe('a source that can be read at any position', () => {
  const failing = (size: number, from: number) => (into: Uint8Array, position: number) => {
    if (position >= from) throw new HostError('ERR_SOURCE_READ', `no byte ${position}`);
    return Math.min(into.length, from - position, size - position);
  };

  test('hands out what comes before the place where it fails, and then the error', async () => {
    const source = new PositionedInput({ size: 1000, readAt: failing(1000, 300) });
    expect(source.available(0, 500)).toBe(500);
    expect(source.read(new Uint8Array(500), 0)).toBe(300);
    expect([source.endsAt(300), source.endsAt(1000)]).toEqual([false, false]);
    await expect(source.available(100, 500)).rejects.toThrow('no byte 300');
    expect(source.available(100, 200)).toBe(200);
    await expect(source.available(300, 1)).rejects.toThrow('no byte 300');
  });

  test('ends where it is found to end', () => {
    const source = new PositionedInput({ size: 1000, readAt: (into, at) => Math.min(into.length, 300 - at) });
    expect(source.read(new Uint8Array(500), 0)).toBe(300);
    expect(source.endsAt(300)).toBe(true);
    expect(source.available(300, 1)).toBe(0);
  });
});
