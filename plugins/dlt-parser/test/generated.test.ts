import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAll, startPlugin } from './feed.js';
import { type Framing, type Generated, generateMessage } from './generator.js';
import { Random } from './random-bytes.js';

const seeds = fc.integer();
const windows = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 8 });

/** Messages one behind the other, with the columns and the place of each. */
function joined(messages: readonly Generated[]) {
  let offset = 0;
  const rows = messages.map(({ bytes, columns }) => {
    const row = { columns, offset, bytes: bytes.length };
    offset += bytes.length;
    return row;
  });
  return { input: Buffer.concat(messages.map(({ bytes }) => bytes)), rows };
}

describe('generated messages give their rows, wherever the input is cut', () => {
  test.each<[string, Framing[]]>([
    ['with storage headers', ['storage']],
    ['with serial headers', ['serial']],
    ['with both headers', ['both']],
    ['without headers', ['bare']],
    ['of all kinds', ['storage', 'serial', 'both', 'bare']],
  ])('%s', async (_, framings) => {
    const plugin = await startPlugin();
    fc.assert(
      fc.property(seeds, windows, (seed, sizes) => {
        const random = new Random(seed);
        const { input, rows } = joined(random.list(1, 30, () => generateMessage(random, { framings })));
        const parsed = parseAll(plugin, input, {}, sizes);
        expect(parsed.rows).toEqual(rows);
        expect(parsed.skipped).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  test('with what is no message between them', async () => {
    const plugin = await startPlugin();
    fc.assert(
      fc.property(seeds, windows, (seed, sizes) => {
        const random = new Random(seed);
        const framings: Framing[] = ['storage', 'serial', 'both'];
        const parts = random.list(1, 20, () => {
          // No byte of it can begin a message.
          const garbage = Buffer.from(random.list(0, 40, () => 0x80 + random.below(128)));
          return { garbage, message: generateMessage(random, { framings, plain: true }) };
        });
        const input = Buffer.concat(parts.flatMap(({ garbage, message }) => [garbage, message.bytes]));
        const parsed = parseAll(plugin, input, {}, sizes);
        expect(parsed.rows.map(({ columns }) => columns)).toEqual(parts.map(({ message }) => message.columns));
        expect(parsed.skipped).toBe(parts.reduce((sum, { garbage }) => sum + garbage.length, 0));
      }),
      { numRuns: 200 },
    );
  });

  test('and damaged ones give the same items for all cuts', async () => {
    const plugin = await startPlugin();
    fc.assert(
      fc.property(seeds, windows, (seed, sizes) => {
        const random = new Random(seed);
        const framings: Framing[] = ['storage', 'serial', 'both', 'bare'];
        const input = Buffer.concat(random.list(1, 20, () => generateMessage(random, { framings }).bytes));
        for (let i = random.below(20); i > 0; i--) input[random.below(input.length)] = random.below(256);
        const whole = parseAll(plugin, input);
        const cut = parseAll(plugin, input, {}, sizes);
        expect(cut.rows).toEqual(whole.rows);
        expect(cut.skipped).toBe(whole.skipped);
      }),
      { numRuns: 400 },
    );
  });
});
