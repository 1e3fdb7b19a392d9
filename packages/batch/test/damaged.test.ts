/** Batches and records that are written by hand, as docs/batch-format.md has them, with one thing wrong: each is refused by name. */
import { Batch, BatchError, readElement } from '@chipmunk-host/batch';
import { expect, test } from 'vitest';

const VARYING = 0xffff_ffff;

function fixint(value: number): Buffer {
  return Buffer.from([value]);
}

function u32(value: number, type = 0xce): Buffer {
  const bytes = Buffer.from([type, 0, 0, 0, 0]);
  bytes.writeUInt32BE(value, 1);
  return bytes;
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.concat([Buffer.from([0xcf]), Buffer.alloc(8)]);
  bytes.writeBigUInt64BE(value, 1);
  return bytes;
}

function fixstr(text: string): Buffer {
  return Buffer.concat([Buffer.from([0xa0 | text.length]), Buffer.from(text)]);
}

function bin(content: Uint8Array): Buffer {
  return Buffer.concat([u32(content.length, 0xc6), content]);
}

function table(label: string, content: Uint8Array): Buffer {
  return Buffer.concat([fixstr(label), bin(content)]);
}

function numbers(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, 4 * index);
  return bytes;
}

/** Two lines, "one" and "two", of four bytes each. */
const ELEMENTS = {
  header: Buffer.from([0xdc, 0, 22]),
  version: fixint(1),
  flags: fixint(1),
  entries: u32(2),
  items: u32(2),
  offset: u64(0n),
  bytes: u64(8n),
  skippedBytes: u64(0n),
  stringsPerEntry: u32(1),
  kinds: table('kinds', Uint8Array.of(1, 1)),
  consumed: table('consumed', numbers(4, 4)),
  stringCounts: table('string-counts', numbers()),
  textEnds: table('text-ends', numbers(3, 6)),
  unitEnds: table('unit-ends', numbers()),
  attachments: Buffer.concat([fixstr('attachments'), u32(0, 0xdd)]),
  text: table('text', Buffer.from('onetwo')),
  rest: Buffer.alloc(0),
};
type Elements = typeof ELEMENTS;

function batchBytes(changes: Partial<Elements> = {}): Uint8Array {
  return Uint8Array.from(Buffer.concat(Object.values({ ...ELEMENTS, ...changes })));
}

interface AttachmentChanges {
  readonly map?: number;
  readonly entry?: number;
  readonly nameKey?: string;
}

/** As attachments of a batch: one without content, of entry 1. */
function attachments({ map = 0x87, entry = 1, nameKey = 'name' }: AttachmentChanges): Partial<Elements> {
  const members = [
    ...[fixstr('entry'), u32(entry), fixstr(nameKey), u32(0, 0xdb), fixstr('size'), u64(0n)],
    ...[fixstr('created'), fixint(0xc0), fixstr('modified'), fixint(0xc0)],
    ...[fixstr('messages'), u32(0, 0xdd), fixstr('data'), bin(new Uint8Array())],
  ];
  const list = [fixstr('attachments'), u32(1, 0xdd), fixint(map), ...members];
  return { kinds: table('kinds', Uint8Array.of(1, 4)), attachments: Buffer.concat(list) };
}

/** Without the flag for ASCII. */
function units(...ends: number[]): Partial<Elements> {
  return { flags: fixint(0), unitEnds: table('unit-ends', numbers(...ends)) };
}

function counts(...ends: number[]): Partial<Elements> {
  return { stringsPerEntry: u32(VARYING), stringCounts: table('string-counts', numbers(...ends)) };
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

test('what is written by hand is read when nothing is wrong', () => {
  for (const changes of [{}, units(3, 6), counts(1, 2), attachments({})])
    expect([...Batch.from(batchBytes(changes))].map(({ text }) => text)).toEqual(['one', 'two']);
  expect(Batch.from(batchBytes(attachments({}))).attachmentOf(1)?.data).toEqual(new Uint8Array());
});

const REFUSED_AT_ONCE: readonly [title: string, changes: Partial<Elements>, message: string][] = [
  ['another number of elements', { header: Buffer.from([0xdc, 0, 21]) }, 'it is not an array of 22'],
  ['another version', { version: fixint(3) }, 'version 3 is not known'],
  ['a flag that is not known', { flags: fixint(3) }, 'flags 3 are not known'],
  ['a number of another type', { entries: u32(2, 0xd2) }, 'type byte 210 where 206 is due'],
  ['an offset beyond 2^53', { offset: u64(2n ** 53n) }, '9007199254740992 bytes cannot be counted'],
  ['more items than entries', { items: u32(3) }, 'its counts disagree'],
  ['more skipped bytes than bytes', { skippedBytes: u64(9n) }, 'its counts disagree'],
  [
    'a table without a label',
    { kinds: Buffer.concat([fixint(0xc0), bin(Uint8Array.of(1, 1))]) },
    'a label begins with 192',
  ],
  ['a table that is too long', { kinds: table('kinds', Uint8Array.of(1, 1, 1)) }, 'a table has 3 bytes instead of 2'],
  ['a table that is too short', { consumed: table('consumed', numbers(8)) }, 'a table has 4 bytes instead of 8'],
  [
    'more attachments than items',
    { attachments: Buffer.concat([fixstr(''), u32(3, 0xdd)]) },
    'more attachments than items',
  ],
  ['an attachment that is no map of seven', attachments({ map: 0x86 }), 'an attachment is not a map of 7'],
  ['an attachment without a name', attachments({ nameKey: 'nome' }), 'an attachment has no name where it should'],
  [
    'text behind the last string',
    { textEnds: table('text-ends', numbers(3, 5)) },
    'its text does not end where the last string',
  ],
  [
    'less text than strings',
    { text: table('text', Buffer.from('onetw')) },
    'its text does not end where the last string',
  ],
  ['bytes behind it', { rest: Buffer.alloc(1) }, '1 bytes follow it'],
];

test.each(REFUSED_AT_ONCE)('a batch with %s is refused at once', (_, changes, message) => {
  expect(refusal(() => Batch.from(batchBytes(changes)))).toContain(message);
});

type Read = (batch: Batch) => unknown;
const items: Read = (batch) => [...batch];
const texts: Read = (batch) => [...batch].map(({ text }) => text);
const lines: Read = (batch) => [...batch.encodedLines('\t')];
const inOrder: Read = (batch) => batch.forEachText(() => {});
/** Three lines of "one" and "two", whose ends in units are in another order than their ends in bytes. */
const crossed: Partial<Elements> = {
  ...units(4, 2, 6),
  ...{ entries: u32(3), items: u32(3), bytes: u64(12n) },
  ...{ kinds: table('kinds', Uint8Array.of(1, 1, 1)), consumed: table('consumed', numbers(4, 4, 4)) },
  textEnds: table('text-ends', numbers(2, 4, 6)),
};
const unknownKind = { kinds: table('kinds', Uint8Array.of(1, 6)) };

const REFUSED_WHEN_READ: readonly [title: string, changes: Partial<Elements>, read: Read, message: string][] = [
  ['a kind that is not known, as items', unknownKind, items, 'entry 1 has kind 6'],
  ['a kind that is not known, as lines', unknownKind, lines, 'entry 1 has kind 6'],
  ['a kind that is not known, asked for', unknownKind, (batch) => batch.kind(1), 'entry 1 has kind 6'],
  ['strings counted backwards', counts(3, 2), (batch) => batch.text(1), 'entry 1 begins beyond the last string'],
  ['another number of items, as items', { items: u32(1) }, items, 'its tables and totals disagree'],
  [
    'another number of items, as texts',
    { items: u32(1) },
    (batch) => batch.forEachText(() => {}),
    'tables and totals disagree',
  ],
  ['another number of items, as lines', { items: u32(1) }, lines, 'its tables and totals disagree'],
  ['another number of bytes', { bytes: u64(9n) }, items, 'its tables and totals disagree'],
  ['a string that ends behind the text, in units', units(7, 6), (batch) => batch.text(0), 'string 0 or one near it'],
  ['a string that ends before it begins, in units', units(3, 2), (batch) => batch.text(1), 'string 1 or one near it'],
  ['a string that ends behind the text, in units, in order', units(7, 6), inOrder, 'string 0 or one near it'],
  ['a string that ends before it begins, in units, in order', crossed, inOrder, 'string 1 or one near it'],
  ['fewer units than its text has', units(3, 5), texts, 'string 0 or one near it'],
  ['fewer units than its text has, in order', units(3, 5), inOrder, 'string 0 or one near it'],
  [
    'a string that ends behind the text, as bytes',
    { textEnds: table('text-ends', numbers(7, 6)) },
    (batch) => batch.encodedColumnsOf(0),
    'string 0 or one near it',
  ],
  [
    'a string that ends before it begins, as bytes',
    { entries: u32(2), textEnds: table('text-ends', numbers(5, 3)), text: table('text', Buffer.from('one')) },
    (batch) => batch.encodedColumnsOf(1),
    'string 0 or one near it',
  ],
];

test.each(REFUSED_WHEN_READ)('a batch with %s is refused when that is read', (_, changes, read, message) => {
  const batch = Batch.from(batchBytes(changes));
  expect(refusal(() => read(batch))).toContain(message);
});

test('an attachment of an entry that cannot have one is of no item', () => {
  const changes = { ...attachments({ entry: 0 }), kinds: table('kinds', Uint8Array.of(1, 1)) };
  expect([...Batch.from(batchBytes(changes))].map(({ attachment }) => attachment)).toEqual([undefined, undefined]);
});

test.each([-1, 2, 0.5, Number.NaN])('the entry %d is refused, since there is none', (entry) => {
  const batch = Batch.from(batchBytes());
  for (const read of [() => batch.text(entry), () => batch.kind(entry), () => batch.columnsOf(entry)])
    expect(read).toThrow(/^The entry is .*; expected a whole number from 0, below the number of entries, 2\.$/);
});

/** A gap of 5 bytes at byte 3. */
const GAP = Buffer.concat([
  Buffer.from([0x85]),
  fixstr('restarts'),
  fixint(0),
  fixstr('error'),
  Buffer.from([0x80]),
  fixstr('type'),
  fixstr('gap'),
  fixstr('offset'),
  fixint(3),
  fixstr('length'),
  fixint(5),
]);

function recordBytes({ version = 1, lengthType = 0xce, length = GAP.length, content = GAP } = {}): Uint8Array {
  return Uint8Array.from(Buffer.concat([Buffer.from([0xdc, 0, 3, version]), u32(length, lengthType), content]));
}

test('a record that is written by hand is read when nothing is wrong', () => {
  expect(readElement(recordBytes())).toMatchObject({ type: 'gap', offset: 3, length: 5, restarts: 0, error: {} });
});

const UNKNOWN = Buffer.from(GAP.toString('latin1').replace('gap', 'cap'), 'latin1');
const FRACTION = Buffer.concat([GAP.subarray(0, -1), u32(5, 0xca)]);

test.each([
  ['that ends in its header', recordBytes().slice(0, 8), 'a record is cut off'],
  ['with a byte behind it', Uint8Array.from([...recordBytes(), 0]), '1 bytes follow it'],
  ['that is shorter than it says', recordBytes({ length: GAP.length + 1 }), 'a record is cut off'],
  ['of another version', recordBytes({ version: 3 }), 'version 3 is not known'],
  ['with a length of another type', recordBytes({ lengthType: 0xcf }), 'the length of a record is damaged'],
  ['of a type that is not known', recordBytes({ content: UNKNOWN }), 'it is neither a gap nor a restart'],
  [
    'whose length is no whole number',
    recordBytes({ content: FRACTION, length: FRACTION.length }),
    'a gap or restart lacks its place',
  ],
])('a record %s is refused', (_, bytes, message) => {
  expect(refusal(() => readElement(bytes))).toContain(message);
});
