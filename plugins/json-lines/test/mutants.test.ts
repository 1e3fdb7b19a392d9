import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { parseAll, type Settings, startPlugin } from './feed.js';
import { randomInput } from './generator.js';
import { Random } from './random.js';
import { comparable, expectedItems } from './reference.js';

const COUNT = Number(process.env.JSON_LINES_MUTANTS ?? 10_000);
const SEED = Number(process.env.JSON_LINES_MUTANTS_SEED ?? 1);
const SETTINGS: readonly Settings[] = [{}, { columns: 'a,b.c,message,ts' }];

// `npm run long -- json-lines-mutants` parses a million.
test(`${COUNT} lines, half of which were changed, are taken or refused as by JSON.parse`, async () => {
  const plugin = await startPlugin();
  for (let done = 0, seed = SEED; done < COUNT; seed++) {
    const random = new Random(seed);
    const input = randomInput(random, 200, 0.5);
    const settings = random.pick(SETTINGS);
    const expected = expectedItems(input, settings);
    const items = comparable(parseAll(plugin, input, settings, [1 + random.below(input.length + 1), 65536]), settings);
    done += expected.length;
    if (isDeepStrictEqual(items, expected)) continue;
    const wrong = items.findIndex((item, index) => !isDeepStrictEqual(item, expected[index]));
    expect(items[wrong], `seed ${seed}, line ${wrong}`).toEqual(expected[wrong]);
    expect(items.length, `seed ${seed}`).toBe(expected.length);
  }
}, 3_600_000);
