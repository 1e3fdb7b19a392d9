/**
 * Turns what a plugin's `parse` returned into batches (docs/batch-format.md), without bindings in between.
 *
 * After each call of the plugin: `open`, then `next` until there is no more, then the plugin's `cabi_post_...`. Everything in the
 * plugin's memory is checked; what its interface does not allow ends in a PluginContractError, and the items before the one at
 * fault are delivered first, whatever the size of the slots. Batches are made by wasm (lifter-way.ts) or, for single entries
 * that are larger than a slot, by JavaScript (record-reader.ts): byte for byte the same.
 */

import { DEFAULT_OUTPUT_BYTES } from '../../../shared/protocol/session-defaults.js';
import { type Frame, FrameBuilder, type FrameSummary } from '../../../worker/output/frame-builder.js';
import { type FrameSource, UNNAMED_SOURCE } from '../../../worker/output/frame-source.js';
import { contractBreach, PluginMemory } from '../common/plugin-memory.js';
import { readTimes, Time } from './item-times.js';
import { createSlotLifter, type LifterWay } from './lifter-way.js';
import { ParseReturn } from './parse-return-layout.js';
import { RecordReader } from './record-reader.js';
import { type OpenedResult, readResultArea } from './result-area.js';
import type { SlotLifter } from './slot-lifter.js';

export type { OpenedResult };

/** Where batches are placed. */
export interface LifterMemory {
  /** Shared, and owned by the host. */
  readonly memory: WebAssembly.Memory;
}

export interface LifterOptions {
  /** Most bytes of batches that one call of `parse` may become. Default 1 GiB; Infinity: no limit. */
  readonly outputBytes?: number;
  /** Default: the faster one of those that the engine takes. */
  readonly way?: LifterWay;
}

export type LiftedFrame =
  /** The batch lies in the slot. */
  | ({ readonly kind: 'placed' } & FrameSummary)
  /** The batch is larger than the slot. Valid until the lifter or the plugin is called again. */
  | ({ readonly kind: 'segments' } & Frame);

/** A batch is smaller than 4 GiB; one entry cannot be split over two. */
const MAX_ENTRY_BYTES = 0xffff_ffff - 65_536;

/** Data that is copied into the batch at once are not copied before. */
const BORROWED_BYTES = 512;

export class ResultLifter {
  readonly #memory: PluginMemory;
  readonly #slots: SlotLifter;
  readonly #shared: WebAssembly.Memory;
  readonly #reader: RecordReader;
  readonly #builder = new FrameBuilder(BORROWED_BYTES);
  readonly #outputBytes: number;
  #list = 0;
  #count = 0;
  #next = 0;
  #given = 0;
  #consumed = 0;
  #output = 0;
  /** Where the times of all items of the result lie; 0: they have none. */
  #times = 0;

  constructor(pluginMemory: WebAssembly.Memory, arena: LifterMemory, options: LifterOptions = {}) {
    this.#memory = new PluginMemory(pluginMemory);
    this.#slots = createSlotLifter(this.#memory, pluginMemory, arena.memory, options.way);
    this.#shared = arena.memory;
    this.#reader = new RecordReader(this.#memory);
    this.#outputBytes = options.outputBytes ?? DEFAULT_OUTPUT_BYTES;
  }

  /** Bytes of input that the batches handed out so far account for, since `open`. */
  get consumed(): number {
    return this.#consumed;
  }

  /** Into how many columns lines that hold separators are split at most. Default 0: into none. */
  set mostColumns(columns: number) {
    this.#slots.mostColumns = columns;
    this.#reader.mostColumns = columns;
  }

  /** Reads what `parse` returned. `given`: how many bytes of input it was given. */
  open(retptr: number, given: number): OpenedResult {
    this.#count = 0;
    this.#memory.refresh();
    const { list, result } = readResultArea(this.#memory, retptr);
    this.#list = list;
    this.#count = result.kind === 'items' ? result.count : 0;
    this.#times = 0;
    this.#next = 0;
    this.#given = given;
    this.#consumed = 0;
    this.#output = 0;
    return result;
  }

  /** Takes what `get-item-times` returned behind the opened result. @throws PluginContractError, and no item is handed out */
  takeTimes(result: unknown): void {
    this.#memory.refresh();
    try {
      this.#times = readTimes(this.#memory, result, this.#count);
    } catch (error) {
      this.#fail(error);
    }
  }

  /**
   * The next batch of the opened result; undefined when all of it was handed out.
   * @param slotOffset where in the arena's memory the batch may be placed, a multiple of 8
   * @param slotBytes how many bytes it may take there
   * @param offset position in the input of the first byte that no batch accounts for yet
   * @param source the input that it is from. Default: number 0, without a name
   */
  next(
    slotOffset: number,
    slotBytes: number,
    offset: number,
    source: FrameSource = UNNAMED_SOURCE,
  ): LiftedFrame | undefined {
    this.#memory.refresh();
    this.#slots.source = source;
    while (this.#next < this.#count) {
      const frame = this.#lift(slotOffset, slotBytes, offset);
      if (frame !== undefined) return frame;
    }
    return undefined;
  }

  /** Adds the whole of the opened result to a builder that other calls' results go into as well. */
  readInto(builder: FrameBuilder): void {
    this.#memory.refresh();
    const rest = this.#count - this.#next;
    if (rest > 0) this.#read(builder, rest);
    if (this.#next < this.#count) this.#read(builder, 1);
  }

  #lift(slotOffset: number, slotBytes: number, offset: number): LiftedFrame | undefined {
    let limit = this.#count - this.#next;
    const whole = this.#slots.liftWhole(
      this.#at(this.#next),
      limit,
      slotOffset,
      slotBytes,
      this.#outputLeft,
      this.#inputLeft,
      offset,
      this.#timeAt(this.#next),
    );
    if (whole !== undefined) {
      this.#account(limit, whole.frame.bytes, whole.cost);
      return { kind: 'placed', ...whole.frame };
    }
    for (;;) {
      const { records, cost, consumed } = this.#slots.measure(
        this.#at(this.#next),
        limit,
        slotBytes,
        this.#outputLeft,
        this.#inputLeft,
        this.#timeAt(this.#next),
      );
      // A record at fault goes this way, too: reading it names the fault.
      if (records === 0) return this.#readOne(slotOffset, slotBytes, offset);
      const lifted = this.#slots.lift(slotOffset, slotBytes, offset);
      if (lifted.kind === 'not-utf8') {
        // Reading it names which text it is.
        if (lifted.record === 0) return this.#readOne(slotOffset, slotBytes, offset);
        limit = lifted.record;
        continue;
      }
      this.#account(records, consumed, cost);
      return lifted.frame.entries === 0 ? undefined : { kind: 'placed', ...lifted.frame };
    }
  }

  #account(records: number, consumed: number, cost: number): void {
    this.#next += records;
    this.#consumed += consumed;
    this.#output += cost;
  }

  #readOne(slotOffset: number, slotBytes: number, offset: number): LiftedFrame | undefined {
    this.#read(this.#builder, 1);
    if (this.#builder.isEmpty) return undefined;
    const frame = this.#builder.finish(offset, this.#slots.source);
    if (frame.byteLength > slotBytes) return { kind: 'segments', ...frame };
    const slot = new Uint8Array(this.#shared.buffer, slotOffset, frame.byteLength);
    let at = 0;
    for (const segment of frame.segments) {
      slot.set(segment, at);
      at += segment.length;
    }
    const { byteLength, entries, items, bytes, skippedBytes } = frame;
    return { kind: 'placed', byteLength, entries, items, bytes, skippedBytes };
  }

  /** Reads `records` records. At a record at fault it stops, or throws when that is the first one. */
  #read(builder: FrameBuilder, records: number): void {
    const before = builder.mark();
    const from = { next: this.#next, consumed: this.#consumed, output: this.#output };
    this.#readUnchecked(builder, records);
    if (builder.isUtf8Since(before)) return;
    // Some text among them is bad. Read them again, one by one, up to it.
    builder.rollback(before);
    this.#next = from.next;
    this.#consumed = from.consumed;
    this.#output = from.output;
    for (let i = 0; i < records; i++) {
      const mark = builder.mark();
      const record = this.#next;
      const { consumed, output } = { consumed: this.#consumed, output: this.#output };
      this.#readUnchecked(builder, 1);
      if (builder.isUtf8Since(mark)) continue;
      builder.rollback(mark);
      this.#next = record;
      this.#consumed = consumed;
      this.#output = output;
      if (i === 0) this.#fail(this.#reader.invalidText(this.#at(record), record));
      return;
    }
  }

  /** The same, leaving lines and columns unchecked. */
  #readUnchecked(builder: FrameBuilder, records: number): void {
    for (let done = 0; done < records; done++) {
      try {
        this.#readRecord(builder);
      } catch (error) {
        if (done === 0) this.#fail(error);
        return;
      }
    }
  }

  #readRecord(builder: FrameBuilder): void {
    const item = this.#next;
    const record = this.#at(item);
    const time = this.#timeAt(item);
    const cost = this.#reader.check(record, item, this.#inputLeft) + (time === 0 ? 0 : Time.bytes);
    if (cost > this.#outputLeft) {
      throw contractBreach(`item ${item}: with those before it more than ${this.#outputBytes} bytes from one call`);
    }
    if (cost > MAX_ENTRY_BYTES) throw contractBreach(`item ${item}: larger than a batch can be`);
    this.#reader.add(record, builder, time);
    this.#next++;
    this.#consumed += this.#reader.consumed;
    this.#output += cost;
  }

  get #inputLeft(): number {
    return this.#given - this.#consumed;
  }

  get #outputLeft(): number {
    return this.#outputBytes - this.#output;
  }

  #at(item: number): number {
    return this.#list + item * ParseReturn.bytes;
  }

  /** Where the time of an item lies; 0 where there are none. */
  #timeAt(item: number): number {
    return this.#times === 0 ? 0 : this.#times + item * Time.bytes;
  }

  #fail(error: unknown): never {
    this.#count = 0;
    throw error;
  }
}
