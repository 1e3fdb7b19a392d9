/** What the two threads of a ring case have to agree on: the case itself follows from a seed, and so does every byte. */

export class SeededRandom {
  #state;

  constructor(seed, stream) {
    this.#state = (Math.imul(seed, 0x9e37_79b1) ^ Math.imul(stream + 1, 0x85eb_ca6b)) >>> 0;
  }

  /** At least 0, less than `limit`. Mulberry32. */
  below(limit) {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  pick(list) {
    return list[this.below(list.length)];
  }
}

/** Larger frames say nothing more, and take long to make. */
const MAX_FRAME_BYTES = 200_000;

export function byteAt(frame, at) {
  return (frame * 31 + at * 7 + (at >> 12)) & 0xff;
}

export function randomCase(seed, number) {
  const random = new SeededRandom(seed, number);
  const shape = { slots: random.pick([2, 2, 4, 8, 64]), slotBytes: random.pick([4096, 4096, 8192, 65_536]) };
  const lengths = [
    () => 0,
    () => 1 + random.below(100),
    () => random.below(shape.slotBytes),
    () => shape.slotBytes * (1 + random.below(3)),
    () => shape.slotBytes * (1 + random.below(shape.slots * 2)) + random.below(3) - 1,
  ];
  const frames = Array.from({ length: random.below(60) }, () => Math.min(random.pick(lengths)(), MAX_FRAME_BYTES));
  return {
    seed: random.below(0x7fff_ffff),
    shape,
    frames,
    segmentBytes: 1 + random.below(random.pick([2, 100, 5000, 100_000])) + 63,
    /** How dawdling the two sides are: most turns of the event loop, or rounds of work, between two frames. */
    readerIdles: random.pick([0, 0, 1, 5]),
    writerIdles: random.pick([0, 0, 100, 20_000]),
    /** The reader asks to stop when it has so many frames. */
    stopAfter: random.below(4) === 0 ? random.below(frames.length + 1) : undefined,
    deathAfter: random.below(30),
  };
}
