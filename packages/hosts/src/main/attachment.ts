/** A file that was found in a log. */
import type { MsgpackCursor } from './msgpack-cursor.js';

export interface Attachment {
  /** File name as the log gives it: not safe to use as a path. */
  readonly name: string;
  /** Size in bytes as the log gives it, which need not be that of `data`. */
  readonly size: bigint;
  /** Dates as the log gives them. */
  readonly created: string | undefined;
  readonly modified: string | undefined;
  /** Indexes of the messages that carried it. */
  readonly messages: BigUint64Array;
  /** The content, a copy of its own. */
  readonly data: Uint8Array;
}

/** Reads the attachment that begins where the cursor stands. */
export function readAttachment(cursor: MsgpackCursor): Attachment {
  cursor.attachmentMap();
  cursor.key('entry');
  cursor.uint32();
  cursor.key('name');
  const name = decode(cursor.str32());
  cursor.key('size');
  const size = cursor.uint64();
  cursor.key('created');
  const created = decodeOptional(cursor.str32OrNil());
  cursor.key('modified');
  const modified = decodeOptional(cursor.str32OrNil());
  cursor.key('messages');
  const count = cursor.array32();
  cursor.need(count * 9);
  const messages = new BigUint64Array(count);
  for (let i = 0; i < count; i++) messages[i] = cursor.uint64();
  cursor.key('data');
  const data = Uint8Array.from(cursor.bytes(cursor.bin32()));
  return { name, size, created, modified, messages, data };
}

function decode(text: Uint8Array): string {
  return Buffer.from(text.buffer, text.byteOffset, text.length).toString('utf8');
}

function decodeOptional(text: Uint8Array | undefined): string | undefined {
  return text === undefined ? undefined : decode(text);
}
