import { describe, expect, test } from 'vitest';
import { configure, delimited, type Plugin, parseAll, parseSlice, startPlugin, varint } from './feed.js';
import { schemaOf } from './schemas.js';

const schema = schemaOf(
  'proto3',
  [
    {
      name: 'A',
      field: [
        { name: 'id', number: 1, label: 1, type: 5 },
        { name: 'text', number: 2, label: 1, type: 9 },
      ],
    },
    { name: 'B', field: [{ name: 'data', number: 3, label: 1, type: 12 }] },
  ],
  [],
);
const a = (id: number, text: string) => Buffer.from(schema.type('A').encode({ id, text }).finish());
const whole = [a(1, 'one'), a(300, 'two'), a(3, 'x'.repeat(300))];

async function started(settings = {}): Promise<Plugin> {
  const plugin = await startPlugin(schema.set);
  configure(plugin, { message: 'A', ...settings });
  return plugin;
}

function texts(rows: readonly { readonly payload: string }[]): unknown[] {
  return rows.map(({ payload }) => {
    const shown = JSON.parse(payload) as { text?: string } | string;
    return typeof shown === 'string' ? shown : shown.text;
  });
}

describe('messages with their lengths in front', () => {
  test('are the same wherever slices end', async () => {
    const plugin = await started();
    const input = delimited(...whole, Buffer.alloc(0), whole[0] as Buffer);
    for (let window = 1; window < input.length; window += 3) {
      const rows = parseAll(plugin, input, [window]);
      expect(texts(rows)).toEqual(['one', 'two', 'x'.repeat(300), undefined, 'one']);
      expect(rows.map(({ bytes }) => bytes)).toEqual([8, 9, 307, 1, 8]);
    }
  });

  const cut = Buffer.from(whole[1] as Buffer).subarray(0, -1);
  const unknown = Buffer.concat([a(7, 'new'), Buffer.from('1a0161', 'hex')]);
  test.each<[what: string, damaged: Buffer, shown: readonly unknown[], statuses: readonly string[]]>([
    ['a field of a later version', delimited(unknown), ['new'], ['3b not decoded']],
    ['a value that is cut off, with the right length', delimited(cut), [undefined], ['4b not decoded']],
    [
      'a length that is too small',
      Buffer.concat([varint(4), whole[1] as Buffer]),
      ['BAisAhIDdHdv'],
      ['9b not decoded'],
    ],
    [
      'a length that is too large',
      Buffer.concat([varint(30), whole[1] as Buffer]),
      ['HgisAhIDdHdv'],
      ['9b not decoded'],
    ],
    [
      'a length that is far too large',
      Buffer.concat([varint(1e9), whole[1] as Buffer]),
      ['gJTr3AMIrAISA3R3bw=='],
      ['13b not decoded'],
    ],
    ['a length without an end', Buffer.alloc(12, 0xff), ['////////////////'], ['12b not decoded']],
    ['noise', Buffer.from('ffeeddccbbaa99887766', 'hex'), ['/+7dzLuqmYh3Zg=='], ['10b not decoded']],
  ])('with %s in between are found', async (_, damaged, shown, statuses) => {
    const plugin = await started();
    const input = Buffer.concat([delimited(whole[0] as Buffer), damaged, delimited(...whole)]);
    for (let window = 1; window < input.length; window += 11) {
      const rows = parseAll(plugin, input, [window]);
      expect(rows.slice(-2).map(({ status }) => status)).toEqual(['OK', 'OK']);
      expect(texts(rows)).toEqual(['one', ...shown, 'one', 'two', 'x'.repeat(300)]);
      expect(rows.slice(1, -3).map(({ status }) => status)).toEqual(statuses);
      expect(rows.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(input.length);
    }
  });

  test('that the end of the input cuts off are shown as bytes', async () => {
    const plugin = await started();
    const input = delimited(...whole).subarray(0, -1);
    const rows = parseAll(plugin, input, [5]);
    expect(texts(rows).slice(0, 2)).toEqual(['one', 'two']);
    expect(rows.at(-1)).toMatchObject({ message: '', status: '306b not decoded' });
    expect(rows.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(input.length);
  });

  test('may be as long as the settings say', async () => {
    const long = a(1, 'x'.repeat(3 << 20));
    const input = delimited(whole[0] as Buffer, long, ...whole);
    const windows = [1 << 16, 1 << 20, 1 << 22];
    expect(parseAll(await started(), input, windows).map(({ status }) => status)).toEqual(Array(5).fill('OK'));
    const rows = parseAll(await started({ most: 1 }), input, windows);
    expect(texts(rows).slice(-3)).toEqual(['one', 'two', 'x'.repeat(300)]);
    expect(rows[1]?.status).toMatch(/not decoded/);
  });

  test('of one call are bounded, and the rest comes with the next', async () => {
    const plugin = await started();
    const input = Buffer.concat(Array<Buffer>(100_000).fill(delimited(whole[0] as Buffer)));
    expect(parseSlice(plugin, input)).toHaveLength(65_536);
    expect(parseAll(plugin, input)).toHaveLength(100_000);
  });
});

describe('datagrams', () => {
  test('are one message each', async () => {
    const plugin = await started({ framing: 'datagram' });
    for (const message of whole) {
      expect(parseSlice(plugin, message)).toMatchObject([{ message: 'A', status: 'OK', bytes: message.length }]);
    }
    expect(parseSlice(plugin, Buffer.from('0801ff', 'hex'))).toMatchObject([
      { payload: '{"id":1}', status: '1b not decoded' },
    ]);
    expect(parseSlice(plugin, Buffer.alloc(0))).toEqual([]);
  });
});

test('of several types the one that explains most is taken, and all that explain as much are named', async () => {
  const plugin = await started({ message: '', framing: 'datagram' });
  const shown = (hex: string) =>
    parseSlice(plugin, Buffer.from(hex, 'hex')).map(({ message, status }) => [message, status]);
  expect(shown('0801')).toEqual([['A', 'OK']]);
  expect(shown('1a0161')).toEqual([['B', 'OK']]);
  expect(shown('08011a026162')).toEqual([['B', '2b not decoded']]);
  expect(shown('2001')).toEqual([['A, B', '2b not decoded']]);
});
