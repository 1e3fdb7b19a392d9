/** Batches for tests: made of lines, with what is asked for. */
import { encodeHead, encodePrefix, encodeValue, HEAD_BYTES, joinBytes, NO_TIME } from '@chipmunk-host/batch/internal';

export interface TestBatch {
  readonly lines: readonly string[];
  readonly offset?: number;
  readonly source?: number;
  /** One for each line. */
  readonly times?: readonly (bigint | undefined)[];
}

/** A batch of version 2 in which each line is followed by a line feed in the input. */
export function batchOf({ lines, offset = 0, source = 0, times }: TestBatch): Uint8Array {
  const text = lines.map((line) => new TextEncoder().encode(line));
  const ends = new Uint32Array(lines.length);
  const units = new Uint32Array(lines.length);
  let [end, unit] = [0, 0];
  for (const [at, line] of lines.entries()) {
    ends[at] = end += text[at]?.length ?? 0;
    units[at] = unit += line.length;
  }
  const ascii = end === unit;
  const consumed = Uint32Array.from(text, ({ length }) => length + 1);
  const consumedBytes = end + lines.length;
  const prefix = encodePrefix({ header: {}, sources: [{ number: source, name: 'test' }] });
  const prefixBytes = HEAD_BYTES + prefix.length;
  const parts: Uint8Array[] = [];
  let at = prefixBytes;
  const push = (bytes: Uint8Array) => {
    parts.push(bytes);
    at += bytes.length;
  };
  const table = (name: string, data: Uint8Array) => {
    const padding = (8 - ((at + 1 + name.length + 5) % 8)) % 8;
    push(encodeValue(name + ' '.repeat(padding)));
    const head = new Uint8Array(5);
    head[0] = 0xc6;
    new DataView(head.buffer).setUint32(1, data.length);
    push(head);
    push(data);
  };
  const bytesOf = (numbers: Uint32Array | BigInt64Array) => new Uint8Array(numbers.buffer);
  table('kinds', new Uint8Array(lines.length).fill(1));
  table('consumed', bytesOf(consumed));
  table('string-counts', new Uint8Array());
  table(
    'times',
    times === undefined ? new Uint8Array() : bytesOf(BigInt64Array.from(times, (time) => time ?? NO_TIME)),
  );
  table('text-ends', bytesOf(ends));
  table('unit-ends', ascii ? new Uint8Array() : bytesOf(units));
  push(encodeValue('attachments'));
  push(Uint8Array.of(0xdd, 0, 0, 0, 0));
  table('text', joinBytes(text));
  const head = encodeHead({
    type: 'batch',
    byteLength: at,
    prefixBytes,
    source,
    offset,
    consumedBytes,
    entries: lines.length,
    count: lines.length,
    skippedBytes: 0,
    ascii,
    stringsPerEntry: 1,
  });
  return joinBytes([head, prefix, ...parts]);
}

/** A gap. */
export function gapOf(offset: number, length: number, source = 0): Uint8Array {
  const prefix = encodePrefix({ header: {}, sources: [{ number: source, name: 'test' }] });
  const fields = joinBytes([
    encodeValue('fields'),
    encodeValue({ restarts: 1, error: { name: 'Error', message: 'trap' } }),
  ]);
  const prefixBytes = HEAD_BYTES + prefix.length;
  const counts = { entries: 0, count: 0, skippedBytes: 0, stringsPerEntry: 0, ascii: false };
  const byteLength = prefixBytes + fields.length;
  return joinBytes([
    encodeHead({ type: 'gap', byteLength, prefixBytes, source, offset, consumedBytes: length, ...counts }),
    prefix,
    fields,
  ]);
}

/** Batches of lines `line N`, one behind the other, `sizes` of them in each. */
export function numberedBatches(sizes: readonly number[], withTimes = false): Uint8Array[] {
  let [line, offset] = [0, 0];
  return sizes.map((size) => {
    const lines = Array.from({ length: size }, (_, at) => `line ${line + at} ${'x'.repeat((line + at) % 50)}`);
    const times = withTimes ? lines.map((_, at) => BigInt(line + at) * 1000n) : undefined;
    const bytes = batchOf({ lines, offset, ...(times === undefined ? {} : { times }) });
    line += size;
    offset += lines.reduce((sum, { length }) => sum + length + 1, 0);
    return bytes;
  });
}
