import { expect, test } from 'vitest';
import { buildPlugin } from '#index.js';
import { loadParser } from '#testing/index.js';

/** A line is an item; what it says is done with its time. */
const source = (body: string) => `
  import { Input, Items, NO_TIME, Parser, Version } from '@chipmunk-host/sdk/assembly';
  class Lines extends Parser {
    version(): Version { return new Version(1, 0, 0); }
    parse(input: Input, out: Items): void {
      let line = input.start;
      for (let at = line; at < input.end; at++) {
        if (load<u8>(at) != 10) continue;
        out.line(line, at - line, at + 1 - line);
        ${body}
        line = at + 1;
      }
    }
  }
  export function create(): Parser { return new Lines(); }
`;
const NONE = -(2n ** 63n);

test('items have the times that they were given; only such a plugin exports times', async () => {
  const timed = await buildPlugin({
    kind: 'parser',
    name: 'timed',
    source: source(`switch (load<u8>(line)) {
      case 0x74: { out.time(<i64>(out.count * 10)); break; }
      case 0x6e: { out.time(NO_TIME); break; }
      case 0x32: { out.time(1); out.time(-2); break; }
      case 0x65: { out.parseError('as told'); return; }
    }`),
  });
  const { exports, itemTimes } = await loadParser(timed.component);
  exports.init({ logLevel: 'info' }, []);
  const timesOf = (input: string) => {
    const items = exports.parse(Buffer.from(input)).length;
    return { items, times: [...(itemTimes?.() ?? [])] };
  };
  expect(timesOf('t\nx\nt\n2\nn\nx\n')).toEqual({ items: 6, times: [10n, NONE, 30n, -2n, NONE, NONE] });
  // None of them has one, also when those of the call before had.
  expect(timesOf('x\nx\n')).toEqual({ items: 2, times: [] });
  expect(timesOf('')).toEqual({ items: 0, times: [] });
  expect(timesOf('x\nt\n')).toEqual({ items: 2, times: [NONE, 20n] });
  expect(() => exports.parse(Buffer.from('t\ne\n'))).toThrow();
  expect([...(itemTimes?.() ?? [0n])]).toEqual([]);
  // The table grows with the items, and holds those before.
  const many = 5000;
  expect(timesOf('t\n'.repeat(many)).times).toEqual(Array.from({ length: many }, (_, i) => BigInt((i + 1) * 10)));
  expect(timesOf(`${'x\n'.repeat(many)}t\n`).times).toEqual([...Array(many).fill(NONE), BigInt((many + 1) * 10)]);

  const plain = await buildPlugin({ kind: 'parser', name: 'plain', source: source('') });
  expect((await loadParser(plain.component)).itemTimes).toBeUndefined();
  expect(Buffer.from(plain.component).includes('item-times')).toBe(false);
});
