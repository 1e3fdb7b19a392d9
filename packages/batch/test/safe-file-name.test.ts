import { safeFileName } from '@chipmunk-host/batch';
import { expect, test } from 'vitest';

test.each([
  ['trace.bin', 'trace.bin'],
  ['größe 東京 🐿.png', 'größe 東京 🐿.png'],
  ['/var/crash/core.gz', 'core.gz'],
  ['..\\..\\Windows\\win.ini', 'win.ini'],
  ['../../etc/passwd', 'passwd'],
  ['C:autoexec.bat', 'C_autoexec.bat'],
  ['a.txt:stream', 'a.txt_stream'],
  ['a<b>c"d|e?f*g', 'a_b_c_d_e_f_g'],
  ['evil\0.png', 'evil_.png'],
  ['line\r\nend\u2028\u2029\u0085.txt', 'line__end___.txt'],
  ['\u001b[31mred', '_[31mred'],
  ['photo\u202egnp.exe', 'photo_gnp.exe'],
  ['a\u200bb\ufeffc\uffff', 'a_b_c_'],
  ['half \ud800 pair', 'half _ pair'],
  ['dots...', 'dots'],
  ['spaces . . ', 'spaces'],
  ['  in front', 'in front'],
  ['no\u00a0break\ttab', 'no break_tab'],
  ['.bashrc', '_bashrc'],
  ['-rf', '_rf'],
  ['', 'attachment'],
  ['.', 'attachment'],
  ['..', 'attachment'],
  ['dir/', 'attachment'],
  ['dir/..', 'attachment'],
  [' . ', 'attachment'],
  ['CON', '_CON'],
  ['nul.txt', '_nul.txt'],
  ['Aux .log', '_Aux .log'],
  ['com¹', '_com¹'],
  ['LPT9.a.b', '_LPT9.a.b'],
  ['nul.', '_nul'],
  ['console.log', 'console.log'],
  ['com10.txt', 'com10.txt'],
  ['e\u0301.txt', '\u00e9.txt'],
])('%j becomes %j', (name, expected) => {
  expect(safeFileName(name)).toBe(expected);
});

test('what is too long is cut between characters, before the suffix', () => {
  expect(safeFileName(`${'x'.repeat(300)}.png`)).toBe(`${'x'.repeat(196)}.png`);
  expect(safeFileName(`${'ü'.repeat(300)}.png`)).toBe(`${'ü'.repeat(98)}.png`);
  expect(safeFileName('🐿'.repeat(300), 34)).toBe('🐿'.repeat(8));
  expect(safeFileName(`${'x'.repeat(198)} . .y`)).toBe(`${'x'.repeat(198)}.y`);
  expect(safeFileName(`x.${'y'.repeat(300)}`)).toBe(`x.${'y'.repeat(198)}`);
  expect(safeFileName(`CON.${'y'.repeat(300)}`)).toBe(`_CON.${'y'.repeat(195)}`);
  expect(safeFileName('x'.repeat(5_000_000)).length).toBe(200);
  expect(safeFileName(`${'\u0958'.repeat(60)}.txt`, 100)).toMatch(/^[\u0915\u093c]{32}\.txt$/);
});

test('a safe name stays as it is', () => {
  for (const name of ['/x/CON.txt', 'a\u202e b..', `${'東'.repeat(200)}.tar.gz`, '-', '...-x'])
    expect(safeFileName(safeFileName(name))).toBe(safeFileName(name));
});

test('a limit that leaves no name is refused', () => {
  for (const bytes of [0, 31, 99.5, Number.NaN, Number.POSITIVE_INFINITY])
    expect(() => safeFileName('x', bytes)).toThrow(/^The option maxBytes is .*; expected a whole number from 32/);
});
