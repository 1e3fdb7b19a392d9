/** The fast way, for engines that know more than one memory: the wasm module `lift` reads the plugin's and writes the ring's. */
import { ENTRY_BYTES } from '../../../worker/output/frame-builder.js';
import {
  type FrameSource,
  frameOverhead,
  prefixBytes,
  UNNAMED_SOURCE,
  writePrefix,
} from '../../../worker/output/frame-source.js';
import { instantiateLift, type LiftExports, WalkStatus } from './lifter-modules.js';
import {
  disagreement,
  type Lifted,
  type MeasuredBatch,
  NOTHING_MEASURED,
  type SlotLifter,
  type WholeBatch,
} from './slot-lifter.js';

const MAX_U32 = 0xffff_ffff;

/** Most batches in a row that are measured without another try to lift all records at once. */
const MOST_MEASURED = 64;

export class TwoMemoryLifter implements SlotLifter {
  readonly #lift: LiftExports;
  readonly #shared: WebAssembly.Memory;
  #list = 0;
  /** How many batches are measured after the next one that cannot be lifted whole, and how many of those are left. */
  #pause = 1;
  #pauseLeft = 0;
  /** What the batch before this one took for a byte of input. */
  #costPerByte = 1;
  #times = 0;
  mostColumns = 0;
  source: FrameSource = UNNAMED_SOURCE;

  constructor(pluginMemory: WebAssembly.Memory, sharedMemory: WebAssembly.Memory) {
    this.#shared = sharedMemory;
    this.#lift = instantiateLift(pluginMemory, sharedMemory);
  }

  liftWhole(
    list: number,
    count: number,
    slotOffset: number,
    slotBytes: number,
    mostBytes: number,
    allowed: number,
    offset: number,
    times: number,
  ): WholeBatch | undefined {
    const { source, mostColumns } = this;
    const budget = this.#budget(slotBytes, mostBytes);
    // More than fits the slot is measured: a pass that has to be given up costs as much as one that is not.
    if (allowed * this.#costPerByte > budget) return undefined;
    if (this.#pauseLeft > 0) {
      this.#pauseLeft--;
      return undefined;
    }
    const lift = this.#lift;
    const prefix = prefixBytes(source);
    const { number } = source;
    if (
      lift.placeAlike(
        slotOffset,
        slotBytes,
        prefix,
        number,
        offset,
        list,
        count,
        budget,
        allowed,
        mostColumns,
        times,
      ) === 0
    ) {
      this.#pauseLeft = this.#pause;
      this.#pause = Math.min(this.#pause * 2, MOST_MEASURED);
      return undefined;
    }
    this.#pause = 1;
    const byteLength = lift.placedBytes() >>> 0;
    writePrefix(source, new Uint8Array(this.#shared.buffer, slotOffset, byteLength));
    const cost = lift.alikeBytes() >>> 0;
    const bytes = lift.alikeInput() >>> 0;
    if (bytes > 0) this.#costPerByte = cost / bytes;
    return { cost, frame: { byteLength, entries: count, items: count, bytes, skippedBytes: 0 } };
  }

  measure(
    list: number,
    count: number,
    slotBytes: number,
    mostBytes: number,
    allowed: number,
    times: number,
  ): MeasuredBatch {
    const budget = this.#budget(slotBytes, mostBytes);
    if (budget < ENTRY_BYTES) return NOTHING_MEASURED;
    const lift = this.#lift;
    this.#list = list;
    this.#times = times;
    lift.measure(list, count, budget, allowed, this.mostColumns, times);
    const cost = lift.measuredBytes() >>> 0;
    const consumed = lift.measuredInput() >>> 0;
    if (consumed > 0) this.#costPerByte = cost / consumed;
    return { records: lift.measuredRecords() >>> 0, cost, consumed };
  }

  lift(slotOffset: number, slotBytes: number, offset: number): Lifted {
    const { source } = this;
    const lift = this.#lift;
    const prefix = prefixBytes(source);
    const status = lift.place(
      slotOffset,
      slotBytes,
      prefix,
      source.number,
      offset,
      this.#list,
      this.mostColumns,
      this.#times,
    );
    if (status === WalkStatus.notUtf8) return { kind: 'not-utf8', record: lift.placedRecords() >>> 0 };
    if (status !== WalkStatus.done) throw disagreement();
    const byteLength = lift.placedBytes() >>> 0;
    writePrefix(source, new Uint8Array(this.#shared.buffer, slotOffset, byteLength));
    const frame = {
      byteLength,
      entries: lift.measuredEntries() >>> 0,
      items: lift.measuredItems() >>> 0,
      bytes: lift.measuredInput() >>> 0,
      skippedBytes: lift.measuredSkipped() >>> 0,
    };
    return { kind: 'placed', frame };
  }

  /** Bytes that rows, strings, text and attachments may take. */
  #budget(slotBytes: number, mostBytes: number): number {
    return Math.min(slotBytes - frameOverhead(this.source), mostBytes, MAX_U32);
  }
}
