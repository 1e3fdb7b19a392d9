/** Drives the lifter in its several ways and turns what comes out into plain data to compare. */

import { Batch } from '@chipmunk-host/batch';
import { PluginContractError } from '@chipmunk-host/runtime/internal/shared';
import { LIFTER_WAYS } from '#api/v0_1_0/lifter/lifter-way.js';
import { type LiftedFrame, ResultLifter } from '#api/v0_1_0/lifter/result-lifter.js';
import { FrameBuilder } from '#worker/output/frame-builder.js';
import { frameSource } from '#worker/output/frame-source.js';
import type { PluginHeap } from './plugin-heap.js';
import type { ReferenceItem } from './reference-reader.js';

/** The input that the batches are from. */
export const SOURCE = frameSource({ number: 3_000_000_000, name: 'größe.log', type: 'file' });

const CANARY = 0xa5;
const GUARD_BYTES = 4096;

export interface Lifted {
  readonly items: ReferenceItem[];
  readonly skippedBytes: number;
  readonly consumed: number;
  readonly breach: boolean;
  /** The batches as they came, and how each was delivered. */
  readonly frames: Uint8Array[];
  readonly ways: LiftedFrame['kind'][];
}

/** One slot with a guard before and behind it. */
export class Arena {
  readonly memory: WebAssembly.Memory;
  readonly slotOffset = GUARD_BYTES;
  readonly slotBytes: number;

  constructor(slotBytes: number) {
    this.slotBytes = slotBytes;
    const pages = Math.ceil((slotBytes + 2 * GUARD_BYTES) / 65_536);
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    for (const guard of this.#guards()) guard.fill(CANARY);
  }

  slot(byteLength: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, this.slotOffset, byteLength);
  }

  guardsAreIntact(): boolean {
    return this.#guards().every((guard) => guard.every((byte) => byte === CANARY));
  }

  #guards(): Uint8Array[] {
    const { buffer } = this.memory;
    return [new Uint8Array(buffer, 0, this.slotOffset), new Uint8Array(buffer, this.slotOffset + this.slotBytes)];
  }
}

/** Lifts a result batch by batch. */
export function liftFrames(
  lifter: ResultLifter,
  arena: Arena,
  retptr: number,
  given: number,
  offset = 0,
  times?: number,
): Lifted {
  const frames: Uint8Array[] = [];
  const ways: LiftedFrame['kind'][] = [];
  const breach = breaches(() => {
    lifter.open(retptr, given);
    if (times !== undefined) lifter.takeTimes(times);
    for (let at = offset; ; ) {
      const frame = lifter.next(arena.slotOffset, arena.slotBytes, at, SOURCE);
      if (frame === undefined) return;
      const bytes = frame.kind === 'placed' ? arena.slot(frame.byteLength) : Buffer.concat(frame.segments);
      frames.push(Uint8Array.from(bytes));
      ways.push(frame.kind);
      at += frame.bytes;
    }
  });
  return { ...readFrames(frames, offset), breach, frames, ways };
}

/** Lifts a result through a builder, as results of few items are. */
export function liftInto(lifter: ResultLifter, retptr: number, given: number, offset = 0, times?: number): Lifted {
  const builder = new FrameBuilder();
  const breach = breaches(() => {
    lifter.open(retptr, given);
    if (times !== undefined) lifter.takeTimes(times);
    lifter.readInto(builder);
  });
  const frames = builder.isEmpty ? [] : [Uint8Array.from(Buffer.concat(builder.finish(offset, SOURCE).segments))];
  return { ...readFrames(frames, offset), breach, frames, ways: [] };
}

export function readFrames(
  frames: readonly Uint8Array[],
  offset: number,
): Pick<Lifted, 'items' | 'skippedBytes' | 'consumed'> {
  const items: ReferenceItem[] = [];
  let skippedBytes = 0;
  let consumed = 0;
  for (const frame of frames) {
    const batch = Batch.from(frame);
    if (batch.source !== 3_000_000_000 || batch.sourceName !== 'größe.log') throw new Error('another source');
    if (batch.offset !== offset + consumed) throw new Error(`batch begins at ${batch.offset}`);
    items.push(...itemsOf(batch, offset));
    skippedBytes += batch.skippedBytes;
    consumed += batch.consumedBytes;
  }
  return { items, skippedBytes, consumed };
}

export function itemsOf(batch: Batch, base = 0): ReferenceItem[] {
  return [...batch].map(({ kind, offset, length, columns, wasJoined, attachment }) => ({
    kind,
    offset: offset - base,
    length,
    columns: [...columns],
    wasJoined,
    attachment:
      attachment === undefined
        ? undefined
        : { ...attachment, messages: [...attachment.messages], data: [...attachment.data] },
  }));
}

/** Whether it ends in a breach of contract; any other error is thrown. */
function breaches(run: () => void): boolean {
  try {
    run();
    return false;
  } catch (error) {
    if (error instanceof PluginContractError) return true;
    throw error;
  }
}

/** The ways that a result can go, each by a lifter of its own; checks that nothing was written outside of the slot. */
export function liftAllWays(heap: PluginHeap, retptr: number, given: number, slot: number, mostColumns = 0): Lifted[] {
  const lifted: Lifted[] = [];
  for (const way of LIFTER_WAYS) {
    const arena = new Arena(slot);
    const lifter = new ResultLifter(heap.memory, arena, { way });
    lifter.mostColumns = mostColumns;
    lifted.push(liftFrames(lifter, arena, retptr, given), liftInto(lifter, retptr, given));
    if (!arena.guardsAreIntact()) throw new Error(`${way}: the lifter wrote outside of its slot`);
  }
  return lifted;
}
