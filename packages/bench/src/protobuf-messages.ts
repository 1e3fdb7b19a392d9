/** Messages of Protocol Buffers to measure with: about 120 bytes each, with their lengths in front, the same in every run. */
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor.js';

const SOURCE = `
  syntax = "proto3";
  package log;
  enum Level { DEBUG = 0; INFO = 1; WARN = 2; ERROR = 3; }
  message Request { uint64 id = 1; string path = 2; uint32 status = 3; }
  message Entry {
    fixed64 time = 1;
    Level level = 2;
    string component = 3;
    string message = 4;
    int32 line = 5;
    Request request = 6;
    repeated sint32 samples = 7;
    bool isLast = 8;
    double ms = 9;
  }
`;

const MESSAGES = [
  'request completed',
  'the connection was returned to the pool',
  'token refreshed for user',
  'value out of range, using last known',
];
const COMPONENTS = ['http.server', 'db.pool', 'auth', 'cache'];

export interface LengthDelimited {
  readonly bytes: Buffer;
  /** Its descriptor set. */
  readonly set: Buffer;
  readonly type: protobuf.Type;
  /** Reads the length at a place. */
  readonly lengthAt: (at: number) => { readonly length: number; readonly start: number };
}

/** At least `bytes` bytes of whole messages. */
export function protobufMessages(bytes: number): LengthDelimited {
  const { root } = protobuf.parse(SOURCE, { keepCase: true });
  const type = root.resolveAll().lookupType('log.Entry');
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let i = 0; length < bytes; i++) {
    const part = type.encodeDelimited(type.fromObject(entry(i))).finish();
    parts.push(part);
    length += part.length;
  }
  const { FileDescriptorSet } = descriptor as unknown as { FileDescriptorSet: protobuf.Type };
  const { toDescriptor } = root as unknown as { toDescriptor(syntax: string): protobuf.Message };
  const set = Buffer.from(FileDescriptorSet.encode(toDescriptor.call(root, 'proto3')).finish());
  const content = Buffer.concat(parts);
  return { bytes: content, set, type, lengthAt: (at) => lengthIn(content, at) };
}

function lengthIn(bytes: Buffer, at: number): { length: number; start: number } {
  let length = 0;
  let start = at;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[start++] ?? 0;
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { length, start };
  }
}

function entry(i: number): object {
  const pick = (values: readonly string[], step: number) => values[(i * step) % values.length] as string;
  return {
    time: String(1_760_000_000_000_000_000n + BigInt(i) * 7_000_000n),
    level: (i * 5) % 4,
    component: pick(COMPONENTS, 7),
    message: pick(MESSAGES, 11),
    line: i % 2000,
    request: { id: String(i * 2_654_435_761), path: `/api/v2/items/${i % 1000}`, status: i % 17 === 0 ? 404 : 200 },
    samples: [i % 100, -(i % 50), 7],
    isLast: i % 2 === 0,
    ms: (i % 400) / 4,
  };
}
