import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAll, referenceLines, setStage } from './support.js';

const stage = setStage();

const NAMED_INPUTS: readonly [name: string, content: string][] = [
  ['an empty file', ''],
  ['one byte', 'x'],
  ['one LF', '\n'],
  ['one CR', '\r'],
  ['CRLF alone', '\r\n'],
  ['no newline at the end', 'first\nsecond'],
  ['a CR at the end that ends no line', 'first\nsecond\r'],
  ['CRLF lines', 'first\r\nsecond\r\n\r\n'],
  ['two CRs before an LF', 'first\r\r\nsecond'],
  ['NUL bytes', '\0\n\0a\0\nb\0'],
  ['a byte order mark', '\ufefffirst\n\ufeffsecond\n'],
  ['text of many scripts', 'Grüße\n日本語のログ\n😀😀\nплохо\n'],
  ['empty lines', '\n\n\n'],
];

describe('items', () => {
  test.each(NAMED_INPUTS)('of %s', async (_, content) => {
    const file = await stage.input(content);
    const session = await stage.open({ source: { file } });
    expect(await readAll(session)).toEqual(referenceLines(Buffer.from(content)));
    expect(session.summary).toMatchObject({ status: 'completed', bytes: Buffer.byteLength(content), skippedBytes: 0 });
  });

  test('of one line of 100 MB', async () => {
    const content = Buffer.alloc(100_000_000, 'a line that does not end. ');
    const file = await stage.input(Buffer.concat([Buffer.from('before\n'), content, Buffer.from('\nbehind')]));
    const rows = await readAll(await stage.open({ source: { file } }));
    expect(rows.map(({ offset, length }) => [offset, length])).toEqual([
      [0, 7],
      [7, 100_000_001],
      [100_000_008, 6],
    ]);
    expect(rows[1]?.columns[0] === content.toString('latin1')).toBe(true);
  });

  test('of windows at every place within a page of the file', async () => {
    // Of 724 lines each: a window begins 28 bytes further down in its page than the one before.
    const content = Array.from({ length: 110_000 }, (_, number) => `${number} `.padEnd(180, 'a line of a log ')).join(
      '\n',
    );
    const file = await stage.input(content);
    let items = 0;
    const text = createHash('sha256');
    for await (const batch of (await stage.open({ source: { file }, window: { bytes: 131_072 } })).batches())
      batch.forEachText((each) => text.update(items++ === 0 ? each : `\n${each}`));
    expect(items).toBe(110_000);
    expect(text.digest('hex')).toBe(createHash('sha256').update(content).digest('hex'));
  });

  test('do not depend on the window, whatever is cut', async () => {
    const line = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.constantFrom('', '\r', '\0', 'é', '日本', '😀', 'x'.repeat(300)),
    );
    const content = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\n\n')), { maxLength: 30 });
    const options = fc.record({ bytes: fc.integer({ min: 1, max: 400 }), bindingsOnly: fc.boolean(), end: line });
    await fc.assert(
      fc.asyncProperty(content, options, async (lines, { bytes, bindingsOnly, end }) => {
        const text = Buffer.from(lines.flat().join('') + end);
        const file = await stage.input(text);
        const session = await stage.open({ source: { file }, window: { bytes }, bindingsOnly });
        expect(await readAll(session)).toEqual(referenceLines(text));
      }),
      { numRuns: 300 },
    );
  });

  test('with lossy off, an invalid line is skipped with its LF and changes no other', async () => {
    const content = Buffer.concat([
      Buffer.from('one\n'),
      Buffer.from([0x41, 0xff, 0xfe, 0x0a]),
      Buffer.from('three\n'),
    ]);
    const session = await stage.open({ source: { file: await stage.input(content) } });
    expect(await readAll(session)).toEqual([
      { offset: 0, length: 4, columns: ['one'] },
      { offset: 8, length: 6, columns: ['three'] },
    ]);
    expect(session.summary.skippedBytes).toBe(4);
  });

  test('with lossy on, invalid bytes are replaced', async () => {
    const content = Buffer.from([0x41, 0xff, 0xe2, 0x82, 0x42, 0x0a]);
    const session = await stage.open({ source: { file: await stage.input(content) }, config: { lossy: true } });
    expect(await readAll(session)).toEqual([
      { offset: 0, length: 6, columns: [content.subarray(0, 5).toString('utf8')] },
    ]);
  });

  test('with prefix and columns', async () => {
    const session = await stage.open({
      source: { file: await stage.input('first\r\nzwölf\n') },
      config: { prefix: '> ', columns: true },
    });
    expect((await readAll(session)).map(({ columns }) => columns)).toEqual([
      ['5', '> first'],
      ['6', '> zwölf'],
    ]);
  });
});

const DATA = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data');
interface TextCounts {
  readonly messages: number;
  readonly sha256_lines_joined_lf_crlf_kept_lossy: string;
}

describe.skipIf(!existsSync(DATA))('real logs (needs ../shared/data beside the checkout)', () => {
  const counts = existsSync(DATA)
    ? (JSON.parse(readFileSync(join(DATA, 'expected', 'text-counts.json'), 'utf8')) as Record<string, TextCounts>)
    : {};
  const names = existsSync(DATA) ? readdirSync(join(DATA, 'text')) : [];

  test.each(names)('%s, byte for byte', async (name) => {
    const file = join(DATA, 'text', name);
    const content = readFileSync(file);
    const rows = await readAll(await stage.open({ source: { file }, config: { lossy: true } }));
    expect(rows).toEqual(referenceLines(content));
    expect(rows.length).toBe(counts[name]?.messages);
    const withCr = rows.map(({ offset, length, columns }) => {
      const ends = content
        .subarray(offset, offset + length)
        .toString('latin1')
        .endsWith('\r\n');
      return ends ? `${columns[0]}\r` : columns[0];
    });
    const hash = createHash('sha256').update(withCr.join('\n')).digest('hex');
    expect(hash).toBe(counts[name]?.sha256_lines_joined_lf_crlf_kept_lossy);
  });
});
