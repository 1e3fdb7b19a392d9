/** Chipmunk's filter presets, of each form that it has exported. */
import { type FilterPreset, presetPattern, readFilterPresets } from '@chipmunk-host/manager';
import { describe, expect, test } from 'vitest';
import { setStage } from './support.js';

const stage = setStage();

async function read(document: unknown): Promise<readonly FilterPreset[]> {
  const content = typeof document === 'string' ? document : JSON.stringify(document);
  return readFilterPresets(await stage.file('presets.json', content));
}

function filter(value: string, flags: { is_regex?: boolean; ignore_case?: boolean; is_word?: boolean } = {}) {
  return { value, is_regex: false, ignore_case: false, is_word: false, ...flags };
}

const document = (version: number, presets: readonly unknown[]) => ({
  kind: 'chipmunk_named_presets',
  version,
  presets,
});

describe('a file of presets', () => {
  test('of version 2 says which filters are enabled', async () => {
    const colors = { fg: [0, 0, 0, 255], bg: [255, 255, 255, 255] };
    const presets = await read(
      document(2, [
        {
          name: 'Errors',
          filters: [
            { filter: filter('a.b', { ignore_case: true }), enabled: true, colors },
            { filter: filter('\\d+', { is_regex: true, is_word: true }), enabled: true, colors },
            { filter: filter('off'), enabled: false, colors },
          ],
          search_values: [{ filter: filter('cpu=(\\d+)', { is_regex: true }), enabled: true, color: [1, 2, 3, 4] }],
        },
      ]),
    );
    expect(presets).toMatchObject([{ name: 'Errors', ignoredEntries: 1, filters: [{}, {}, { enabled: false }] }]);
    expect(presets.map(presetPattern)).toEqual(['(?i:a\\.b)|(?:\\b(?:\\d+)\\b)']);
  });

  test('of version 1 has all of them enabled', async () => {
    const presets = await read(
      document(1, [{ name: 'All', filters: [filter('a|b'), filter('[', {})], search_values: [] }]),
    );
    expect(presets.map(presetPattern)).toEqual(['(?:a\\|b)|(?:\\[)']);
  });

  test('of Chipmunk 3 holds JSON in JSON', async () => {
    const entry = (value: string, flags: object, active?: boolean) => ({
      filters: JSON.stringify({ filter: { filter: value, flags }, active, colors: {} }),
    });
    const collection = (name: string, entries: readonly unknown[]) => ({
      content: JSON.stringify({ n: name, e: entries }),
    });
    const content = JSON.stringify({
      c: [
        collection('Old', [
          entry('warn', { reg: false, word: true, cases: false }),
          entry('err.r', { reg: true, word: false, cases: true }),
          entry('no', { reg: false }, false),
          { bookmark: '{}' },
          { charts: '{}' },
        ]),
        collection('-', [entry('unnamed', {})]),
      ],
    });
    const presets = await read([{ content }, { content: '{}' }]);
    expect(presets).toMatchObject([{ name: 'Old', ignoredEntries: 2 }]);
    expect(presets.map(presetPattern)).toEqual(['(?i:\\b(?:warn)\\b)|(?:err.r)']);
  });

  test.each<[what: string, content: unknown, message: RegExp]>([
    ['no JSON', '{"kind":', /presets\.json' are not of Chipmunk's form: .*JSON/],
    ['of another kind', { kind: 'x' }, /kind is "x"; expected "chipmunk_named_presets"/],
    ['of a later version', document(3, []), /version is 3; expected 1 or 2/],
    ['a preset without a name', document(1, [{ filters: [] }]), /presets\[0\]: expected a text, got undefined/],
    [
      'a filter without its flags',
      document(1, [{ name: 'x', filters: [{ value: 'y' }] }]),
      /presets\[0\]: filters\[0\]: expected true or false, got undefined/,
    ],
    ['an old one that was cut', [{ content: '{"c":[{"content":"{"}]}' }], /\[0\]: c\[0\]: .*JSON/],
  ])('that is %s is refused with the place', async (_, content, message) => {
    await expect(read(content)).rejects.toMatchObject({
      code: 'ERR_CONFIG_FILE',
      message: expect.stringMatching(message),
    });
  });

  test('that is not there is refused', async () => {
    await expect(readFilterPresets('missing.json')).rejects.toMatchObject({
      code: 'ERR_CONFIG_FILE',
      message: "There is no file of filter presets 'missing.json'.",
    });
  });
});

test('a preset without an enabled filter selects nothing, and is refused', () => {
  expect(() => presetPattern({ name: 'None', filters: [], ignoredEntries: 0 })).toThrow(/'None' has no enabled filter/);
});
