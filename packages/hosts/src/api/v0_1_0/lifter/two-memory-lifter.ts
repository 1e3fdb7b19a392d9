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
import { disagreement, type Lifted, type MeasuredBatch, NOTHING_MEASURED, type SlotLifter } from './slot-lifter.js';

const MAX_U32 = 0xffff_ffff;

export class TwoMemoryLifter implements SlotLifter {
  readonly #lift: LiftExports;
  readonly #shared: WebAssembly.Memory;
  #list = 0;
  mostColumns = 0;
  source: FrameSource = UNNAMED_SOURCE;

  constructor(pluginMemory: WebAssembly.Memory, sharedMemory: WebAssembly.Memory) {
    this.#shared = sharedMemory;
    this.#lift = instantiateLift(pluginMemory, sharedMemory);
  }

  measure(list: number, count: number, slotBytes: number, mostBytes: number, allowed: number): MeasuredBatch {
    const budget = Math.min(slotBytes - frameOverhead(this.source), mostBytes, MAX_U32);
    if (budget < ENTRY_BYTES) return NOTHING_MEASURED;
    const lift = this.#lift;
    this.#list = list;
    lift.measure(list, count, budget, allowed, this.mostColumns);
    return {
      records: lift.measuredRecords() >>> 0,
      cost: lift.measuredBytes() >>> 0,
      consumed: lift.measuredInput() >>> 0,
    };
  }

  lift(slotOffset: number, slotBytes: number, offset: number): Lifted {
    const { source } = this;
    const lift = this.#lift;
    const prefix = prefixBytes(source);
    const status = lift.place(slotOffset, slotBytes, prefix, source.number, offset, this.#list, this.mostColumns);
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
}
