/** Gaps and restarts as they come in a stream, between its batches. Each has a copy of its bytes, and so stays valid. Notices: source-notice.ts. */
import { formatError } from './batch-error.js';
import { readFullHead } from './element-head.js';
import { INSPECT, type Inspect, inspected } from './inspect-symbol.js';
import { decodeValues, isMap, type MsgpackMap, type MsgpackValue } from './msgpack-value.js';
import type { GapRecord, RecordedError, RestartRecord, SourceNoticeRecord } from './record-fields.js';
import { SourceNotice } from './source-notice.js';
import { StoredElement } from './stream-element.js';
import { decodeVersion1Record, isVersion1Record } from './version-1-record.js';

/** Where the bytes of one are, and whose it is. */
interface Stored {
  readonly bytes: Uint8Array;
  readonly source: number;
  /** Undefined for version 1. */
  readonly prefixBytes: number | undefined;
}

/** Input that was given up because the plugin failed on it. It stays valid when the next element is asked for. */
export class Gap extends StoredElement implements GapRecord {
  readonly type = 'gap';
  readonly offset: number;
  readonly length: number;
  readonly restarts: number;
  readonly error: RecordedError;
  readonly bytes: Uint8Array;

  /** For `readElement`. */
  constructor({ bytes, source, prefixBytes }: Stored, { offset, length, restarts, error }: GapRecord) {
    super(source, prefixBytes);
    this.bytes = bytes;
    this.offset = offset;
    this.length = length;
    this.restarts = restarts;
    this.error = error;
  }

  /** Bytes of input that it accounts for: its length. */
  get consumedBytes(): number {
    return this.length;
  }

  /** Itself: it needs no copy to stay valid. */
  retain(): this {
    return this;
  }

  /** What `JSON.stringify` makes of it: its fields. */
  toJSON(): GapRecord {
    const { type, offset, length, restarts, error } = this;
    return { type, offset, length, restarts, error };
  }

  /** @internal What `console.log` shows. */
  [INSPECT](depth: number, options: object, inspect: Inspect): string {
    const { type, ...fields } = this.toJSON();
    return inspected('Gap', fields, depth, options, inspect);
  }
}

/** A fresh instance took over. It stays valid when the next element is asked for. */
export class Restart extends StoredElement implements RestartRecord {
  readonly type = 'restart';
  readonly side: RestartRecord['side'];
  readonly reason: RestartRecord['reason'];
  readonly offset: number;
  readonly length = 0;
  readonly restarts: number;
  readonly sourceOffset: number | undefined;
  readonly error: RecordedError | undefined;
  readonly bytes: Uint8Array;

  /** For `readElement`. */
  constructor({ bytes, source, prefixBytes }: Stored, fields: RestartRecord) {
    super(source, prefixBytes);
    this.bytes = bytes;
    this.side = fields.side;
    this.reason = fields.reason;
    this.offset = fields.offset;
    this.restarts = fields.restarts;
    this.sourceOffset = fields.sourceOffset;
    this.error = fields.error;
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
  toJSON(): RestartRecord {
    const { type, side, reason, offset, length, restarts, sourceOffset, error } = this;
    return {
      type,
      side,
      reason,
      offset,
      length,
      restarts,
      ...(sourceOffset === undefined ? {} : { sourceOffset }),
      ...(error === undefined ? {} : { error }),
    };
  }

  /** @internal What `console.log` shows. */
  [INSPECT](depth: number, options: object, inspect: Inspect): string {
    const { type, ...fields } = this.toJSON();
    return inspected('Restart', fields, depth, options, inspect);
  }
}

/** Reads the gap, restart or notice that is all of `bytes`. @throws BatchError `ERR_BATCH_FORMAT` */
export function readRecord(bytes: Uint8Array): Gap | Restart | SourceNotice {
  if (isVersion1Record(bytes, 0)) {
    const stored = { bytes: new Uint8Array(bytes), source: 0, prefixBytes: undefined };
    return recordOf(stored, decodeVersion1Record(bytes));
  }
  const { type, offset, consumedBytes: length, source, prefixBytes, byteLength } = readFullHead(bytes);
  if (byteLength !== bytes.length) throw formatError(`it has ${bytes.length} bytes instead of ${byteLength}`);
  const [, fields, ...rest] = decodeValues(bytes.subarray(prefixBytes));
  if (!isMap(fields) || rest.length > 0) throw formatError(`the fields of a ${type} are damaged`);
  return recordOf({ bytes: new Uint8Array(bytes), source, prefixBytes }, { ...fields, type, offset, length });
}

function recordOf(stored: Stored, fields: MsgpackValue): Gap | Restart | SourceNotice {
  if (!isMap(fields) || !isCount(fields.offset) || !isCount(fields.length))
    throw formatError('a gap or restart lacks its place');
  if (isNotice(fields)) return new SourceNotice(stored, fields);
  if (fields.type !== 'source' && !isCount(fields.restarts)) throw formatError('a gap or restart lacks its place');
  if (isGap(fields)) return new Gap(stored, fields);
  if (isRestart(fields)) return new Restart(stored, fields);
  throw formatError('it is neither a gap nor a restart, and no notice');
}

function isGap(fields: MsgpackMap): fields is MsgpackMap & GapRecord {
  return fields.type === 'gap' && isMap(fields.error);
}

function isNotice(fields: MsgpackMap): fields is MsgpackMap & SourceNoticeRecord {
  const { type, event, message, length, sourceOffset, count, byteCount, peer, details } = fields;
  return (
    type === 'source' &&
    typeof event === 'string' &&
    typeof message === 'string' &&
    length === 0 &&
    isCount(sourceOffset) &&
    (count === undefined || isCount(count)) &&
    (byteCount === undefined || isCount(byteCount)) &&
    (peer === undefined || typeof peer === 'string') &&
    (details === undefined || isMap(details))
  );
}

function isRestart(fields: MsgpackMap): fields is MsgpackMap & RestartRecord {
  const { type, side, reason, length, sourceOffset, error } = fields;
  return (
    type === 'restart' &&
    (side === 'parser' || side === 'source') &&
    (reason === 'failed' || reason === 'recycled') &&
    length === 0 &&
    (sourceOffset === undefined || isCount(sourceOffset)) &&
    (error === undefined || isMap(error))
  );
}

function isCount(value: MsgpackValue): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
