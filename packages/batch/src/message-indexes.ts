/** Changes the indexes of the messages that carried attachments, in the bytes of a batch. */
import { readBatchLayout } from './batch-layout.js';
import { readFullHead } from './element-head.js';
import { MsgpackCursor } from './msgpack-cursor.js';

/** Adds `by` to all of them, in place. An element that is no batch has none. */
export function shiftMessageIndexes(batch: Uint8Array, by: number): void {
  for (const at of messageIndexes(batch)) {
    const view = new DataView(batch.buffer, batch.byteOffset + at, 8);
    view.setBigUint64(0, BigInt.asUintN(64, view.getBigUint64(0) + BigInt(by)));
  }
}

export function hasMessageIndexes(batch: Uint8Array): boolean {
  return !messageIndexes(batch).next().done;
}

/** Where their eight bytes begin. Nothing but batches has any. */
function* messageIndexes(batch: Uint8Array): Generator<number, undefined, undefined> {
  if (readFullHead(batch, 0).type !== 'batch') return undefined;
  const { attachments, attachmentCount } = readBatchLayout(batch);
  const cursor = new MsgpackCursor(batch, attachments);
  for (let a = 0; a < attachmentCount; a++) {
    cursor.toMessages();
    const count = cursor.array32();
    for (let i = 0; i < count; i++) {
      cursor.uint64();
      yield cursor.position - 8;
    }
    cursor.key('data');
    cursor.skip(cursor.bin32());
  }
  return undefined;
}
