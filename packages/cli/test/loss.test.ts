/** Input that is in no item is told of on standard error, which is no terminal here. */
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { buildPicky } from '@chipmunk-host/test-plugins';
import { beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '#demo/seeded-random.js';
import { share } from '#terminal/option-values.js';
import { outcome, setStage, summaryOf } from './support.js';

const stage = setStage();
const PARSER = ['-p', 'string-parser'];
const TEXT = 'one größe\ntwo größe\nthree größe\n';

/** Bytes that are no UTF-8, with a line end now and then, behind those that a format begins with. */
function packed(...start: readonly number[]): Buffer {
  const random = seededRandom(7);
  const bytes = Buffer.from(Array.from({ length: 4000 }, (_, at) => (at % 100 === 99 ? 0x0a : 0x80 + random() * 0x40)));
  bytes.set(start);
  return bytes;
}

function tarred(): Buffer {
  const bytes = packed();
  bytes.write('ustar', 257, 'latin1');
  return bytes;
}

const FILES: readonly (readonly [name: string, content: Buffer, advice: RegExp])[] = [
  ['a.lz4', packed(0x04, 0x22, 0x4d, 0x18), /lz4: lz4cat a\.lz4 \| chipmunk-host ingest -\n/],
  ['a.zip', packed(0x50, 0x4b, 3, 4), /ZIP archive: unzip -p a\.zip \| chipmunk-host ingest -\n/],
  ['a.tar', tarred(), /tar archive: tar -xOf a\.tar \| chipmunk-host ingest -\n/],
  [
    'le.log',
    Buffer.from(`\ufeff${TEXT}`, 'utf16le'),
    /UTF-16: string-parser reads it with '--config encoding=utf-16'\n/,
  ],
  ['be.log', Buffer.from(`\ufeff${TEXT}`, 'utf16le').swap16(), /UTF-16: .*'--config encoding=utf-16'\n/],
  ['utf32.log', packed(0xff, 0xfe, 0, 0), /UTF-32: iconv -f UTF-32 -t UTF-8 utf32\.log \|/],
  ['a.dlt', packed(0x44, 0x4c, 0x54, 1), /'a\.dlt' is a DLT file: dlt-parser reads it: '--parser dlt-parser'/],
  [
    'a.pcap',
    packed(0xd4, 0xc3, 0xb2, 0xa1),
    /network packets \(pcap\): read what was sent in them: chipmunk-host ingest pcap:a\.pcap\n/,
  ],
  [
    'a.pcapng',
    packed(0x0a, 0x0d, 0x0d, 0x0a),
    /network packets \(pcapng\): read what was sent in them: chipmunk-host ingest pcap:a\.pcapng\n/,
  ],
  ['program', packed(0x7f, 0x45, 0x4c, 0x46), /\(ELF\): it is no log/],
  [
    'latin-1.log',
    Buffer.from(TEXT, 'latin1'),
    /'latin-1\.log': \d+ bytes of \d+ bytes are in no item: wrong parser or encoding\?\n$/,
  ],
];

describe('input that is skipped', () => {
  test('is reported for all formats of files that are not UTF-8, with what to do', async () => {
    for (const [name, content] of FILES) await stage.file(name, content);
    const names = FILES.map(([name]) => name);
    const { stderr, code } = await stage.run('ingest', ...names, ...PARSER);
    expect(code).toBe(0);
    for (const [name, , advice] of FILES) {
      const of = stderr.split('warning: ').find((warning) => warning.startsWith(`'${name}'`));
      expect(of, name).toMatch(/ in no item: wrong parser or encoding\?\n/);
      expect(of, name).toMatch(advice);
    }
    expect(stderr.split('warning: ')).toHaveLength(FILES.length + 1);
  });

  test('is reported with names that are quoted for a shell', async () => {
    await stage.file("it's.lz4", packed(0x04, 0x22, 0x4d, 0x18));
    const { stderr } = await stage.run('ingest', "it's.lz4", ...PARSER);
    expect(stderr).toContain("lz4cat 'it'\\''s.lz4' | chipmunk-host ingest -\n");
  });

  test('is reported for standard input, also when it arrives byte by byte', async () => {
    const child = stage.start('ingest', '-', ...PARSER);
    const done = outcome(child);
    for (const byte of packed(0x04, 0x22, 0x4d, 0x18))
      if (!child.stdin.write(Buffer.of(byte))) await once(child.stdin, 'drain');
    child.stdin.end();
    expect((await done).stderr).toMatch(
      /^warning: standard input: .*\n {2}standard input is compressed with lz4: put 'lz4cat' in front\n$/,
    );
  });

  test('is none of a compressed standard input, also when it arrives byte by byte', async () => {
    const child = stage.start('ingest', '-', ...PARSER);
    const done = outcome(child);
    for (const byte of gzipSync(Buffer.from(TEXT)))
      if (!child.stdin.write(Buffer.of(byte))) await once(child.stdin, 'drain');
    child.stdin.end();
    const { code, stdout, stderr } = await done;
    expect({ code, stdout: stdout.toString(), stderr }).toEqual({ code: 0, stdout: TEXT, stderr: '' });
  });

  test('is not reported when there is none', async () => {
    await stage.file('good.log', TEXT);
    expect(await stage.run('ingest', 'good.log', ...PARSER)).toMatchObject({ code: 0, stderr: '' });
    await stage.file('empty.log', '');
    expect(await stage.run('ingest', 'empty.log', ...PARSER)).toMatchObject({ code: 0, stderr: '' });
    const latin1 = await stage.file('latin-1.log', Buffer.from(TEXT, 'latin1'));
    const read = await stage.run('ingest', latin1, ...PARSER, '-c', 'encoding=latin-1');
    expect({ ...read, stdout: read.stdout.toString() }).toMatchObject({ code: 0, stderr: '', stdout: TEXT });
  });

  test('leaves the summary the last line', async () => {
    await stage.file('b.log', Buffer.from('a\n\xff\n', 'latin1'));
    const result = await stage.run('ingest', 'b.log', ...PARSER, '--summary', 'json');
    expect(result.stderr).toMatch(
      /^warning: 'b\.log': 2 bytes of 4 bytes are in no item: wrong parser or encoding\?\n\{/,
    );
    expect(summaryOf(result)).toMatchObject({ skippedBytes: 2 });
  });
});

describe('parse errors', () => {
  const parser = ['-p', './picky.wasm'];
  beforeAll(async () => {
    await stage.file('picky.wasm', await buildPicky());
    await stage.file('one.log', '?no header\nfine\n?bad\tlength\u001b[2J\n?no header\n');
    await stage.file('two.log', `${'?no header\n'.repeat(1200)}?1\n?2\n`);
  });

  test('are shown by their texts with the warning', async () => {
    const { code, stderr } = await stage.run('ingest', 'one.log', 'two.log', ...parser);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr:
        "warning: 'one.log': 3 bytes of 43 bytes are in no item: wrong parser or encoding?\n" +
        '  parse error at byte 0: no header (2 times)\n' +
        '  parse error at byte 16: bad\tlength\n' +
        "warning: 'two.log': 1.2 kB of 13.2 kB are in no item: wrong parser or encoding?\n" +
        '  parse error at byte 0: no header (1,200 times)\n' +
        '  parse error at byte 13200: 1\n' +
        '  parse error at byte 13203: 2\n',
    });
  });

  test('are in the summary, with the input that each came from first', async () => {
    const json = await stage.run('ingest', 'one.log', 'two.log', ...parser, '--summary', 'json');
    expect(summaryOf(json)).toMatchObject({
      parseErrors: {
        count: 1205,
        texts: [
          { message: 'no header', count: 1202, firstOffset: 0, input: 'one.log' },
          { message: 'bad\tlength\u001b[2J', count: 1, firstOffset: 16, input: 'one.log' },
          { message: '1', count: 1, firstOffset: 13200, input: 'two.log' },
          { message: '2', count: 1, firstOffset: 13203, input: 'two.log' },
        ],
      },
    });
    const text = await stage.run('ingest', 'one.log', 'two.log', ...parser, '--summary', 'text');
    expect(text.stderr).toContain('\n  parse error at two.log:13200: 1\n  1 parse error more\n');
    const all = await stage.run('ingest', 'one.log', 'two.log', ...parser, '--summary', 'text', '--verbose');
    expect(all.stderr).toContain('\n  parse error at two.log:13200: 1\n  parse error at two.log:13203: 2\n');
  });
});

describe('--fail-on-skip', () => {
  // Two of ten bytes are skipped.
  const content = Buffer.from('abcdefg\n\xff\n', 'latin1');

  test.each([
    ['--fail-on-skip', 1],
    ['--fail-on-skip=0.19', 1],
    ['--fail-on-skip=20%', 0],
  ])('%s exits with %d', async (option, code) => {
    await stage.file('some.log', content);
    await stage.file('good.log', TEXT.repeat(1000));
    // Each file counts by itself: that much is good in others is no comfort. And the option takes none of them for its value.
    const result = await stage.run('ingest', ...PARSER, option, 'good.log', 'some.log');
    expect({ code: result.code, items: result.stdout.toString().split('\n').length }).toEqual({ code, items: 3002 });
  });

  test('says why it fails, also with --quiet', async () => {
    await stage.file('some.log', content);
    const failed = await stage.run('ingest', ...PARSER, '--fail-on-skip', '--quiet', 'some.log');
    expect(failed.stderr).toMatch(/^warning: 'some\.log': 2 bytes of 10 bytes are in no item/);
    expect((await stage.run('ingest', ...PARSER, '--quiet', 'some.log')).stderr).toBe('');
  });

  test('is content when nothing is skipped', async () => {
    await stage.file('good.log', TEXT);
    expect((await stage.run('ingest', 'good.log', ...PARSER, '--fail-on-skip')).code).toBe(0);
  });

  test('takes shares as numbers and as percent, and refuses others', async () => {
    expect(['0', '.2', '0.25', '1', '0%', '12.5%', '100%'].map(share)).toEqual([0, 0.2, 0.25, 1, 0, 0.125, 1]);
    for (const text of ['some', '2', '101%', '-1', '', 'NaN', '1e-2', '%'])
      expect(() => share(text), text).toThrow('Expected a share from 0 to 1');
    const { code, stderr } = await stage.run('ingest', 'x.log', ...PARSER, '--fail-on-skip=2');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('Expected a share from 0 to 1') });
  });
});
