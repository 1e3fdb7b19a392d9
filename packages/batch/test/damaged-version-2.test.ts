/** Batches, gaps and restarts of version 2 with one thing wrong in their head, their header or their end: each is refused by name. */
import { Batch, BatchError, HEAD_BYTES, readElement, readHead } from '@chipmunk-host/batch';
import { encode } from '@msgpack/msgpack';
import { describe, expect, test } from 'vitest';
import { batchVectors, recordVectors } from './vectors.js';

function vector(name: string): Uint8Array {
  const found = [...batchVectors, ...recordVectors].find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`there is no vector ${name}`);
  return Uint8Array.from(found.bytes);
}

/** A copy with some bytes changed. */
function patched(bytes: Uint8Array, change: (view: DataView) => void): Uint8Array {
  const copy = Uint8Array.from(bytes);
  change(new DataView(copy.buffer));
  return copy;
}

/** Another prefix in front of the same tables: labels, header and sources as any encoder writes them. */
function withPrefix(bytes: Uint8Array, header: unknown, sources: unknown, ...more: unknown[]): Uint8Array {
  const parts = [header, 'sources', sources, ...more].map((value) => encode(value));
  const plain = HEAD_BYTES + 7 + parts.reduce((sum, { length }) => sum + length, 0);
  const label = encode(`header${' '.repeat((8 - (plain % 8)) % 8)}`);
  const prefix = Buffer.concat([bytes.subarray(0, HEAD_BYTES), label, ...parts]);
  const { prefixBytes } = readHead(bytes);
  const whole = Uint8Array.from(Buffer.concat([prefix, bytes.subarray(prefixBytes)]));
  return patched(whole, (view) => {
    view.setUint32(9, whole.length);
    view.setUint32(14, prefix.length);
  });
}

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (!(error instanceof BatchError)) throw error;
    expect(error.code).toBe('ERR_BATCH_FORMAT');
    return error.message;
  }
  throw new Error('it was not refused');
}

const LINES = vector('v2/lines');
const GAP = vector('v2/gap');

describe('a head', () => {
  test.each<[string, Uint8Array, string]>([
    ['of version 1', vector('v1/lines'), 'version 1 does not tell its length in its head'],
    ['of a version to come', patched(LINES, (view) => view.setUint8(3, 3)), 'version 3 is not known'],
    ['that is cut off', LINES.subarray(0, HEAD_BYTES - 1), 'it is cut off'],
    ['with a type that is not known', patched(LINES, (view) => view.setUint8(4, 4)), 'type 4 is not known'],
    [
      'with other elements than a batch has',
      patched(LINES, (view) => view.setUint16(1, 31)),
      'it is not an array of 32',
    ],
    ['with other elements than a gap has', patched(GAP, (view) => view.setUint16(1, 32)), 'it is not an array of 18'],
    ['with a flag that is not known', patched(LINES, (view) => view.setUint16(6, 4)), 'flags 4 are not known'],
    [
      'of a batch that items were left out of, without their number',
      patched(LINES, (view) => view.setUint16(6, 2)),
      'it is not an array of 36',
    ],
    ['of a gap that items were left out of', patched(GAP, (view) => view.setUint16(6, 2)), 'flags 2 are not known'],
    [
      'with a number of another type',
      patched(LINES, (view) => view.setUint8(41, 0xd2)),
      'type byte 210 where 206 is due',
    ],
    [
      'with less before its tables than itself',
      patched(LINES, (view) => view.setUint32(14, 64)),
      '64 bytes before its tables',
    ],
    ['with more before its tables than may be', patched(LINES, longPrefix), '65544 bytes before its tables'],
    [
      'with tables that are not aligned',
      patched(LINES, (view) => view.setUint32(14, 89)),
      '89 bytes before its tables',
    ],
    [
      'with more before its tables than all of it',
      patched(LINES, (view) => view.setUint32(9, 80)),
      'bytes before its tables',
    ],
    [
      'with a position beyond 2^53',
      patched(LINES, (view) => view.setBigUint64(24, 2n ** 53n)),
      'bytes cannot be counted',
    ],
    ['with more items than entries', patched(LINES, (view) => view.setUint32(42, 0)), 'its counts disagree'],
    [
      'with more skipped bytes than bytes',
      patched(LINES, (view) => view.setBigUint64(52, 2n ** 40n)),
      'its counts disagree',
    ],
  ])('%s is refused', (_, bytes, message) => {
    expect(refusal(() => readHead(bytes))).toContain(message);
  });

  function longPrefix(view: DataView): void {
    view.setUint32(9, 100_000);
    view.setUint32(14, 65_544);
  }
});

describe('a header', () => {
  const source = { number: 0, name: 'a.log' };

  test('and sources that any encoder wrote are read', () => {
    expect(readElement(withPrefix(LINES, { job: 'x' }, [source]))).toMatchObject({
      header: { job: 'x' },
      sources: [source],
      sourceName: 'a.log',
    });
  });

  test.each<[string, Uint8Array, string]>([
    ['is a list', withPrefix(LINES, [], []), 'its header is not a map of plain values'],
    ['has a list in it', withPrefix(LINES, { list: [] }, []), 'its header is not a map of plain values'],
    ['has no list of sources', withPrefix(LINES, {}, {}), 'its table of sources is damaged'],
    ['has a source without a number', withPrefix(LINES, {}, [{ name: 'x' }]), 'its table of sources is damaged'],
    [
      'has a source of a number below 0',
      withPrefix(LINES, {}, [{ ...source, number: -1 }]),
      'its table of sources is damaged',
    ],
    [
      'has a source of a number beyond 32 bits',
      withPrefix(LINES, {}, [{ ...source, number: 2 ** 32 }]),
      'its table of sources',
    ],
    ['has a source without a name', withPrefix(LINES, {}, [{ number: 0 }]), 'its table of sources is damaged'],
    ['has something behind its sources', withPrefix(LINES, {}, [], 1), 'its table of sources is damaged'],
  ])('that %s is refused when it is asked for', (_, bytes, message) => {
    const element = readElement(bytes);
    expect(refusal(() => element.header)).toContain(message);
    expect(refusal(() => element.sources)).toContain(message);
  });
});

describe('all of it', () => {
  const lengthened = (bytes: Uint8Array, tail: Uint8Array) => {
    const longer = Uint8Array.from(Buffer.concat([bytes, tail]));
    return patched(longer, (view) => view.setUint32(9, longer.length));
  };
  /** Its fields, behind the prefix, as any encoder writes them. */
  const gapOf = (fields: unknown, offset = 0n) => {
    const { prefixBytes } = readHead(GAP);
    const whole = Buffer.concat([GAP.subarray(0, prefixBytes), encode('fields'), encode(fields)]);
    return patched(Uint8Array.from(whole), (view) => {
      view.setUint32(9, whole.length);
      view.setBigUint64(24, offset);
    });
  };
  const noticeOf = (fields: unknown) => {
    const notice = vector('v2/notice');
    const { prefixBytes } = readHead(notice);
    const whole = Buffer.concat([notice.subarray(0, prefixBytes), encode('fields'), encode(fields)]);
    return patched(Uint8Array.from(whole), (view) => view.setUint32(9, whole.length));
  };
  const error = { name: 'Error', message: 'm', code: 'ERR_PLUGIN_TRAP' };

  test('a gap that any encoder wrote is read', () => {
    expect(readElement(gapOf({ restarts: 2, error }, 7n))).toMatchObject({
      type: 'gap',
      offset: 7,
      restarts: 2,
      error,
    });
  });

  /** A batch with times that lacks the last of them, and is otherwise as it should be. */
  const withoutLastTime = () => {
    const times = Buffer.from(vector('v2/times'));
    // Behind the label, which is padded, stand the type of the table and its length.
    const table = times.indexOf(0xc6, times.indexOf('times'));
    const [start, length] = [table + 5, times.readUInt32BE(table + 1)];
    const whole = Buffer.concat([times.subarray(0, start + length - 8), times.subarray(start + length)]);
    return patched(Uint8Array.from(whole), (view) => {
      view.setUint32(9, whole.length);
      view.setUint32(table + 1, length - 8);
    });
  };

  test.each<[string, () => unknown, string]>([
    ['a batch with fewer times than entries', () => Batch.from(withoutLastTime()), 'or none'],
    ['a gap that is read as a batch', () => Batch.from(GAP), 'it is a gap'],
    [
      'a batch with bytes behind its text',
      () => Batch.from(lengthened(LINES, Uint8Array.of(0xc0))),
      'it does not end behind',
    ],
    ['a batch that has fewer bytes than it says', () => Batch.from(LINES.subarray(0, -1)), 'it is cut off'],
    [
      'a gap with bytes behind it',
      () => readElement(Buffer.concat([GAP, Uint8Array.of(0xc0)])),
      `bytes instead of ${GAP.length}`,
    ],
    [
      'a gap with a value behind its fields',
      () => readElement(lengthened(GAP, Uint8Array.of(0xc0))),
      'the fields of a gap are damaged',
    ],
    ['a gap whose fields are no map', () => readElement(gapOf([])), 'the fields of a gap are damaged'],
    ['a gap that tells of no restarts', () => readElement(gapOf({ error })), 'lacks its place'],
    [
      'a gap that tells of fewer than no restarts',
      () => readElement(gapOf({ restarts: -1, error })),
      'lacks its place',
    ],
    ['a notice without a message', () => readElement(noticeOf({ event: 'x', sourceOffset: 0 })), 'and no notice'],
    ['a notice of nowhere', () => readElement(noticeOf({ event: 'x', message: 'x' })), 'and no notice'],
    [
      'a notice that counts what cannot be counted',
      () => readElement(noticeOf({ event: 'x', message: 'x', sourceOffset: 0, count: -1 })),
      'and no notice',
    ],
    ['a gap without an error', () => readElement(gapOf({ restarts: 0 })), 'neither a gap nor a restart'],
  ])('%s is refused', (_, act, message) => {
    expect(refusal(act)).toContain(message);
  });
});
