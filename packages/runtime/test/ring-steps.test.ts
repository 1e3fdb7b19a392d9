/** The steps of the model (ring-model.ts) are those of the code: each access to a ring's header, in the same order, on both sides. */
import { BatchRingReader, createRingMemory, ringBuffer } from '@chipmunk-host/runtime/internal';
import { BatchRingWriter } from '@chipmunk-host/runtime/internal/worker';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { RingWord } from '#shared/ring/ring-layout.js';
import { type ModelOptions, readerStep, START, type State, timeLimit, writerStep } from './ring-model.js';

type Side = 'reader' | 'writer';

/** Which accesses a side makes: no two sides make the same. */
const ACCESSES: Readonly<Record<Side, Readonly<Record<string, string>>>> = {
  reader: {
    'load bell': 'load readerBell',
    'load closed': 'load closed',
    'load head': 'load head',
    wait: 'wait readerBell',
    'store tail': 'store tail',
    ring: 'add writerBell',
    notify: 'notify writerBell',
    'store stop': 'store stop',
    'ring for stop': 'add writerBell',
    'notify of stop': 'notify writerBell',
  },
  writer: {
    'load demand': 'load demand',
    'load demand again': 'load demand',
    'load tail': 'load tail',
    'load bell': 'load writerBell',
    'load stop': 'load stop',
    'load tail again': 'load tail',
    'load stop again': 'load stop',
    wait: 'wait writerBell',
    'store head': 'store head',
    ring: 'add readerBell',
    notify: 'notify readerBell',
    'store closed': 'compareExchange closed',
    'ring for the end': 'add readerBell',
    'notify of the end': 'notify readerBell',
  },
};

afterEach(() => {
  vi.restoreAllMocks();
});

/** Notes all accesses to the header of a ring. A wait that blocks comes to its time limit at once. */
function recordAccesses(buffer: SharedArrayBuffer): string[] {
  const names = new Map(Object.entries(RingWord).map(([name, index]): [number, string] => [index, name]));
  const accesses: string[] = [];
  const note = (what: string, array: { buffer: unknown }, index: number) => {
    if (array.buffer === buffer) accesses.push(`${what} ${names.get(index)}`);
  };
  for (const name of ['load', 'store', 'add', 'notify', 'compareExchange', 'waitAsync'] as const) {
    const real = Atomics[name] as (...args: unknown[]) => unknown;
    vi.spyOn(Atomics, name).mockImplementation(((array: Int32Array, index: number, ...rest: unknown[]) => {
      note(name === 'waitAsync' ? 'wait' : name, array, index);
      return real(array, index, ...rest);
    }) as never);
  }
  vi.spyOn(Atomics, 'wait').mockImplementation((array: { buffer: unknown }, index: number) => {
    note('wait', array, index);
    return 'timed-out';
  });
  return accesses;
}

/** One side of the model goes on until it has published or released one frame, sleeps or is done. */
function modelTurn(start: State, side: Side, options: ModelOptions): { state: State; accesses: string[] } {
  const step = side === 'reader' ? readerStep : writerStep;
  const counter = side === 'reader' ? 'tail' : 'head';
  const isBetween = ({ [side]: { at } }: State) => at === 'known head?' || at === 'acquire';
  const accesses: string[] = [];
  let state = start;
  for (;;) {
    const { at } = state[side];
    const next = at === 'asleep' && side === 'writer' ? timeLimit(state) : step(state, options);
    if (next === undefined) return { state, accesses };
    const access = ACCESSES[side][at];
    if (access !== undefined) accesses.push(access);
    state = next;
    if (isBetween(state) && state[counter] > start[counter]) return { state, accesses };
  }
}

/** The same with the classes themselves. A call that has to wait is taken up again by the next turn of its side. */
class RealSides {
  readonly #options: ModelOptions;
  readonly #reader: BatchRingReader;
  readonly #writer: BatchRingWriter;
  #read: ReturnType<BatchRingReader['next']> | undefined;
  #acquired: Promise<number> | undefined;
  #frames = 0;
  #taken = 0;

  constructor(ring: ReturnType<typeof createRingMemory>, options: ModelOptions) {
    this.#options = options;
    this.#reader = new BatchRingReader(ring);
    this.#writer = new BatchRingWriter(ring);
  }

  async turn(side: Side, sleeps: boolean): Promise<void> {
    await (side === 'reader' ? this.#readerTurn(sleeps) : this.#writerTurn(sleeps));
  }

  async #readerTurn(sleeps: boolean): Promise<void> {
    this.#read ??= this.#reader.next();
    if (sleeps) return;
    const frame = await this.#read;
    this.#read = undefined;
    if (frame === undefined) return;
    frame.release();
    if (++this.#taken === this.#options.stopAfter) this.#reader.requestStop();
  }

  async #writerTurn(sleeps: boolean): Promise<void> {
    if (this.#frames === this.#options.frames) return this.#writer.close();
    this.#acquired ??= Promise.resolve(this.#writer.acquire());
    if (sleeps) return;
    const slot = await this.#acquired;
    this.#acquired = undefined;
    if (slot === -1) return this.#writer.close();
    this.#writer.publish(1);
    this.#frames++;
  }
}

describe('the classes make the accesses of the model', () => {
  test.each<[string, ModelOptions, readonly Side[]]>([
    ['a writer that is ahead', { slots: 2, frames: 2 }, ['writer', 'writer', 'writer', 'reader', 'reader', 'reader']],
    ['a reader that sleeps', { slots: 2, frames: 1 }, ['reader', 'writer', 'reader', 'writer', 'reader']],
    ['a reader that sleeps until the end', { slots: 2, frames: 1 }, ['writer', 'reader', 'reader', 'writer', 'reader']],
    [
      'a writer that sleeps',
      { slots: 2, frames: 4 },
      ['writer', 'writer', 'writer', 'reader', 'writer', 'reader', 'writer', 'writer', 'reader', 'reader', 'reader'],
    ],
    [
      'a reader that stops a sleeping writer',
      { slots: 2, frames: 5, stopAfter: 1 },
      ['writer', 'writer', 'writer', 'reader', 'writer', 'reader', 'reader'],
    ],
  ])('%s', async (_, options, schedule) => {
    const ring = createRingMemory({ slots: options.slots, slotBytes: 4096 });
    const sides = new RealSides(ring, options);
    const accesses = recordAccesses(ringBuffer(ring));
    let state = START;
    for (const side of schedule) {
      const { state: next, accesses: expected } = modelTurn(state, side, options);
      accesses.length = 0;
      await sides.turn(side, next[side].at === 'asleep');
      expect(accesses, `${side} at '${state[side].at}'`).toEqual(expected);
      state = next;
    }
    expect([state.reader.at, state.writer.at]).toEqual(['done', 'done']);
  });
});
