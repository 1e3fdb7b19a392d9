/**
 * The ring: one producer, one consumer, on two threads, over shared memory (RingProducer, RingConsumer). Batches go from a parser's
 * worker to the main thread through one (BatchRingWriter, BatchRingReader); bytes go from a source to a parser's worker through
 * another (ByteRingWriter, ByteRingReader).
 *
 *   | header | one descriptor a slot | padding to 4 KiB | slot 0 | slot 1 | ... |
 *
 * A frame takes one slot, or as many as it needs: every slot of it but the last is flagged `more`, every slot but the first
 * `continued`. A slot without `continued` where another frame is not at its end says that the writer of that one was lost: what it
 * left half written was not delivered.
 * `head` counts the slots ever published and `tail` those ever released; both wrap at 2^32, and their difference is how
 * many slots are in use. Each side writes only its own counter.
 *
 * How the sides wait for each other is in ring-bells.ts. All orders of their steps are tried in a model, test/ring-model.ts, and a
 * test compares the model's steps with those that the classes take.
 */
import { HostError } from '../errors.js';

/** Indexes into the header's Int32Array. Each side's words have a cache line (64 bytes) of their own, with its `RingWaits` behind them. */
export const RingWord = {
  /** Slots published. Written by the writer. */
  head: 0,
  /** A `RingEnd`: whether the writer will publish more. */
  closed: 1,
  /** Rung for the reader. */
  readerBell: 2,
  /** Slots released. Written by the reader. */
  tail: 16,
  /** 1 when the reader wants the writer to end. */
  stop: 17,
  /** Rung for the writer. */
  writerBell: 18,
  /**
   * Of an input that several writers share: twice the number of the part that the reader is at, and one more when it reads it from this ring.
   * Written by the reader.
   */
  readerPart: 19,
  /** How many items come before that part. Written before it. */
  itemsBeforeLow: 20,
  itemsBeforeHigh: 21,
  /** A `RingDemand`. Written by who ends and holds the writer, see ring-ends.ts. */
  demand: 22,
} as const;

/** Values of `RingWord.demand`: what is wanted of a writer that was not asked to stop. A thread that takes over from a lost one finds it here. */
export const RingDemand = {
  /** All that it has. */
  all: 0,
  /** Nothing for now: no slot is free for it. */
  paused: 1,
  /** That it comes to an end where it is, and publishes what it has. */
  end: 2,
} as const;

/** Values of `RingWord.closed`. The first end counts. */
export const RingEnd = {
  open: 0,
  /** The writer said so, behind its last slot. */
  closed: 1,
  /** The writer's thread is gone, and it never said that it had delivered everything. */
  lost: 2,
} as const;

const HEADER_BYTES = 128;

/** Words of one slot's descriptor. */
export const RingDescriptor = {
  /** Bytes in this slot. */
  byteLength: 0,
  /** `SlotFlag`s; in rings of batches only. */
  flags: 1,
  /** Bytes of the whole frame, the same in each of its slots; in rings of batches only. */
  frameBytes: 2,
  /** A `SlotKind`; in rings of bytes only. */
  kind: 3,
  /** A `RingMark`, in rings of batches only. */
  positionLow: 4,
  positionHigh: 5,
  part: 6,
  sourceRestart: 7,
  restarts: 8,
  selectedLow: 9,
  selectedHigh: 10,
  words: 16,
} as const;

/** The time of a slot's bytes, in rings of bytes only: milliseconds since 1970 as a float64, NaN where they have none. An index in float64s. */
export const DESCRIPTOR_TIME = 2;

export const SlotFlag = {
  /** The frame goes on in the next slot. */
  more: 1,
  /** The frame began in a slot before. */
  continued: 2,
} as const;

export const SlotKind = {
  data: 0,
  /** A serialised error, which is the last that the writer publishes. */
  error: 1,
  /** A message of the writer's about the bytes behind it; no bytes of the input. */
  note: 2,
  /** Packets one behind the other, see `PacketEntry`. */
  packets: 3,
  /** A message about what happened at this position; no bytes of the input. The reader comes to it and passes it on its own (`mark`). */
  event: 4,
  /** What is behind it is another input, of which it tells; no bytes of the input. */
  segment: 5,
} as const;

/** How a packet stands in a slot: a head, which begins at a multiple of 8 bytes, and its bytes behind it. */
export const PacketEntry = {
  /** Its length: u32 at the start of the head. */
  byteLength: 0,
  /** u32: 1 when it goes on a packet that did not fit one slot. */
  continues: 4,
  /** float64: milliseconds since 1970; NaN where it has no time. */
  time: 8,
  headBytes: 16,
  align: 8,
} as const;

/** Bytes that a packet takes in a slot. */
export function packetBytes(byteLength: number): number {
  const { headBytes, align } = PacketEntry;
  return headBytes + Math.ceil(byteLength / align) * align;
}

/** How much a ring of shared memory between a worker and its consumer holds. */
export interface RingShape {
  /** How many slots: a power of two from 2 to 1,024, so that counters may wrap. */
  readonly slots: number;
  /** Bytes a slot; a multiple of 4,096. */
  readonly slotBytes: number;
}

/** Where a reader of bytes stands. */
export interface RingPosition {
  /** Number of the slot, counted from the first that was ever published, modulo 2^32. */
  readonly slot: number;
  /** Bytes of it that were read. */
  readonly byte: number;
}

const PAGE_BYTES = 4096;

export const SLOTS_EXPECTED = 'a power of two from 2 to 1024';
export const SLOT_BYTES_EXPECTED = `a multiple of ${PAGE_BYTES} up to 1 GiB`;

export function isSlotCount(value: unknown): boolean {
  const slots = value as number;
  return Number.isInteger(slots) && slots >= 2 && slots <= 1024 && (slots & (slots - 1)) === 0;
}

export function isSlotBytes(value: unknown): boolean {
  const pages = (value as number) / PAGE_BYTES;
  return typeof value === 'number' && Number.isInteger(pages) && pages >= 1 && value <= 1 << 30;
}

/** @throws HostError `ERR_INVALID_OPTION` */
export function checkRingShape({ slots, slotBytes }: RingShape): void {
  if (!isSlotCount(slots))
    throw new HostError('ERR_INVALID_OPTION', `The option ring.slots is ${slots}; expected ${SLOTS_EXPECTED}.`);
  if (!isSlotBytes(slotBytes))
    throw new HostError(
      'ERR_INVALID_OPTION',
      `The option ring.slotBytes is ${slotBytes}; expected ${SLOT_BYTES_EXPECTED}.`,
    );
}

/** Where the ring's parts are, in bytes from the start of its buffer. */
export function ringOffsets({ slots, slotBytes }: RingShape) {
  const descriptors = HEADER_BYTES;
  const end = descriptors + slots * RingDescriptor.words * Int32Array.BYTES_PER_ELEMENT;
  const firstSlot = Math.ceil(end / PAGE_BYTES) * PAGE_BYTES;
  return { descriptors, firstSlot, end: firstSlot + slots * slotBytes };
}

/** Typed views over a ring, the same for both sides. */
export function ringViews(buffer: SharedArrayBuffer, shape: RingShape) {
  const offsets = ringOffsets(shape);
  return {
    words: new Int32Array(buffer, 0, HEADER_BYTES / Int32Array.BYTES_PER_ELEMENT),
    descriptors: new Int32Array(buffer, offsets.descriptors, shape.slots * RingDescriptor.words),
    slotOffset: (slot: number) => offsets.firstSlot + ((slot >>> 0) % shape.slots) * shape.slotBytes,
  };
}
