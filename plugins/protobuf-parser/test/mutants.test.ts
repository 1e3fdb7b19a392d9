import { expect, test } from 'vitest';
import { configure, delimited, parseAll, startPlugin } from './feed.js';
import { Random } from './random.js';
import { expectedOf, schemaOf } from './schemas.js';

const COUNT = Number(process.env.PROTOBUF_MUTANTS ?? 10_000);
const SEED = Number(process.env.PROTOBUF_MUTANTS_SEED ?? 1);
/** Changed messages in one input. */
const MUTANTS = 200;
/** Messages behind a changed one: the first one may be taken for a part of it. */
const BEHIND = 3;

const schema = schemaOf(
  'proto3',
  [
    {
      name: 'A',
      field: [
        { name: 'id', number: 1, label: 1, type: 4 },
        { name: 'text', number: 2, label: 1, type: 9 },
        { name: 'time', number: 3, label: 1, type: 6 },
        { name: 'inner', number: 4, label: 3, type: 11, typeName: '.p.A' },
        { name: 'list', number: 5, label: 3, type: 5 },
        { name: 'data', number: 6, label: 1, type: 12 },
      ],
    },
  ],
  [],
);
const type = schema.type('A');

// `npm run long -- protobuf-mutants` parses 200,000.
test(`no message is lost behind the one that follows each of ${COUNT} changed ones`, async () => {
  const plugin = await startPlugin(schema.set);
  let swallowed = 0;
  for (let done = 0, seed = SEED; done < COUNT; done += MUTANTS, seed++) {
    const random = new Random(seed);
    const parts: Buffer[] = [];
    const intact = new Map<number, string>();
    const ends = new Set<number>();
    let offset = 0;
    const add = (part: Buffer) => {
      parts.push(part);
      offset += part.length;
    };
    for (let i = 0; i < MUTANTS; i++) {
      add(mutate(random, delimited(randomMessage(random, i))));
      for (let behind = 0; behind < BEHIND; behind++) {
        const bytes = randomMessage(random, i);
        if (behind > 0) intact.set(offset, JSON.stringify(expectedOf(type, bytes)));
        add(delimited(bytes));
        ends.add(offset);
      }
    }
    const input = Buffer.concat(parts);
    configure(plugin, { message: random.pick(['A', '']) });
    const rows = parseAll(plugin, input, [1 + random.below(5000), 65_536]);
    const found = new Map<number, string>();
    let position = 0;
    let claimed = false;
    for (const { message, payload, status, bytes } of rows) {
      found.set(position, payload);
      position += bytes;
      // What is whole by its fields, or ends where a later message does, is not known to be wrong; nor where the message behind it begins.
      const isClaimed = status === 'OK' || ends.has(position) || (claimed && message === '');
      claimed = false;
      for (let place = position - bytes + 1; isClaimed && place < position; place++) {
        if (!intact.delete(place)) continue;
        swallowed++;
        claimed = true;
      }
    }
    expect(position, `seed ${seed}`).toBe(input.length);
    for (const [place, payload] of intact) {
      if (found.get(place) === payload) continue;
      const before = Math.max(...[...found.keys()].filter((start) => start < place));
      const where = `seed ${seed}: the message ${place} bytes after the start, behind ${found.get(before)} at ${before}`;
      expect(found.get(place), where).toBe(payload);
    }
  }
  expect(swallowed).toBeLessThan(5 + COUNT / 1000);
}, 3_600_000);

function randomMessage(random: Random, id: number): Buffer {
  const inner = random.list(0, 2, () => ({ id: random.below(1000), text: 'inner' }));
  const value = {
    id: 1 + id,
    text: 'message '.repeat(1 + random.below(9)),
    time: '1234567890123456789',
    ...(inner.length > 0 ? { inner } : {}),
    ...(random.chance(0.5) ? { list: [1, -1, 300] } : {}),
    ...(random.chance(0.5) ? { data: Buffer.from([1, 2, 3, 255]) } : {}),
  };
  return Buffer.from(type.encode(type.fromObject(value)).finish());
}

function mutate(random: Random, bytes: Buffer): Buffer {
  const at = random.below(bytes.length);
  const kind = random.below(6);
  if (kind === 0) return bytes.subarray(0, at);
  if (kind === 1) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(10))]);
  if (kind === 2)
    return Buffer.concat([
      bytes.subarray(0, at),
      Buffer.from(random.list(1, 9, () => random.below(256))),
      bytes.subarray(at),
    ]);
  const changed = Buffer.from(bytes);
  for (let i = 1 + random.below(3); i > 0; i--) {
    const place = random.chance(0.4) ? 0 : random.below(bytes.length);
    changed[place] = random.chance(0.5) ? random.below(256) : (changed[place] ?? 0) ^ (1 << random.below(8));
  }
  return changed;
}
