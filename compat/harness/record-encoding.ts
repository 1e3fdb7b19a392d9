/** Writes the format that the plugin `records` reads: kind, length of the payload, payload. */

export interface RecordAttachment {
  readonly name: string;
  /** Bytes, as the log says; default those of `data`. */
  readonly size?: bigint;
  readonly created?: string;
  readonly modified?: string;
  readonly messages?: readonly bigint[];
  readonly data: Uint8Array;
}

export const record = {
  line: (text: string) => framed('L', Buffer.from(text)),
  columns: (texts: readonly string[]) => framed('C', columns(texts)),
  attachment: (content: RecordAttachment) => framed('A', attachment(content)),
  lineAndAttachment: (line: string, content: RecordAttachment) =>
    framed('M', Buffer.concat([text(line), attachment(content)])),
  columnsAndAttachment: (texts: readonly string[], content: RecordAttachment) =>
    framed('N', Buffer.concat([columns(texts), attachment(content)])),
  skipped: (bytes: number) => framed('S', Buffer.alloc(bytes)),
  /** A line that tells which timestamp the call came with. */
  timestamp: () => framed('T', Buffer.alloc(0)),
  /** What the parser answers with an error. */
  parseError: (message: string) => framed('P', Buffer.from(message)),
  incomplete: () => framed('I', Buffer.alloc(0)),
  unrecoverable: (message: string) => framed('U', Buffer.from(message)),
  eof: () => framed('E', Buffer.alloc(0)),
};

function framed(kind: string, payload: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.write(kind, 'latin1');
  header.writeUInt32LE(payload.length, 1);
  return Buffer.concat([header, payload]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u16(bytes.length), bytes]);
}

function columns(values: readonly string[]): Buffer {
  return Buffer.concat([u16(values.length), ...values.map(text)]);
}

function attachment({ name, size, created, modified, messages = [], data }: RecordAttachment): Buffer {
  const flags = (created === undefined ? 0 : 1) | (modified === undefined ? 0 : 2);
  return Buffer.concat([
    text(name),
    u64(size ?? BigInt(data.length)),
    Buffer.from([flags]),
    ...[created, modified].filter((date) => date !== undefined).map(text),
    u16(messages.length),
    ...messages.map(u64),
    data,
  ]);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}
