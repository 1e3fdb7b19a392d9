import { Batch, BatchError, EntryKind, readStream, type SourceInfo } from '@chipmunk-host/batch';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameBuilder } from '#worker/output/frame-builder.js';
import { frameSource } from '#worker/output/frame-source.js';

function encode(texts: readonly string[], offset = 0): Uint8Array {
  const builder = new FrameBuilder();
  for (const text of texts) {
    builder.addString(text);
    builder.endEntry(EntryKind.line, text.length + 1);
  }
  return Uint8Array.from(Buffer.concat(builder.finish(offset).segments));
}

const failsWith = (code: string) => expect.objectContaining({ code });

describe('Batch', () => {
  test.each([0, 1, 2, 4, 7])('reads memory at %i bytes off alignment, shared or not', (shift) => {
    const texts = ['eins', 'zwölf', '', '😀'];
    const bytes = encode(texts);
    for (const buffer of [new ArrayBuffer(bytes.length + 8), new SharedArrayBuffer(bytes.length + 8)]) {
      const view = new Uint8Array(buffer, shift, bytes.length);
      view.set(bytes);
      expect([...Batch.from(view)].map((item) => item.text)).toEqual(texts);
    }
  });

  test('gives the position and length in the input of each item, past skipped stretches', () => {
    const builder = new FrameBuilder();
    builder.addSkipped(3);
    builder.addString('a');
    builder.endEntry(EntryKind.line, 10);
    builder.addSkipped(4);
    builder.addSkipped(5);
    builder.addString('b');
    builder.addString('c');
    builder.endEntry(EntryKind.columns, 20);
    const batch = Batch.from(Buffer.concat(builder.finish(100).segments));
    expect(batch).toMatchObject({ count: 2, entries: 4, offset: 100, consumedBytes: 42, skippedBytes: 12 });
    expect([...batch]).toMatchObject([
      { entry: 1, kind: EntryKind.line, offset: 103, length: 10, text: 'a', columns: ['a'] },
      { entry: 3, kind: EntryKind.columns, offset: 122, length: 20, text: 'b\u0004c', columns: ['b', 'c'] },
    ]);
    const seen: unknown[] = [];
    batch.forEachText((...args) => seen.push(args));
    expect(seen).toEqual([
      ['a', 103, 1],
      ['b\u0004c', 122, 3],
    ]);
    expect(batch.kind(0)).toBe(EntryKind.skipped);
    expect(batch.text(0)).toBe('');
    expect(() => batch.text(4)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
  });

  test('keeps a leading byte order mark', () => {
    expect(Batch.from(encode(['\ufeffx', '\ufeff'])).text(0)).toBe('\ufeffx');
  });

  test('refuses access after its release, but for what was decoded and retained', () => {
    const bytes = encode(['one', 'two']);
    const batch = Batch.from(bytes);
    const kept = batch.retain();
    const [one, two] = [...batch];
    expect(one?.text).toBe('one');
    const iterator = batch[Symbol.iterator]();
    iterator.next();
    batch.release();
    bytes.fill(0);
    expect(one?.text).toBe('one');
    for (const access of [
      () => two?.text,
      () => batch.bytes,
      () => batch.text(0),
      () => batch.kind(0),
      () => batch.retain(),
      () => [...batch],
      () => iterator.next(),
      () => batch.forEachText(() => {}),
      () => [...batch.encodedLines('')],
      () => two?.encodedColumns,
    ]) {
      expect(access).toThrow(failsWith('ERR_BATCH_RELEASED'));
    }
    expect(batch.count).toBe(2);
    expect([...kept].map((item) => item.text)).toEqual(['one', 'two']);
  });

  test.each(['lines', 'columns'])('stops a loop over texts when it is released meanwhile: %s', (kind) => {
    const builder = new FrameBuilder();
    for (const text of ['one', 'two', 'three']) {
      builder.addString(text);
      if (kind === 'columns') builder.addString('more');
      builder.endEntry(kind === 'columns' ? EntryKind.columns : EntryKind.line, 4);
    }
    const batch = Batch.from(Buffer.concat(builder.finish(0).segments));
    const seen: string[] = [];
    const loop = () =>
      batch.forEachText((text) => {
        if (seen.push(text) === 2) batch.release();
      });
    expect(loop).toThrow(failsWith('ERR_BATCH_RELEASED'));
    expect(seen).toHaveLength(2);
  });

  test.each(['x', 'ü', '語', '😀'])('reads the same texts in any order: of %s', (character) => {
    const lengths = [0, 1, 100, 32_767, 32_768, 32_769, 70_000, 3, 16_384, 16_384, 1, 0, 40_000, 5];
    const texts = [...lengths, ...Array.from({ length: 2000 }, (_, i) => (i * 7919) % 200)].map((length, i) =>
      (i % 3 === 0 ? 'y' : character).repeat(length),
    );
    const bytes = encode(texts);
    const inOrder: string[] = [];
    Batch.from(bytes).forEachText((text) => inOrder.push(text));
    expect(inOrder).toEqual(texts);
    expect([...Batch.from(bytes)].map((item) => item.text)).toEqual(texts);
    const batch = Batch.from(bytes);
    const orders = [texts.map((_, i) => texts.length - 1 - i), texts.map((_, i) => (i * 1999) % texts.length)];
    for (const order of orders) for (const i of order) expect(batch.text(i) === texts[i]).toBe(true);
  });

  test('reads batches that were stored one behind the other', () => {
    const stored = Buffer.concat([encode(['a', 'b']), encode(['ä'], 4), encode([], 6)]);
    expect(
      [...readStream(stored)].map((batch) => (batch.type === 'batch' ? [...batch].map((item) => item.text) : [])),
    ).toEqual([['a', 'b'], ['ä'], []]);
    expect(() => [...readStream(stored.subarray(0, -1))]).toThrow(failsWith('ERR_BATCH_FORMAT'));
    expect(() => Batch.from(stored)).toThrow(failsWith('ERR_BATCH_FORMAT'));
  });

  test('writes lines in chunks, also those that are longer than one', () => {
    const texts = [
      'a',
      'ü'.repeat(1_000_000),
      '',
      ...Array.from({ length: 50_000 }, (_, number) => `line ${number}`),
      'z',
    ];
    const batch = Batch.from(encode(texts));
    const chunks = [...batch.encodedLines('\t')];
    batch.release();
    expect(chunks.length).toBeGreaterThan(2);
    expect(Buffer.concat(chunks).toString()).toBe(texts.map((text) => `${text}\n`).join(''));
  });

  test('decodes very large text string by string', () => {
    const long = 'x'.repeat(40_000_000);
    const batch = Batch.from(encode([long, 'ä', long]));
    expect(batch.text(1)).toBe('ä');
    expect(batch.text(2) === long).toBe(true);
  });
});

describe('damaged batches', () => {
  test('are refused as such, or read without leaving their bytes', () => {
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 20 }), { maxLength: 10 });
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });
    fc.assert(
      fc.property(texts, changes, fc.nat(), fc.boolean(), (lines, damage, cut, isCut) => {
        const bytes = encode(lines);
        for (const [place, value] of damage) bytes[place % bytes.length] = value;
        const damaged = isCut ? bytes.subarray(0, cut % bytes.length) : bytes;
        try {
          const batch = Batch.from(damaged);
          for (const item of batch) {
            expect(item.text.length).toBeLessThanOrEqual(bytes.length);
            item.attachment;
          }
        } catch (error) {
          if (!(error instanceof BatchError)) throw error;
          expect(error.code).toBe('ERR_BATCH_FORMAT');
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('every truncation is refused at once', () => {
    const bytes = encode(['one', 'zwölf']);
    for (let length = 0; length < bytes.length; length++)
      expect(() => Batch.from(bytes.subarray(0, length))).toThrow(failsWith('ERR_BATCH_FORMAT'));
  });

  test('another version is named', () => {
    const bytes = encode(['one']);
    bytes[3] = 3;
    expect(() => Batch.from(bytes)).toThrow(/version 3 is not known/);
  });
});

describe('FrameBuilder', () => {
  test('merges skipped stretches up to what an entry can count', () => {
    const builder = new FrameBuilder();
    for (const bytes of [1, 0, 2 ** 33, 5]) builder.addSkipped(bytes);
    const frame = builder.finish(0);
    expect(frame).toMatchObject({ entries: 3, items: 0, bytes: 2 ** 33 + 6, skippedBytes: 2 ** 33 + 6 });
    expect(Batch.from(Buffer.concat(frame.segments)).consumedBytes).toBe(2 ** 33 + 6);
  });

  test('says when it refers to memory of its caller, and what it will take', () => {
    const builder = new FrameBuilder();
    const memory = new Uint8Array(100_000).fill(0x61);
    builder.addText(memory, 0, 10);
    builder.endEntry(EntryKind.line, 10);
    expect(builder.mustFlush).toBe(false);
    builder.addText(memory, 0, 100_000);
    builder.endEntry(EntryKind.line, 10);
    expect(builder.mustFlush).toBe(true);
    const expected = builder.byteLength;
    const frame = builder.finish(0);
    expect(frame.byteLength).toBe(frame.segments.reduce((sum, segment) => sum + segment.length, 0));
    expect(frame.byteLength).toBeLessThanOrEqual(expected);
    expect(frame.segments.some((segment) => segment.buffer === memory.buffer)).toBe(true);
    expect(builder).toMatchObject({ isEmpty: true, mustFlush: false, bytes: 0, items: 0 });
  });

  test('gives entries the times that it was told, beside some without, also when entries are taken back', () => {
    const time = fc.option(fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }), { nil: undefined });
    const entries = fc.array(fc.record({ time, isTakenBack: fc.boolean(), skips: fc.boolean() }), { maxLength: 200 });
    fc.assert(
      fc.property(entries, (rows) => {
        const builder = new FrameBuilder();
        for (const { time, isTakenBack, skips } of rows) {
          const before = builder.mark();
          builder.addString('text');
          builder.endEntry(EntryKind.line, 5, time);
          if (isTakenBack) builder.rollback(before);
          if (skips) builder.addSkipped(1);
        }
        const most = builder.byteLength;
        const batch = Batch.from(Buffer.concat(builder.finish(0).segments));
        const kept = rows.filter(({ isTakenBack }) => !isTakenBack).map(({ time }) => time);
        expect([...batch].map((item) => item.time)).toEqual(kept);
        expect(batch.hasTimes).toBe(kept.some((time) => time !== undefined));
        expect(batch.bytes.length).toBeLessThanOrEqual(most);
        // Used again, it remembers nothing.
        builder.addString('');
        builder.endEntry(EntryKind.line, 1);
        expect(Batch.from(Buffer.concat(builder.finish(0).segments)).hasTimes).toBe(false);
      }),
    );
  });

  test('names the source that it is told, and each batch only its own', () => {
    const builder = new FrameBuilder();
    const batchOf = (source: SourceInfo) => {
      builder.addString('x');
      builder.endEntry(EntryKind.line, 2);
      return Batch.from(Buffer.concat(builder.finish(0, frameSource(source)).segments));
    };
    const sources = [
      { number: 0, name: 'a.log', type: 'file' },
      { number: 4_294_967_295, name: 'größe', machine: 'b' },
    ];
    for (const source of sources) {
      const batch = batchOf(source);
      expect(batch).toMatchObject({ source: source.number, sourceName: source.name, sources: [source] });
      expect([...batch].map(({ text }) => text)).toEqual(['x']);
    }
  });
});
