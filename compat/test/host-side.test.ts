/** What plugins get from the host, and the host from them, beside items: log, output, configuration, attachments. */

import { record } from '@chipmunk-host/compat';
import { describe, expect, test } from 'vitest';
import { said, setStage } from './stage.js';

const stage = setStage();

describe('log and output', () => {
  test('the log level decides what is logged, not what is printed', async () => {
    const all = ['error', 'warn', 'info', 'debug', 'trace'] as const;
    for (const [index, logLevel] of all.entries()) {
      const outcome = await stage.run('lines', 'x\n', { logLevel });
      const logged = outcome.logs.filter(({ source }) => source === 'log').map(({ level }) => level);
      expect(logged).toEqual(all.slice(0, index + 1));
      expect(said(outcome, 'stdout').length).toBe(9);
    }
  });

  test('output comes line by line, in order, with the name of its plugin', async () => {
    const source = {
      component: await stage.plugin('selftest-source'),
      plugin: 'the-source',
      config: { acts: 'stdout|from the source' },
    };
    const outcome = await stage.run('lines', undefined, { plugin: 'the-parser', source });
    expect(outcome.error).toBeUndefined();
    expect(new Set(outcome.logs.map(({ plugin }) => plugin))).toEqual(new Set(['the-parser']));
    expect(said(outcome, 'stdout')[0]).toBe('lossy = ConfigValue::Boolean(true)');
    expect(said(outcome, 'stdout').at(-1)).toBe('temporary file: written by lines');
    expect(said(outcome, 'stderr')).toEqual(['0 lines are hidden']);
    for (const { source: stream, level } of outcome.logs)
      if (stream !== 'log') expect(level).toBe(stream === 'stdout' ? 'info' : 'error');
  });

  test('a byte-source has a log of its own', async () => {
    const records: [plugin: string, message: string][] = [];
    const onLog = ({ plugin, message }: { plugin: string; message: string }) => records.push([plugin, message]);
    const acts = 'stdout|one\nlog|debug|two\nstderr|three';
    const component = await stage.plugin('selftest-source');
    const source = { component, plugin: 'the-source', logLevel: 'debug' as const, onLog, config: { acts } };
    const { rows } = await stage.run('lines', undefined, { source });
    expect(rows.length).toBe(3);
    expect(records).toEqual([
      ['the-source', 'one'],
      ['the-source', 'two'],
      ['the-source', 'three'],
    ]);
  });

  test('output of C and JavaScript comes the same way', async () => {
    const c = await stage.run('csv', 'a\n', { config: { delimiter: ';' } });
    expect(said(c, 'stdout')).toEqual(["fields are divided by ';'"]);
    expect(said(c, 'log')).toEqual(['csv is ready']);
    const javascript = await stage.run('json-lines', '{}\n');
    expect(said(javascript, 'stdout')).toEqual(['json-lines takes time level message']);
    expect(said(javascript, 'log')).toEqual(['json-lines is ready']);
  });
});

describe('configuration', () => {
  test('of every type arrives as it was given', async () => {
    const hidden = await stage.file('config/hidden.txt', 'b\n');
    await stage.file('config/more/c.txt', 'c\n');
    const directory = await stage.file('config/more/d.txt', 'd\n').then((path) => path.replace(/\/d\.txt$/, ''));
    const config = {
      lossy: false,
      prefix: 'ü "quoted" \u0000 😀: ',
      'first-number': -2147483648,
      factor: 0.10000000149011612,
      ending: 'LF',
      hidden: [hidden],
      'hidden-in': [directory],
    };
    const outcome = await stage.run('lines', 'a\nb\nc\nd\ne\n', { config });
    expect(outcome.error).toBeUndefined();
    expect(said(outcome, 'stdout').slice(0, 7)).toEqual([
      'lossy = ConfigValue::Boolean(false)',
      'prefix = ConfigValue::Text("ü \\"quoted\\" \\0 😀: ")',
      'first-number = ConfigValue::Integer(-2147483648)',
      'factor = ConfigValue::Float(0.1)',
      'ending = ConfigValue::Dropdown("LF")',
      `hidden = ConfigValue::Files(["${hidden}"])`,
      `hidden-in = ConfigValue::Directories(["${directory}"])`,
    ]);
    expect(outcome.rows.map(({ columns }) => columns)).toEqual([
      ['0.1', '-2147483648: ü "quoted" \u0000 😀: a'],
      ['0.1', '-2147483647: ü "quoted" \u0000 😀: e'],
    ]);
  });

  test('takes floats that are not finite, and keeps the sign of zero', async () => {
    const shown: [number, string][] = [
      [Number.NaN, 'NaN'],
      [Number.POSITIVE_INFINITY, 'inf'],
      [Number.NEGATIVE_INFINITY, '-inf'],
      [-0, '-0.0'],
      [3.4028234663852886e38, '3.4028235e38'],
      [1e-45, '1e-45'],
    ];
    for (const [factor, text] of shown) {
      const outcome = await stage.run('lines', 'x\n', { config: { factor } });
      expect(said(outcome, 'stdout')).toContain(`factor = ConfigValue::Float(${text})`);
    }
  });

  test('of nothing is the defaults, with empty lists for paths', async () => {
    const outcome = await stage.run('lines', 'x\n', { config: { hidden: [], 'hidden-in': [] } });
    const defaults = await stage.run('lines', 'x\n');
    expect(said(outcome, 'stdout')).toEqual(said(defaults, 'stdout'));
    expect(said(defaults, 'stdout')).toContain('hidden = ConfigValue::Files([])');
    expect(said(defaults, 'stdout')).toContain('hidden-in = ConfigValue::Directories([])');
  });
});

describe('attachments and timestamps', () => {
  test('dates are there or not, and sizes and indexes keep all their bits', async () => {
    const data = Buffer.from([0, 255, 10]);
    const input = Buffer.concat([
      record.attachment({ name: 'none', data }),
      record.attachment({ name: 'created', created: '', data }),
      record.lineAndAttachment('line', { name: 'modified', modified: 'm ü', size: 2n ** 64n - 1n, data }),
      record.columnsAndAttachment(['a', ''], {
        name: 'both',
        created: 'c',
        modified: 'm',
        messages: [2n ** 64n - 1n],
        data,
      }),
    ]);
    const { rows, error } = await stage.run('records', input);
    expect(error).toBeUndefined();
    const seen = rows.map(({ columns, attachment }) => [columns, attachment?.created, attachment?.modified]);
    expect(seen).toEqual([
      [[], undefined, undefined],
      [[], '', undefined],
      [['line'], undefined, 'm ü'],
      [['a', ''], 'c', 'm'],
    ]);
    expect(rows[2]?.attachment?.size).toBe(2n ** 64n - 1n);
    expect(rows[3]?.attachment?.messages).toEqual(new BigUint64Array([2n ** 64n - 1n]));
    for (const { attachment } of rows) expect(Buffer.from(attachment?.data ?? [])).toEqual(data);
  });

  test('no timestamp is given to a parser of a file', async () => {
    const { rows } = await stage.run('records', record.timestamp());
    expect(rows.map(({ columns }) => columns)).toEqual([['timestamp: None']]);
  });

  test('an attachment of 100 MB comes whole, between its neighbours', async () => {
    const data = Buffer.alloc(100_000_000);
    for (let i = 0; i < data.length; i += 4) data.writeUInt32LE(Math.imul(i, 2654435761) >>> 0, i);
    const input = Buffer.concat([
      record.line('before'),
      record.attachment({ name: 'large', data }),
      record.line('behind'),
    ]);
    const { rows, error, summary } = await stage.run('records', input, { deadlineMs: 120_000 });
    expect(error).toBeUndefined();
    expect(rows.map(({ columns }) => columns)).toEqual([['before'], [], ['behind']]);
    expect(rows[1]?.attachment?.size).toBe(100_000_000n);
    expect(Buffer.compare(rows[1]?.attachment?.data ?? Buffer.alloc(0), data)).toBe(0);
    expect(summary).toMatchObject({ bytes: input.length, restarts: 0, gaps: 0 });
  });
});
