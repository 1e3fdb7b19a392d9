/** A notice of a built-in source, as it comes in a stream between its batches. It has a copy of its bytes, and so stays valid. */
import { INSPECT, type Inspect, inspected } from './inspect-symbol.js';
import type { SourceNoticeRecord } from './record-fields.js';
import { StoredElement } from './stream-element.js';

/** Something that happened to the source: its `event` in one word, its `message` in a sentence. It stays valid when the next element is asked for. */
export class SourceNotice extends StoredElement implements SourceNoticeRecord {
  readonly type = 'source';
  readonly event: string;
  readonly message: string;
  readonly offset: number;
  readonly length = 0;
  readonly sourceOffset: number;
  readonly count: number | undefined;
  readonly byteCount: number | undefined;
  readonly peer: string | undefined;
  readonly details: SourceNoticeRecord['details'];
  readonly error: undefined;
  readonly bytes: Uint8Array;

  /** For `readElement`. */
  constructor(
    { bytes, source, prefixBytes }: { bytes: Uint8Array; source: number; prefixBytes: number | undefined },
    { event, message, offset, sourceOffset, count, byteCount, peer, details }: SourceNoticeRecord,
  ) {
    super(source, prefixBytes);
    this.bytes = bytes;
    this.event = event;
    this.message = message;
    this.offset = offset;
    this.sourceOffset = sourceOffset;
    this.count = count;
    this.byteCount = byteCount;
    this.peer = peer;
    this.details = details;
  }

  /** Bytes of input that it accounts for: 0. */
  get consumedBytes(): number {
    return this.length;
  }

  /** Itself: it needs no copy to stay valid. */
  retain(): this {
    return this;
  }

  /** What `JSON.stringify` makes of it: its fields, without those that it has not. */
  toJSON(): SourceNoticeRecord {
    const { type, event, message, offset, length, sourceOffset, count, byteCount, peer, details } = this;
    return {
      type,
      event,
      message,
      offset,
      length,
      sourceOffset,
      ...(count === undefined ? {} : { count }),
      ...(byteCount === undefined ? {} : { byteCount }),
      ...(peer === undefined ? {} : { peer }),
      ...(details === undefined ? {} : { details }),
    };
  }

  /** @internal What `console.log` shows. */
  [INSPECT](depth: number, options: object, inspect: Inspect): string {
    const { type, ...fields } = this.toJSON();
    return inspected('SourceNotice', fields, depth, options, inspect);
  }
}
