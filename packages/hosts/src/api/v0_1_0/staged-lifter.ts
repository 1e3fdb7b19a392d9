/**
 * The fast way: `measure` over the plugin's memory, a bulk copy of what it found into the stage, `lift` from there into the slot.
 *
 * A batch is measured and lifted in runs of records, each small enough to stay in the processor's cache between the copy and
 * the lift.
 */
import { HostError } from '@chipmunk-host/runtime/shared';
import { ENTRY_BYTES, FRAME_OVERHEAD_BYTES, type FrameSummary, STRING_BYTES } from '../../worker/frame-builder.js';
import { instantiateLift, instantiateMeasure, LiftStatus, type MeasureExports, MeasureStatus } from './lifter-modules.js';
import { ParseReturn } from './parse-return-layout.js';
import type { PluginMemory } from './plugin-memory.js';

/** Where the lifter writes and stages. */
export interface LifterMemory {
  /** Shared, and owned by the host. */
  readonly memory: WebAssembly.Memory;
  /** From here on the memory is the lifter's; it grows it up to its maximum. */
  readonly stageOffset: number;
}

const WASM_PAGE_BYTES = 65_536;
const RUN_RECORDS = 1024;

/** Wide loads read past the end of what was staged. */
const STAGE_PADDING = 32;

/** When strings lie so far apart that this many times the batch would be copied, reading them one by one is cheaper. */
const MAX_SPREAD = 8;
const SMALL_SPREAD_BYTES = 65_536;

/** Records that are staged and lifted together, and the stretches of plugin memory they refer to. */
interface Run {
  list: number;
  records: number;
  firstLow: number;
  firstBytes: number;
  secondLow: number;
  secondBytes: number;
}

export type Measured =
  /** Nothing can be lifted this way from the first record on: an attachment, or an entry larger than the slot. */
  | { readonly kind: 'other-way' }
  /** The first record breaks the contract. */
  | { readonly kind: 'fault' }
  | { readonly kind: 'batch'; readonly records: number; readonly scattered: boolean; readonly cost: number; readonly consumed: number };

export type Lifted = { readonly kind: 'placed'; readonly frame: FrameSummary } | { readonly kind: 'not-utf8'; readonly record: number };

export class StagedLifter {
  readonly #plugin: PluginMemory;
  readonly #arena: LifterMemory;
  readonly #measure: MeasureExports;
  readonly #lift: ReturnType<typeof instantiateLift>;
  readonly #runs: Run[] = [];
  readonly #stageAt: number;
  #runCount = 0;
  #stageBytes = 0;
  #arenaBytes: Uint8Array;
  /** Whether the batch before this one was all ASCII: the next one most likely is, too. */
  #ascii = true;

  constructor(pluginMemory: WebAssembly.Memory, plugin: PluginMemory, arena: LifterMemory) {
    this.#plugin = plugin;
    this.#arena = arena;
    this.#measure = instantiateMeasure(pluginMemory);
    this.#lift = instantiateLift(arena.memory);
    this.#stageAt = Math.ceil(arena.stageOffset / 64) * 64 + 64;
    this.#arenaBytes = new Uint8Array(arena.memory.buffer);
  }

  /** The arena's bytes, as far as they were needed. */
  get arenaBytes(): Uint8Array {
    return this.#arenaBytes;
  }

  /** Takes as many of the `count` records at `list` as fit `budget` bytes; `allowed`: bytes they may have consumed. */
  measure(list: number, count: number, slotBytes: number, mostBytes: number, allowed: number): Measured {
    const budget = Math.min(slotBytes - FRAME_OVERHEAD_BYTES, mostBytes, 0xffff_ffff);
    if (budget < ENTRY_BYTES) return { kind: 'other-way' };
    const measure = this.#measure;
    measure.reset(budget, allowed);
    this.#runCount = 0;
    this.#stageBytes = 0;
    let done = 0;
    let spread = 0;
    let status: number = MeasureStatus.runDone;
    while (done < count && status === MeasureStatus.runDone) {
      status = measure.measure(list + done * ParseReturn.bytes, Math.min(RUN_RECORDS, count - done));
      const run = this.#addRun(list + done * ParseReturn.bytes);
      const runSpread = run.firstBytes + run.secondBytes;
      spread += runSpread;
      this.#stageBytes = Math.max(this.#stageBytes, run.records * ParseReturn.bytes + runSpread + 4 * STAGE_PADDING);
      done += run.records;
    }
    if (done === 0) return { kind: status >= MeasureStatus.firstFault ? 'fault' : 'other-way' };
    const cost =
      u32(measure.entries) * ENTRY_BYTES + u32(measure.strings) * STRING_BYTES + u32(measure.textBytes);
    const scattered = spread > MAX_SPREAD * cost + SMALL_SPREAD_BYTES || !this.#reserveStage();
    return { kind: 'batch', records: done, scattered, cost, consumed: u32(measure.consumed) };
  }

  /** Lifts what was measured last into the slot. */
  lift(slotOffset: number, slotBytes: number, offset: number): Lifted {
    let lifted = this.#attempt(slotOffset, slotBytes, offset, this.#ascii);
    if (lifted === 'not-ascii') {
      this.#ascii = false;
      lifted = this.#attempt(slotOffset, slotBytes, offset, false);
    } else if (!this.#ascii && typeof lifted === 'object' && u32(this.#lift.unitsSoFar) === u32(this.#measure.textBytes)) {
      this.#ascii = true;
      lifted = this.#attempt(slotOffset, slotBytes, offset, true);
    }
    if (typeof lifted === 'object') return { kind: 'placed', frame: lifted };
    if (typeof lifted === 'number') return { kind: 'not-utf8', record: lifted };
    throw new HostError('ERR_INTERNAL', 'the lifter found other text than a moment ago');
  }

  /** The batch, or the number of the record whose text is not UTF-8. */
  #attempt(slotOffset: number, slotBytes: number, offset: number, ascii: boolean): FrameSummary | number | 'not-ascii' {
    const measure = this.#measure;
    const entries = u32(measure.entries);
    const items = u32(measure.items);
    const bytes = u32(measure.consumed);
    const skippedBytes = u32(measure.skippedBytes);
    const fits = this.#lift.begin(
      slotOffset,
      slotBytes,
      ascii ? 1 : 0,
      entries,
      items,
      u32(measure.strings),
      u32(measure.textBytes),
      offset,
      bytes,
      skippedBytes,
      u32(measure.stringsPerEntry),
      u32(measure.varying),
    );
    if (fits === 0) throw disagreement('size');
    let done = 0;
    for (let r = 0; r < this.#runCount; r++) {
      const run = this.#runs[r] as Run;
      const status = this.#liftRun(run);
      if (status === LiftStatus.notAscii) return 'not-ascii';
      if (status === LiftStatus.notUtf8) return done + u32(this.#lift.failedRecord);
      if (status !== LiftStatus.done) throw disagreement('records');
      done += run.records;
    }
    const byteLength = this.#lift.end() >>> 0;
    if (byteLength === 0) throw disagreement('tables');
    return { byteLength, entries, items, bytes, skippedBytes };
  }

  #liftRun(run: Run): number {
    const { bytes } = this.#plugin;
    const stage = this.#arenaBytes;
    const recordsEnd = run.list + run.records * ParseReturn.bytes;
    const firstAt = this.#stageAt + (recordsEnd - run.list) + STAGE_PADDING;
    const secondAt = firstAt + run.firstBytes + STAGE_PADDING;
    stage.set(bytes.subarray(run.list, recordsEnd), this.#stageAt);
    if (run.firstBytes > 0) stage.set(bytes.subarray(run.firstLow, run.firstLow + run.firstBytes), firstAt);
    if (run.secondBytes > 0) stage.set(bytes.subarray(run.secondLow, run.secondLow + run.secondBytes), secondAt);
    this.#lift.stage(run.firstLow, run.firstBytes, firstAt, run.secondLow, run.secondBytes, secondAt);
    return this.#lift.lift(this.#stageAt, run.records);
  }

  #addRun(list: number): Run {
    const measure = this.#measure;
    const index = this.#runCount++;
    let run = this.#runs[index];
    if (run === undefined) {
      run = { list: 0, records: 0, firstLow: 0, firstBytes: 0, secondLow: 0, secondBytes: 0 };
      this.#runs[index] = run;
    }
    run.list = list;
    run.records = u32(measure.taken);
    run.firstLow = u32(measure.firstLow);
    run.firstBytes = u32(measure.firstBytes);
    run.secondLow = u32(measure.secondLow);
    run.secondBytes = u32(measure.secondBytes);
    return run;
  }

  /** Makes room for the largest run; false when the arena cannot grow so far. */
  #reserveStage(): boolean {
    const end = this.#stageAt + this.#stageBytes;
    const { memory } = this.#arena;
    if (this.#arenaBytes.length < end) {
      const missing = end - memory.buffer.byteLength;
      try {
        if (missing > 0) memory.grow(Math.ceil(missing / WASM_PAGE_BYTES));
      } catch {
        return false;
      }
      this.#arenaBytes = new Uint8Array(memory.buffer);
    }
    return true;
  }
}

function u32(global: WebAssembly.Global): number {
  return (global.value as number) >>> 0;
}

function disagreement(what: string): HostError {
  return new HostError('ERR_INTERNAL', `measure and lift disagree on the ${what} of a batch`);
}
