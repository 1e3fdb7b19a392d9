import { describe, expect, test } from 'vitest';
import { configOf, parseAll, startPlugin } from './feed.js';
import { Random } from './random.js';
import { randomPattern, randomText } from './random-patterns.js';

describe('patterns', () => {
  test('match as JavaScript does', async () => {
    let matched = 0;
    for (let seed = 1; seed <= 1000; seed++) {
      const random = new Random(seed);
      const pattern = `(?<all>${randomPattern(random)})`;
      const expression = new RegExp(`^(?:${pattern})$`, 'su');
      const plugin = seed % 100 === 1 || shared === undefined ? await startShared() : shared;
      const lines = random.list(1, 20, () => randomText(random));
      const input = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      const rows = parseAll(plugin, input, { pattern, continuation: 'none' });
      // The first column of a pattern without the group `message` that is last shows the lines that do not match.
      const names = plugin.exports.getRenderOptions().columnsOptions?.columns.map(({ caption }) => caption) ?? [];
      const expected = lines.map((line) => {
        const found = expression.exec(line);
        if (found === null) return names.map((_, index) => (index === names.length - 1 ? line : ''));
        matched++;
        return names.map((name) => found.groups?.[name] ?? '');
      });
      expect(
        rows.map(({ shown }) => shown),
        `seed ${seed}: ${pattern}`,
      ).toEqual(expected);
    }
    expect(matched).toBeGreaterThan(300);
  });

  let shared: Awaited<ReturnType<typeof startPlugin>> | undefined;
  async function startShared() {
    shared = await startPlugin();
    return shared;
  }

  test.each([
    ['(?<a>.*.*.*.*.*x)', 'a'],
    ['(?<a>(?:a*)*b)', 'a'],
    ['(?<a>(?:a|aa)+b)', 'a'],
    ['(?<a>(?:a?){100}a{100}b)', 'a'],
    ['(?<a>.*a[^b]*b)', 'a'],
    ['(?<a>(?:.*?a)*?[^b]*b)', 'a'],
    ['(?<a>(?:[^b]*c|[^b]*d|.*e)*f)', 'a'],
    ['(?<a>[ä-ü]*[ä-ü]*x)', 'ä'],
  ])('%s takes time that grows with the text alone', async (pattern, letter) => {
    const plugin = await startPlugin();
    // Steps of a search that tries all ways would not end before the test does.
    const line = `${letter.repeat(200_000)}\n`;
    const rows = parseAll(plugin, Buffer.from(line), { pattern });
    expect(rows.map(({ shown }) => shown?.[0]?.length)).toEqual([line.length - 1]);
  });

  test.each([
    ['(?<a>b', "this '(' has no ')', at character 1: '(?<a>b'"],
    ['(?<a>b)) c', "a ')' has no '(' before it, at character 8: ') c'"],
    ['(?<a>[b', "this '[' has no ']', at character 6: '[b'"],
    [
      '(?<a>b)*',
      "a group with a name cannot be repeated: put the repetition into the group, at character 1: '(?<a>b)*'",
    ],
    ['x(?:(?<a>b)c)+', 'a group with a name cannot be repeated'],
    ['*(?<a>b)', "there is nothing before it that could be repeated, at character 1: '*(?<a>b)'"],
    ['(?<a>b**)', "there is a repetition before it already, at character 8: '*)'"],
    ['(?<a>b{3,2})', 'expected the smaller number of repetitions first'],
    ['(?<a>b{2000})', 'expected up to 1000 repetitions'],
    ['(?<a>b{x})', "expected a number of repetitions, at character 8: 'x})'"],
    ['(?<a>b)(?<a>c)', "the name 'a' is there twice, at character 11: 'a>c)'"],
    ['(?<1>b)', "expected the name of a group, of letters, digits and '_', and '>' behind it, at character 4: '1>b)'"],
    ['(?=a)(?<b>c)', 'expected (?<name>, (?: or (: other groups are not known, at character 1'],
    ['(?<=a)(?<b>c)', 'other groups are not known, at character 1'],
    ['(?<a>b)\\1', "this escape is not known, at character 8: '\\\\1'"],
    ['(?<a>\\p{L})', 'this escape is not known, at character 6'],
    ['(?<a>[z-a])', 'expected the smaller character first'],
    ['(?<a>[\\d-z])', "expected a character on either side of '-'"],
    ['(?<a>\\ud83d)', 'expected a character, not half of one'],
    ['(?<a>\\u12)', 'expected 4 hexadecimal digits'],
    ['(?<a>b)\\', 'expected a character behind the backslash'],
    ['(?<a>^+)', 'expected a character, a class or a group before it, not a place'],
    ['(?<a>(?:(?:x{1000}){1000}){1000})', 'it is too long with all its repetitions'],
    ['abc', "expected a group with a name, such as (?<message>.*), in 'abc'"],
    ['('.repeat(300), 'expected groups in groups up to 200 deep'],
    [Array.from({ length: 101 }, (_, i) => `(?<g${i}>a)`).join(''), 'expected up to 100 groups with names, not 101'],
    [`(?<a>b)${'x'.repeat(50)})`, "at character 58: ')'"],
  ])('%j is refused, with the place', async (pattern, message) => {
    const { exports } = await startPlugin();
    let error: unknown;
    try {
      exports.init({ logLevel: 'info' }, configOf({ pattern }));
    } catch (thrown) {
      error = thrown;
    }
    expect(JSON.stringify(error)).toContain('pattern: ');
    expect(JSON.stringify(error)).toContain(JSON.stringify(message).slice(1, -1).replaceAll('\\\\\\\\', '\\\\'));
  });
});
