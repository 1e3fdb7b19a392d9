import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quote } from '#shared/quote.js';
import { isEntryName, nameFault, requireNewName } from '#store/plugin-name.js';

describe('a name for a new plugin', () => {
  test.each([
    'string_parser',
    'my-parser',
    'dlt 2',
    'a.b',
    'Wörter',
    '解析',
    'console',
    'com',
    'com10',
    'nul_parser',
    '-x',
  ])('may be %j', (name) => {
    expect(nameFault(name)).toBeUndefined();
  });

  test.each([
    ['', 'it is empty'],
    ['.', 'it means a folder of its own'],
    ['..', 'it means a folder of its own'],
    ['a/b', "it holds '/'"],
    ['a\\b', "it holds '\\'"],
    ['../x', "it holds '/'"],
    ['c:x', "it holds ':'"],
    ['what?', "it holds '?'"],
    ['a\nb', 'it holds characters that cannot be seen'],
    ['a\0b', 'it holds characters that cannot be seen'],
    ['a\x7fb', 'it holds characters that cannot be seen'],
    ['msaw.\u202egnol', 'it holds characters that cannot be seen'],
    ['a\u200bb', 'it holds characters that cannot be seen'],
    ['a\u2028b', 'it holds characters that cannot be seen'],
    ['a\ud800b', 'it holds characters that cannot be seen'],
    ['.hidden', 'it begins with a dot, as hidden folders do'],
    ['x.', 'it ends in a dot'],
    ['x ', 'it begins or ends with a space'],
    [' x', 'it begins or ends with a space'],
    ['con', 'it is reserved for a device on some systems'],
    ['NUL', 'it is reserved for a device on some systems'],
    ['aux.tar', 'it is reserved for a device on some systems'],
    ['LPT1', 'it is reserved for a device on some systems'],
    ['com¹', 'it is reserved for a device on some systems'],
    ['x'.repeat(201), 'it is longer than 200 bytes'],
    ['解'.repeat(67), 'it is longer than 200 bytes'],
  ])('may not be %j', (name, fault) => {
    expect(nameFault(name)).toBe(fault);
    expect(() => requireNewName(name)).toThrow(`${quote(name)} is no name for a plugin: ${fault}.`);
  });

  test('is one that can be removed again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        if (nameFault(name) === undefined) expect(isEntryName(name)).toBe(true);
      }),
    );
  });
});

test('what cannot be seen in a name is escaped in a message, and what is long is cut', () => {
  expect(quote('a\nb\u202e')).toBe("'a\\u{a}b\\u{202e}'");
  expect(quote('x'.repeat(500))).toBe(`'${'x'.repeat(100)}…'`);
});
