import { expect, test } from 'vitest';
import { configOf, type Settings, startPlugin } from './feed.js';
import { schemaOf } from './schemas.js';

const message = (name: string, typeName?: string) => ({
  name,
  field: [{ name: 'f', number: 1, label: 1, ...(typeName === undefined ? { type: 5 } : { type: 11, typeName }) }],
});
const set = (...messages: ReturnType<typeof message>[]) => schemaOf('proto3', messages, []).set;
const AB = set(message('A'), message('B'));
/** A set whose field has a type of another file. */
const OPEN = Buffer.from(AB.toString('latin1').replace('\x28\x05', '\x28\x0b'), 'latin1');

test.each<[Settings, readonly Buffer[], string]>([
  [
    { sets: [] },
    [],
    'descriptor-set: expected the path of a descriptor set, which protoc --descriptor_set_out --include_imports writes',
  ],
  [{}, [], "descriptor-set: cannot open 'set/0': "],
  [{ sets: ['other/0'] }, [], "descriptor-set: cannot open 'other/0': it lies in no directory that was granted"],
  [{}, [Buffer.from('syntax = "proto3";')], "descriptor-set: expected a descriptor set in 'set/0'"],
  [{}, [Buffer.alloc(0)], "descriptor-set: expected a descriptor set in 'set/0'"],
  [{}, [AB.subarray(0, -1)], "descriptor-set: expected a descriptor set in 'set/0'"],
  [
    {},
    [OPEN],
    "descriptor-set: the type '' of the field 'f' of 'p.A' is in none of the sets: protoc adds it with --include_imports",
  ],
  [{ message: 'C' }, [AB], "message: expected one of p.A, p.B, not 'C'"],
  [{ message: 'A,' }, [AB], "message: expected one of p.A, p.B, not ''"],
  [{ framing: 'none' }, [AB], "framing: expected length-delimited or datagram, not 'none'"],
  [{ most: 0 }, [AB], 'most-mebibytes: expected 1 to 256, not 0'],
])('%j is refused', async (settings, sets, expected) => {
  const { exports } = await startPlugin(...sets);
  let error: unknown;
  try {
    exports.init({ logLevel: 'info' }, configOf(settings));
  } catch (thrown) {
    error = thrown;
  }
  expect(JSON.stringify(error)).toContain(expected);
});

test('sets may be in several files', async () => {
  const { exports } = await startPlugin(set(message('A')), set(message('B')));
  exports.init({ logLevel: 'info' }, configOf({ sets: ['set/0', 'set/1'], message: 'p.A, B' }));
  expect(exports.parse(Buffer.from([2, 8, 1]))).toHaveLength(1);
});

test('describes its configuration and its columns', async () => {
  const { exports } = await startPlugin();
  expect(exports.getConfigSchemas().map(({ id, inputType }) => [id, inputType.tag])).toEqual([
    ['descriptor-set', 'files'],
    ['message', 'text'],
    ['framing', 'dropdown'],
    ['most-mebibytes', 'integer'],
  ]);
  expect(exports.getRenderOptions().columnsOptions?.columns.map(({ caption }) => caption)).toEqual([
    'Message',
    'Status',
    'Payload',
  ]);
});
