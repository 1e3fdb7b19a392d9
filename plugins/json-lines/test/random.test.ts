import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAll, type Settings, startPlugin } from './feed.js';
import { randomInput } from './generator.js';
import { Random } from './random.js';
import { comparable, expectedItems } from './reference.js';

const windows = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 8 });
const settings = fc.constantFrom<Settings>(
  {},
  { rest: false },
  { columns: 'a,b,msg' },
  { columns: 'a.b,a.c,b.a.b,msg' },
  { columns: 'a,a.b,time,d.ts', rest: false },
  { columns: 'a name of more than sixteen bytes,größe,😀,__proto__,b.b.b.b' },
);

describe('lines give what JSON.parse makes of them', () => {
  test('wherever the input is cut', async () => {
    const plugin = await startPlugin();
    fc.assert(
      fc.property(fc.integer(), windows, settings, (seed, sizes, chosen) => {
        const input = randomInput(new Random(seed));
        const items = parseAll(plugin, input, chosen, sizes);
        expect(comparable(items, chosen)).toEqual(expectedItems(input, chosen));
      }),
      { numRuns: 500, seed: 16 },
    );
  });
});
