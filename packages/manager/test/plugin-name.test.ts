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
    ['.', 'it stands for another folder'],
    ['..', 'it stands for another folder'],
    ['a/b', "it contains '/'"],
    ['a\\b', "it contains '\\'"],
    ['../x', "it contains '/'"],
    ['c:x', "it contains ':'"],
    ['what?', "it contains '?'"],
    ['a\nb', 'it contains invisible characters'],
    ['a\0b', 'it contains invisible characters'],
    ['a\x7fb', 'it contains invisible characters'],
    ['msaw.\u202egnol', 'it contains invisible characters'],
    ['a\u200bb', 'it contains invisible characters'],
    ['a\u2028b', 'it contains invisible characters'],
    ['a\ud800b', 'it contains invisible characters'],
    ['.hidden', 'it begins with a dot, like hidden folders'],
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
    expect(() => requireNewName(name)).toThrow(`${quote(name)} is not a valid plugin name: ${fault}.`);
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
