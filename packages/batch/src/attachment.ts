/** A file that was found in a log. */
import { base64 } from './base64.js';
import { INSPECT, type Inspect, inspected } from './inspect-symbol.js';
import type { MsgpackCursor } from './msgpack-cursor.js';
import { decodeText } from './text-decoder.js';

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
  /** What `JSON.stringify` makes of it: sizes and indexes as numbers, the content in base64. */
  toJSON(): AttachmentJson;
}

/** An attachment as JSON can keep it. */
export interface AttachmentJson {
  readonly name: string;
  /** A text where a number of JavaScript could not hold it. */
  readonly size: number | string;
  readonly created: string | null;
  readonly modified: string | null;
  readonly messages: readonly (number | string)[];
  /** The content in base64. */
  readonly data: string;
}

class ReadAttachment implements Attachment {
  readonly name: string;
  readonly size: bigint;
  readonly created: string | undefined;
  readonly modified: string | undefined;
  readonly messages: BigUint64Array;
  readonly data: Uint8Array;

  constructor({ name, size, created, modified, messages, data }: Omit<Attachment, 'toJSON'>) {
    this.name = name;
    this.size = size;
    this.created = created;
    this.modified = modified;
    this.messages = messages;
    this.data = data;
  }

  toJSON(): AttachmentJson {
    const { name, size, created = null, modified = null, messages, data } = this;
    return { name, size: plain(size), created, modified, messages: Array.from(messages, plain), data: base64(data) };
  }

  [INSPECT](depth: number, options: object, inspect: Inspect): string {
    return inspected('Attachment', { ...this }, depth, options, inspect);
  }
}

function plain(value: bigint): number | string {
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value);
}

/** Reads the attachment that begins where the cursor stands. */
export function readAttachment(cursor: MsgpackCursor): Attachment {
  cursor.attachmentMap();
  cursor.key('entry');
  cursor.uint32();
  cursor.key('name');
  const name = decodeText(cursor.str32());
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
  return new ReadAttachment({ name, size, created, modified, messages, data });
}

function decodeOptional(text: Uint8Array | undefined): string | undefined {
  return text === undefined ? undefined : decodeText(text);
}
