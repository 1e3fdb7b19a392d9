/**
 * The fast way: the wasm module `read` measures a batch in the plugin's memory, and hands its text to the module `write`, which
 * puts it into a slot of the ring. Nothing is copied in between. Attachments are put there by the host (attachment-lifter.ts).
 */
import { HostError } from '@chipmunk-host/runtime/internal/shared';
import { ENTRY_BYTES, type FrameSummary, STRING_BYTES } from '../../../worker/output/frame-builder.js';
import {
  type FrameSource,
  frameOverhead,
  prefixBytes,
  UNNAMED_SOURCE,
  writePrefix,
} from '../../../worker/output/frame-source.js';
import type { PluginMemory } from '../common/plugin-memory.js';
import { AttachmentLifter } from './attachment-lifter.js';
import { instantiateLifter, type ReadExports, WalkStatus, type WriteExports } from './lifter-modules.js';

const MAX_U32 = 0xffff_ffff;

export interface MeasuredBatch {
  readonly records: number;
  /** Bytes of rows, strings, text and attachments. */
  readonly cost: number;
  readonly consumed: number;
}

export type Lifted =
  | { readonly kind: 'placed'; readonly frame: FrameSummary }
  /** The text of this record is not UTF-8. */
  | { readonly kind: 'not-utf8'; readonly record: number };

export class SlotLifter {
  readonly #read: ReadExports;
  readonly #write: WriteExports;
  readonly #attachments: AttachmentLifter;
  readonly #shared: WebAssembly.Memory;
  /** Where the first record measured lies, and how many there are. */
  #list = 0;
  #records = 0;
  /** Whether the batch before this one was all ASCII: the next one most likely is, too. */
  #ascii = true;
  /** Into how many columns a line that holds separators is split at most; 0: into none. */
  mostColumns = 0;
  /** The input that the batches are from. */
  source: FrameSource = UNNAMED_SOURCE;

  /** @param checked the same memory as `pluginMemory`, kept up to date by the caller */
  constructor(pluginMemory: WebAssembly.Memory, checked: PluginMemory, sharedMemory: WebAssembly.Memory) {
    this.#shared = sharedMemory;
    const attachments = new AttachmentLifter(checked);
    this.#attachments = attachments;
    const { read, write } = instantiateLifter(pluginMemory, sharedMemory, (record, entry) =>
      attachments.measure(record >>> 0, entry >>> 0),
    );
    this.#read = read;
    this.#write = write;
  }

  /**
   * Takes as many of the `count` records at `list` as make a batch for the slot, none when the first one is larger than the slot,
   * or breaks the contract.
   * @param mostBytes what rows, strings, text and attachments may take in any case
   * @param allowed how many bytes the records may have consumed
   */
  measure(list: number, count: number, slotBytes: number, mostBytes: number, allowed: number): MeasuredBatch {
    const budget = Math.min(slotBytes - frameOverhead(this.source), mostBytes, MAX_U32);
    this.#list = list;
    this.#records = 0;
    if (budget < ENTRY_BYTES) return { records: 0, cost: 0, consumed: 0 };
    const read = this.#read;
    this.#attachments.reset();
    read.measure(list, count, budget, allowed, this.mostColumns);
    this.#records = u32(read.taken);
    const tables = u32(read.entries) * ENTRY_BYTES + u32(read.strings) * STRING_BYTES;
    const cost = tables + u32(read.textBytes) + u32(read.attachmentBytes);
    return { records: this.#records, cost, consumed: u32(read.consumed) };
  }

  /** Lifts what was measured last into the slot. */
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
    if (byteLength === 0 || !this.#writeAttachments()) throw disagreement();
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
    );
    if (fits === 0) throw disagreement();
    return read.walk(this.#list, this.#records, this.mostColumns);
  }

  #writeAttachments(): boolean {
    const count = u32(this.#read.attachments);
    if (count === 0) return true;
    const start = u32(this.#write.attachmentsStart);
    return this.#attachments.write(count, new Uint8Array(this.#shared.buffer, start, u32(this.#read.attachmentBytes)));
  }
}

function u32(global: WebAssembly.Global): number {
  return (global.value as number) >>> 0;
}

function disagreement(): HostError {
  return new HostError('ERR_INTERNAL', 'The second pass of the lifter found other items than the first.');
}
