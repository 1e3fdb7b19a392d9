/**
 * The fast way where the engine knows one memory alone: the wasm module `read` measures a batch in the plugin's memory, and hands its
 * text to the module `write`, which puts it into a slot of the ring. Nothing is copied in between. Attachments are put there by
 * JavaScript (attachment-lifter.ts).
 */

import { u32 } from '../../../shared/wasm-global.js';
import { ENTRY_BYTES } from '../../../worker/output/frame-builder.js';
import {
  type FrameSource,
  frameOverhead,
  prefixBytes,
  UNNAMED_SOURCE,
  writePrefix,
} from '../../../worker/output/frame-source.js';
import type { PluginMemory } from '../common/plugin-memory.js';
import { AttachmentLifter, type WrittenAttachments } from './attachment-lifter.js';
import { instantiateReadAndWrite, type ReadExports, WalkStatus, type WriteExports } from './lifter-modules.js';
import { disagreement, type Lifted, type MeasuredBatch, NOTHING_MEASURED, type SlotLifter } from './slot-lifter.js';

const MAX_U32 = 0xffff_ffff;

export class TwoModuleLifter implements SlotLifter {
  readonly #read: ReadExports;
  readonly #write: WriteExports;
  readonly #attachments: AttachmentLifter;
  readonly #shared: WebAssembly.Memory;
  /** Where the first record measured lies, and how many there are. */
  #list = 0;
  #times = 0;
  #records = 0;
  /** Whether the batch before this one was all ASCII: the next one most likely is, too. */
  #ascii = true;
  mostColumns = 0;
  source: FrameSource = UNNAMED_SOURCE;

  /** @param checked the same memory as `pluginMemory`, kept up to date by the caller */
  constructor(pluginMemory: WebAssembly.Memory, checked: PluginMemory, sharedMemory: WebAssembly.Memory) {
    this.#shared = sharedMemory;
    this.#attachments = new AttachmentLifter(checked);
    const { read, write } = instantiateReadAndWrite(pluginMemory, sharedMemory);
    this.#read = read;
    this.#write = write;
  }

  liftWhole(): undefined {
    return undefined;
  }

  measure(
    list: number,
    count: number,
    slotBytes: number,
    mostBytes: number,
    allowed: number,
    times: number,
  ): MeasuredBatch {
    const budget = Math.min(slotBytes - frameOverhead(this.source), mostBytes, MAX_U32);
    if (budget < ENTRY_BYTES) return NOTHING_MEASURED;
    const read = this.#read;
    read.measure(list, count, budget, allowed, this.mostColumns, times);
    this.#list = list;
    this.#times = times;
    this.#records = u32(read.taken);
    return { records: this.#records, cost: u32(read.cost), consumed: u32(read.consumed) };
  }

  lift(slotOffset: number, slotBytes: number, offset: number): Lifted {
    let status = this.#attempt(slotOffset, slotBytes, offset);
    const isOtherThanBefore = this.#ascii
      ? status === WalkStatus.notAscii
      : status === WalkStatus.done && u32(this.#write.unitsSoFar) === u32(this.#read.textBytes);
    if (isOtherThanBefore) {
      this.#ascii = !this.#ascii;
      status = this.#attempt(slotOffset, slotBytes, offset);
    }
    if (status === WalkStatus.notUtf8) return { kind: 'not-utf8', record: u32(this.#read.walked) };
    const byteLength = status === WalkStatus.done ? this.#write.end() >>> 0 : 0;
    if (byteLength === 0) throw disagreement();
    const attachments = this.#writeAttachments();
    if (attachments.kind === 'other-size') throw disagreement();
    if (attachments.kind === 'not-utf8') return attachments;
    writePrefix(this.source, new Uint8Array(this.#shared.buffer, slotOffset, byteLength));
    const { entries, items, consumed, skippedBytes } = this.#read;
    const frame = {
      byteLength,
      entries: u32(entries),
      items: u32(items),
      bytes: u32(consumed),
      skippedBytes: u32(skippedBytes),
    };
    return { kind: 'placed', frame };
  }

  #attempt(slotOffset: number, slotBytes: number, offset: number): number {
    const read = this.#read;
    const fits = this.#write.begin(
      slotOffset,
      slotBytes,
      prefixBytes(this.source),
      this.source.number,
      this.#ascii ? 1 : 0,
      u32(read.entries),
      u32(read.items),
      u32(read.strings),
      u32(read.textBytes),
      u32(read.attachments),
      u32(read.attachmentBytes),
      offset,
      u32(read.consumed),
      u32(read.skippedBytes),
      u32(read.stringsPerEntry),
      u32(read.varying),
      u32(read.timed),
    );
    if (fits === 0) throw disagreement();
    return read.walk(this.#list, this.#records, this.mostColumns, u32(read.timed) === 0 ? 0 : this.#times);
  }

  #writeAttachments(): WrittenAttachments {
    if (u32(this.#read.attachments) === 0) return { kind: 'written' };
    const start = u32(this.#write.attachmentsStart);
    const target = new Uint8Array(this.#shared.buffer, start, u32(this.#read.attachmentBytes));
    return this.#attachments.write(this.#list, this.#records, target);
  }
}
