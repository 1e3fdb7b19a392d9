import { readFile } from 'node:fs/promises';
import { join as joinPaths } from 'node:path';
import { Batch, BatchEncoder, readStream } from '@chipmunk-host/manager';
import { buildJoiner } from '@chipmunk-host/test-plugins';
import { tableFromIPC } from 'apache-arrow';
import { unpackMultiple } from 'msgpackr';
import { beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '#demo/seeded-random.js';
import { type Line, referenceLines, setStage } from './support.js';

const stage = setStage();
const PIECES = [
  '',
  'a',
  'plain text',
  '\t',
  '"quoted" \\ back',
  '\0',
  '\u0007\u001b[0m',
  '\r',
  'größe',
  '東京',
  '🐿️',
  '\u2028',
  '\u007f',
];
const ENDS = ['\n', '\n', '\n', '\r\n', '\n\n'];

/** Lines of anything, alike for the same seed; often with a last one that has no end. */
function generated(seed: number, lines: number): Buffer {
  const random = seededRandom(seed);
  const pick = (from: readonly string[]) => from[Math.floor(random() * from.length)] as string;
  let text = '';
  for (let line = 0; line < lines; line++) {
    for (let pieces = Math.floor(random() * 5); pieces > 0; pieces--) text += pick(PIECES);
    text += pick(ENDS);
  }
  return Buffer.from(text + pick(PIECES));
}

const inputs: readonly (readonly [string, Buffer])[] = [
  ['nothing', Buffer.alloc(0)],
  ['one byte', Buffer.from('x')],
  ['one line end', Buffer.from('\n')],
  ['no line end', Buffer.from('first\nsecond')],
  ['few lines', generated(1, 7)],
  ['some lines', generated(2, 500)],
  ['many lines', generated(3, 60_000)],
];

const written: Readonly<Record<string, (lines: readonly Line[]) => string>> = {
  text: (lines) => lines.map(({ text }) => `${text}\n`).join(''),
  ndjson: (lines) => lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
  none: () => '',
};

describe.each(inputs)('of %s', (name, content) => {
  test.each(Object.keys(written))('%s has what a plain reading has', async (format) => {
    const file = await stage.file(`${name}.log`, content);
    const { stdout, stderr, code } = await stage.run('ingest', file, '-p', 'string-parser', '--format', format);
    expect(code).toBe(0);
    if (format !== 'none') expect(stderr).toBe('');
    expect(stdout.equals(Buffer.from(written[format]?.(referenceLines(content)) ?? ''))).toBe(true);
  });

  test('msgpack has the batches, one behind the other', async () => {
    const file = await stage.file(`${name}.log`, content);
    const { stdout, code } = await stage.run('ingest', file, '-p', 'string-parser', '--format', 'msgpack');
    expect(code).toBe(0);
    const items = [...readStream(stdout)].flatMap((batch) => (batch.type === 'batch' ? [...batch] : []));
    const lines = items.map(({ offset, length, text }) => ({ offset, length, text }));
    expect(lines).toEqual(referenceLines(content));
    // Other decoders find the same batches.
    const decoded = stdout.length === 0 ? [] : (unpackMultiple(stdout) as unknown[][]);
    expect(decoded.reduce((count, batch) => count + (batch[9] as number), 0)).toBe(lines.length);
  });
});

describe('csv and raw', () => {
  const content = Buffer.from('plain\na "b", c\r\n=1+1\nlast');

  test.each<[string[], string]>([
    [['-f', 'csv'], 'text\r\nplain\r\n"a ""b"", c"\r\n=1+1\r\nlast\r\n'],
    [['-f', 'csv', '--delimiter', ';'], 'text\r\nplain\r\n"a ""b"", c"\r\n=1+1\r\nlast\r\n'],
    [
      ['-f', 'csv', '--guard-formulas', '--no-header', '--fields', 'offset,length,text'],
      '0,6,plain\r\n6,10,"a ""b"", c"\r\n16,5,"\'=1+1"\r\n21,4,last\r\n',
    ],
    [['-f', 'raw'], content.toString()],
    [
      ['-f', 'ndjson', '--fields', 'text'],
      '{"text":"plain"}\n{"text":"a \\"b\\", c"}\n{"text":"=1+1"}\n{"text":"last"}\n',
    ],
  ])('%j', async (options, expected) => {
    const file = await stage.file('four.log', content);
    const { stdout, stderr, code } = await stage.run('ingest', file, '-p', 'string-parser', ...options);
    expect({ code, stderr, text: stdout.toString() }).toEqual({ code: 0, stderr: '', text: expected });
  });

  test('raw of DLT is a smaller file with the same messages', async () => {
    const messages = Array.from({ length: 5 }, (_, number) => dltMessage(number));
    const noise = ['a header of the recorder', 'noise', '', '', '', 'the end'].map((text) => Buffer.from(text));
    const content = noise.flatMap((text, at) => [text, messages[at] ?? Buffer.alloc(0)]);
    const file = await stage.file('noisy.dlt', Buffer.concat(content));
    const raw = await stage.run('ingest', file, '-p', 'dlt-parser', '-f', 'raw', '--quiet');
    expect(raw.code).toBe(0);
    expect(raw.stdout.equals(Buffer.concat(messages))).toBe(true);
    const smaller = await stage.file('smaller.dlt', raw.stdout);
    const rows = (path: string) => stage.run('ingest', path, '-p', 'dlt-parser', '-f', 'csv', '--quiet');
    const [before, after] = [await rows(file), await rows(smaller)];
    expect(after.stdout.toString()).toBe(before.stdout.toString());
    expect(after.stdout.toString()).toMatch(/^Datetime,ECUID,.*,PAYLOAD\r\n2023-11-14T22:13:20/);
  });

  test('csv of lines of JSON has their members in columns', async () => {
    const content = '{"time":"2024-03-18T06:00:00Z","level":"info","msg":"say \\"hi\\"","n":1.50}\nnot JSON\n';
    const file = await stage.file('app.jsonl', content);
    const { stdout, code } = await stage.run('ingest', file, '-p', 'json-lines', '-f', 'csv', '--quiet');
    expect({ code, text: stdout.toString() }).toEqual({
      code: 0,
      text: 'Time,Level,Source,Message,Rest\r\n2024-03-18T06:00:00Z,info,,"say ""hi""","{""n"":1.50}"\r\nnot JSON,,,,\r\n',
    });
  });

  test('several inputs have one line of captions, and say where each row is from', async () => {
    const file = await stage.file('one.log', 'x\n');
    const { stdout } = await stage.run('ingest', file, file, '-p', 'string-parser', '-f', 'csv');
    expect(stdout.toString()).toBe(`source,text\r\n${`${file},x\r\n`.repeat(2)}`);
  });

  test.each<[string[], number, string]>([
    [['-f', 'text', '--delimiter', ';'], 2, "'--delimiter' works with the format csv, not with text"],
    [
      ['-f', 'raw', '--columns', 'a'],
      2,
      "'--columns' works with the formats text, ndjson, csv, arrow, arrow-file, not with",
    ],
    [['-f', 'csv', '--batch-rows', '9'], 2, "'--batch-rows' works with the formats arrow, arrow-file, not with csv"],
    [
      ['-f', 'arrow-file', '--no-dictionaries'],
      2,
      "'--no-dictionaries' works with the format arrow, not with arrow-file",
    ],
    [['-f', 'arrow', '--batch-rows', '0'], 2, 'Expected a whole number from 1'],
    [['-f', 'raw', '--attachments', 'a'], 2, "'--attachments' works with the formats text, ndjson, csv"],
    [['-f', 'csv', '--fields', 'nope'], 2, "'nope' is none of source, offset, length, time, text, attachment"],
    [['-f', 'csv', '--fields', 'attachment'], 1, 'The option fields is'],
    [['-f', 'csv', '--columns', 'nope'], 1, "The option columns is 'nope'"],
    [['-f', 'csv', '--delimiter', ',,'], 1, 'The option delimiter is'],
  ])('%j is refused', async (options, exit, message) => {
    const file = await stage.file('one.log', 'x\n');
    const { stderr, code } = await stage.run('ingest', file, '-p', 'string-parser', ...options);
    expect({ code, stderr }).toEqual({ code: exit, stderr: expect.stringContaining(message) });
  });
});

describe.each(['arrow', 'arrow-file'])('%s', (format) => {
  const read = (output: Buffer) => tableFromIPC(Uint8Array.from(output));
  const rows = (output: Buffer) =>
    read(output)
      .toArray()
      .map((row) => JSON.parse(row.toString()) as object);

  test.each<[string, string[], string[], object[]]>([
    [
      'has what was asked for',
      ['a\nbb\n'],
      ['--fields', 'text', '--columns', '#1', '--batch-rows', '1'],
      [{ text: 'a' }, { text: 'bb' }],
    ],
    [
      'says where each of several inputs is',
      ['x\n', '', 'y\n'],
      ['--fields', 'source,text'],
      [
        { source: '0.log', text: 'x' },
        { source: '2.log', text: 'y' },
      ],
    ],
    ['has a schema without items', [''], [], []],
  ])('%s', async (_, inputs, options, expected) => {
    await Promise.all(inputs.map((content, index) => stage.file(`${index}.log`, content)));
    const files = inputs.map((_, index) => `${index}.log`);
    const { stdout, stderr, code } = await stage.run(
      'ingest',
      ...files,
      '-p',
      'string-parser',
      '-f',
      format,
      ...options,
    );
    expect({ code, stderr, rows: rows(stdout) }).toEqual({ code: 0, stderr: '', rows: expected });
    if (options.includes('--batch-rows')) expect(read(stdout).batches).toHaveLength(2);
    if (inputs.length === 1) expect(read(stdout).schema.names).toContain('text');
  });

  test('has the same in a file', async () => {
    const file = await stage.file('some.log', inputs[4]?.[1] as Buffer);
    const args = ['ingest', file, '-p', 'string-parser', '-f', format];
    const { stdout } = await stage.run(...args);
    expect((await stage.run(...args, '-o', 'some.arrow')).code).toBe(0);
    expect(stdout.equals(await readFile(joinPaths(stage.directory, 'some.arrow')))).toBe(true);
  });
});

describe('columns', () => {
  const content = 'one\nthree\r\n';

  test.each([
    [[], '3\tone\n5\tthree\n'],
    [['--separator', ' | '], '3 | one\n5 | three\n'],
    [['--separator', ''], '3one\n5three\n'],
  ])('are joined by a tab or the separator: %j', async (more, expected) => {
    const file = await stage.file('columns.log', content);
    const { stdout } = await stage.run('ingest', file, '-p', 'string-parser', '-c', 'columns=true', ...more);
    expect(stdout.toString()).toBe(expected);
  });

  test('are named as the configuration has them', async () => {
    const text = await stage.file('columns.log', content);
    const csv = (...args: string[]) => stage.run('ingest', ...args, '-f', 'csv');
    const { stdout } = await csv(text, '-p', 'string-parser', '-c', 'columns=true');
    expect(stdout.toString()).toBe('Length,Message\r\n3,one\r\n5,three\r\n');
    const json = await stage.file('columns.jsonl', '{"msg":"one","a":{"b":1.50}}\n');
    const options = ['-p', 'json-lines', '-c', 'columns=a.b,msg', '-c', 'rest=false'];
    expect((await csv(json, ...options)).stdout.toString()).toBe('a.b,msg\r\n1.50,one\r\n');
    expect((await csv(json, ...options, '--columns', 'msg')).stdout.toString()).toBe('msg\r\none\r\n');
  });

  test('are an array in ndjson', async () => {
    const file = await stage.file('columns.log', content);
    const { stdout } = await stage.run('ingest', file, '-p', 'string-parser', '-c', 'columns=true', '-f', 'ndjson');
    expect(stdout.toString()).toBe(
      '{"offset":0,"length":4,"columns":["3","one"]}\n{"offset":4,"length":7,"columns":["5","three"]}\n',
    );
  });
});

describe('columns that a plugin joined into one line', () => {
  const content = '1\tWARN\tgrößer\tals\n2\t\t\nalone\n';
  beforeAll(async () => {
    await stage.file('joiner.wasm', await buildJoiner());
  });

  test.each([
    ['text', [], '1\tWARN\tgrößer\u0004als\n2\t\t\nalone\n'],
    ['text', ['--no-split-columns'], '1\u0004WARN\u0004größer\u0004als\n2\u0004\u0004\nalone\n'],
    [
      'ndjson',
      [],
      '{"offset":0,"length":20,"columns":["1","WARN","größer\\u0004als"]}\n' +
        '{"offset":20,"length":4,"columns":["2","",""]}\n{"offset":24,"length":6,"text":"alone"}\n',
    ],
    [
      'ndjson',
      ['--no-split-columns'],
      '{"offset":0,"length":20,"text":"1\\u0004WARN\\u0004größer\\u0004als"}\n' +
        '{"offset":20,"length":4,"text":"2\\u0004\\u0004"}\n{"offset":24,"length":6,"text":"alone"}\n',
    ],
  ])('are columns again in %s, unless %j', async (format, more, expected) => {
    const file = await stage.file('joined.log', content);
    const { stdout, code } = await stage.run('ingest', file, '-p', './joiner.wasm', '-f', format, ...more);
    expect({ code, text: stdout.toString() }).toEqual({ code: 0, text: expected });
  });
});

describe('attachments', () => {
  test('are in ndjson with their data, and in text only with what is said beside them', async () => {
    const batch = Batch.from(
      await readFile(new URL('../../batch/test/vectors/v1/attachments.msgpack', import.meta.url)),
    );
    expect(join(new BatchEncoder({ format: 'ndjson' }).encode(batch))).toBe(
      `${[
        '{"offset":0,"length":7,"text":"before"}',
        '{"offset":7,"length":20,"attachment":{"name":"trace.bin","size":18446744073709551615,"created":null,"modified":null,"messages":[],"data":"AP+AwQ=="}}',
        '{"offset":27,"length":30,"text":"with a file","attachment":{"name":"Übersicht.txt","size":5,"created":"2024-01-01","modified":null,"messages":[0,1,18446744073709551615],"data":"w7w="}}',
        '{"offset":57,"length":40,"columns":["a","b"],"attachment":{"name":"","size":5,"created":"","modified":"heute","messages":[],"data":""}}',
      ].join('\n')}\n`,
    );
    expect(join(new BatchEncoder({ format: 'text' }).encode(batch))).toBe('before\nwith a file\na\tb\n');
  });
});

describe('a long line', () => {
  test('is the same JSON text in parts as in one', async () => {
    // Parts end in the middle of the pairs of code units that these are.
    const content = Buffer.from(`x${'🐿"\n'.slice(0, 3).repeat(6_000_000)}\nshort`);
    const file = await stage.file('long.log', content);
    const { stdout, code } = await stage.run('ingest', file, '-p', 'string-parser', '-f', 'ndjson');
    expect(code).toBe(0);
    expect(stdout.equals(Buffer.from(written.ndjson?.(referenceLines(content)) ?? ''))).toBe(true);
  });
});

function join(chunks: Iterable<Uint8Array>): string {
  return Buffer.concat([...chunks]).toString();
}

/** A message of DLT with a storage header: not verbose, three bytes of payload. */
function dltMessage(number: number): Buffer {
  const storage = Buffer.alloc(16);
  storage.write('DLT\x01', 'latin1');
  storage.writeUInt32LE(1_700_000_000 + number, 4);
  storage.write('ECU1', 12);
  return Buffer.concat([storage, Buffer.from([0x20, number, 0, 11, number, 0, 0, 0, 1, 2, 3])]);
}
