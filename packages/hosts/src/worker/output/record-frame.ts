/** A gap, a restart or a notice as bytes (docs/batch-format.md, Gaps, restarts and notices). */
import type { StreamRecord } from '@chipmunk-host/batch';
import { encodeHead, encodeValue, joinBytes, type MsgpackValue } from '@chipmunk-host/batch/internal';
import { type FrameSource, prefixBytes } from './frame-source.js';

export function encodeRecord({ type, offset, length, ...fields }: StreamRecord, source: FrameSource): Uint8Array {
  const map = encodeValue(fields as unknown as MsgpackValue);
  const label = encodeValue('fields');
  const head = encodeHead({
    type,
    byteLength: prefixBytes(source) + label.length + map.length,
    prefixBytes: prefixBytes(source),
    source: source.number,
    offset,
    consumedBytes: length,
    entries: 0,
    count: 0,
    skippedBytes: 0,
    ascii: false,
    stringsPerEntry: 0,
  });
  return joinBytes([head, source.prefix, label, map]);
}
