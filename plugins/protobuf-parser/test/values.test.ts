import { existsSync, readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { describe, expect, test } from 'vitest';
import { configure, delimited, parseAll, parseSlice, startPlugin } from './feed.js';
import { Random } from './random.js';
import { expectedOf, randomSchema, randomValue, schemaOf } from './schemas.js';

const SCHEMAS = 60;

describe('values', () => {
  test('are those of protobufjs, of random schemas and messages', async () => {
    let compared = 0;
    for (let seed = 1; seed <= SCHEMAS; seed++) {
      const random = new Random(seed);
      const schema = randomSchema(random);
      const plugin = await startPlugin(schema.set);
      for (const { name } of schema.messages) {
        const type = schema.type(name);
        const messages = Array.from({ length: 20 }, () =>
          type.encode(type.fromObject(randomValue(random, schema, name))).finish(),
        );
        configure(plugin, { message: name });
        const rows = parseAll(plugin, delimited(...messages), [1 + random.below(300)]);
        for (const [index, message] of messages.entries()) {
          const row = rows[index];
          const where = `seed ${seed}, ${name}, ${Buffer.from(message).toString('hex')}, ${row?.payload}`;
          expect(row, where).toMatchObject({ message: name, status: 'OK' });
          expect(plain(JSON.parse(row?.payload ?? '')), where).toEqual(plain(expectedOf(type, message)));
          compared++;
        }
        expect(rows).toHaveLength(messages.length);
      }
    }
    expect(compared).toBeGreaterThan(1000);
  });

  const OPTIONAL = 1;
  const REPEATED = 3;
  const field = (name: string, number: number, type: number, more: object = {}) => ({
    name,
    number,
    type,
    label: OPTIONAL,
    ...more,
  });
  const schema = schemaOf(
    'proto2',
    [
      {
        name: 'A',
        field: [
          field('id', 1, 5),
          field('text', 2, 9),
          field('inner', 3, 11, { typeName: '.p.A' }),
          field('list', 4, 5, { label: REPEATED }),
          field('left', 5, 5, { oneofIndex: 0 }),
          field('right', 6, 9, { oneofIndex: 0 }),
          field('group', 7, 10, { typeName: '.p.A' }),
          field('map', 8, 11, { label: REPEATED, typeName: '.p.A.MapEntry' }),
          field('half', 9, 2),
          field('state', 10, 14, { typeName: '.p.E' }),
          field('data', 11, 12),
        ],
        oneofDecl: [{ name: 'side' }],
        nestedType: [
          { name: 'MapEntry', field: [field('key', 1, 8), field('value', 2, 5)], options: { mapEntry: true } },
        ],
      },
    ],
    [{ name: 'E', value: [{ name: 'ON', number: 1 }] }],
  );

  test.each<[what: string, hex: string, payload: string, status: string]>([
    ['fields in any order', '1201610802', '{"text":"a","id":2}', 'OK'],
    ['the last of several values', '080108020803', '{"id":3}', 'OK'],
    ['a list in parts, packed and not', '2001080522020203200422002005', '{"list":[1,2,3,4,5],"id":5}', 'OK'],
    ['an empty packed list between values', '200122002201202005', '{"list":[1,32,5]}', 'OK'],
    ['an empty packed list', '2200', '{"list":[]}', 'OK'],
    ['one message of several parts', '1a0208011a050803120162', '{"inner":{"id":3,"text":"b"}}', 'OK'],
    ['the last of a oneof', '2801320161', '{"right":"a"}', 'OK'],
    ['the last of a oneof, the other way', '3201612801', '{"left":1}', 'OK'],
    ['a group', '3b08013c', '{"group":{"id":1}}', 'OK'],
    ['a group in a group', '3b3b08013c3c', '{"group":{"group":{"id":1}}}', 'OK'],
    ['a group where a message is known', '1b08011c', '{"inner":{"id":1}}', 'OK'],
    ['entries of a map without a key, without a value', '4202100542020801', '{"map":{"false":5,"true":0}}', 'OK'],
    ['numbers that are none', '4d0000c07f', '{"half":"NaN"}', 'OK'],
    ['an infinite number', '4d000080ff', '{"half":"-Infinity"}', 'OK'],
    ['the value of an enum without a name', '5002', '{"state":2}', 'OK'],
    ['the value of an enum', '5001', '{"state":"ON"}', 'OK'],
    ['bytes', '5a03ff0001', '{"data":"/wAB"}', 'OK'],
    ['text that is not UTF-8', '120361ff62', '{"text":"a\ufffdb"}', 'OK'],
    [
      'unknown fields',
      'a00605080112016ba1060100000000000000a50602000000a20602abcd',
      '{"100":["5","1",2,"q80="],"id":1,"text":"k"}',
      '24b not decoded',
    ],
    ['an unknown group', 'a306080112016ba406', '{"100":"CAESAWs="}', '9b not decoded'],
    ['a field with another wire type', '0d01000000', '{"1":1}', '5b not decoded'],
    ['a known field in both', '0d010000000805', '{"1":1,"id":5}', '5b not decoded'],
    ['bytes that are no field', '080100', '{"id":1}', '1b not decoded'],
    ['a value that is cut off', '080112056162', '{"id":1}', '4b not decoded'],
    ['a part that is cut off', '1a030801120802', '{"inner":{"id":1},"id":2}', '1b not decoded'],
    ['a group without an end', '08013b0801', '{"id":1}', '3b not decoded'],
    ['the end of another group', '3b08014408', '{}', '5b not decoded'],
    ['a number of more than ten bytes', `08${'ff'.repeat(10)}01`, '{}', '12b not decoded'],
  ])('%s', async (_, hex, payload, status) => {
    const plugin = await startPlugin(schema.set);
    configure(plugin, { message: 'p.A', framing: 'datagram' });
    const input = Buffer.from(hex, 'hex');
    expect(parseSlice(plugin, input)).toEqual([{ message: 'A', status, payload, bytes: input.length }]);
  });

  test('are looked into 100 messages deep', async () => {
    const plugin = await startPlugin(schema.set);
    configure(plugin, { message: 'p.A', framing: 'datagram' });
    let message = Buffer.from([8, 1]);
    for (let depth = 0; depth < 20_000; depth++)
      message = Buffer.concat([Buffer.from([0x1a]), varintOf(message.length), message]);
    const [row] = parseSlice(plugin, message);
    expect(row?.payload).toMatch(/^(\{"inner":){99}\{"inner":"[\w+/=]+"\}{99}\}$/);
    const groups = Buffer.from('3b'.repeat(100_000), 'hex');
    expect(parseSlice(plugin, groups)[0]).toMatchObject({ payload: '{}', status: '100000b not decoded' });
  });

  function varintOf(value: number): Buffer {
    return delimited(Buffer.alloc(value)).subarray(0, -value);
  }
});

const FOLDER = new URL('../../../../shared/data/protobuf/', import.meta.url);
describe.skipIf(!existsSync(FOLDER))('a descriptor set of protoc (skipped where ../shared/data is missing)', () => {
  const set = existsSync(FOLDER) ? readFileSync(new URL('chipmunk_test.bin', FOLDER)) : Buffer.alloc(0);

  test('decodes the messages of its source', async () => {
    const root = protobuf.parse(readFileSync(new URL('chipmunk_test.proto', FOLDER), 'utf8'), { keepCase: true }).root;
    const [request, response, event] = ['Request', 'Response', 'EventDesc'].map((name) =>
      root.lookupType(`my_package.${name}`),
    );
    const values = [
      [request, { id: '628977106', str: 'Hello123', tm: '1047587889' }],
      [response, { id: '42', str: 'The answer', tm: '4195858778', data: Buffer.from([1, 2, 3]) }],
      [event, { event: 2, tm: '5' }],
    ] as [protobuf.Type, object][];
    const messages = values.map(([type, value]) => Buffer.from(type.encode(type.fromObject(value)).finish()));
    const plugin = await startPlugin(set);
    configure(plugin, {});
    expect(
      parseAll(plugin, delimited(...messages), [7]).map(({ message, status, payload }) => [message, status, payload]),
    ).toEqual([
      ['Request, Response', 'OK', '{"id":"628977106","str":"Hello123","tm":"1047587889"}'],
      ['Response', 'OK', '{"id":"42","str":"The answer","tm":"4195858778","data":"AQID"}'],
      ['EventDesc', 'OK', '{"event":"EVENT_C","tm":"5"}'],
    ]);
    configure(plugin, { message: 'Request', framing: 'datagram' });
    expect(parseSlice(plugin, messages[1] as Buffer)).toMatchObject([{ message: 'Request', status: '5b not decoded' }]);
  });
});

/** A value without the difference of 0 and -0, and with numbers as 32 bits have them where both may be. */
function plain(value: unknown): unknown {
  if (typeof value === 'number') return Math.fround(value) + 0;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}
