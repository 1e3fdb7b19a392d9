/**
 * The attachments of a batch that wasm lifts. It asks here for the size of each while it measures, and leaves room for them in
 * the batch; when all text is in place they are copied there, their data once.
 */
import { appendAttachment } from '../../../worker/output/attachment-encoding.js';
import { SegmentBuffer } from '../../../worker/output/segment-buffer.js';
import type { PluginMemory } from '../common/plugin-memory.js';
import { AttachmentReader } from './attachment-reader.js';

/** Data that is copied into the batch at once are not copied before. */
const BORROWED_BYTES = 512;
const MAX_BYTES = 0x7fff_ffff;

export class AttachmentLifter {
  readonly #reader: AttachmentReader;
  readonly #pieces = new SegmentBuffer(BORROWED_BYTES);
  /** Of each attachment: its record, and its row in the batch. */
  readonly #found: number[] = [];

  constructor(memory: PluginMemory) {
    this.#reader = new AttachmentReader(memory);
  }

  /** Forgets what was measured before. */
  reset(): void {
    this.#found.length = 0;
  }

  /** Notes the attachment of a record, for row `entry`; returns its bytes in the batch, or -1 when it is at fault or huge. */
  measure(record: number, entry: number): number {
    let bytes: number;
    try {
      bytes = this.#reader.check(record, 0);
    } catch {
      // Reading the record by itself names the fault.
      return -1;
    }
    if (bytes > MAX_BYTES) return -1;
    this.#found.push(record, entry);
    return bytes;
  }

  /** Writes the first `count` of those that were measured; returns whether they fill the target. */
  write(count: number, target: Uint8Array): boolean {
    const pieces = this.#pieces;
    for (let i = 0; i < count * 2; i += 2)
      appendAttachment(pieces, this.#found[i + 1] as number, this.#reader.read(this.#found[i] as number));
    const fills = pieces.byteLength === target.length;
    if (fills) pieces.copyTo(target);
    pieces.clear();
    return fills;
  }
}
