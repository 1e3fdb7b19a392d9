// Lines of JSON of all kinds, and some that are none.
import type { Random } from './random.js';

const NAMES = [
  'a',
  'b',
  'c',
  'd',
  'time',
  'ts',
  'timestamp',
  'level',
  'severity',
  'msg',
  'message',
  'logger',
  'a.b',
  '',
];
const ODD_NAMES = [
  '__proto__',
  'größe',
  '😀',
  'a name of more than sixteen bytes',
  'a name of more than sixteen_bytes',
  'messages',
];
const NUMBERS = [
  '0',
  '-0',
  '1',
  '42',
  '-7',
  '1.0',
  '1.50',
  '0.001',
  '1e3',
  '1E-7',
  '2.5e+10',
  '12345678901234567890',
  '1700000000',
  '1700000000.25',
];
const ESCAPES = [
  '\\n',
  '\\"',
  '\\\\',
  '\\/',
  '\\b',
  '\\f',
  '\\r',
  '\\t',
  '\\u0041',
  '\\u00e4',
  '\\u20AC',
  '\\ud83d\\ude00',
  '\\ud83d',
  '\\uDE00',
  '\\ud83dx',
  '\\ud83d\\u0041',
  '\\u0004',
  '\\u0000',
  '\\u2028',
];
const PARTS = [
  'x',
  'ab',
  'a text',
  'ä',
  '€',
  '😀',
  '\u2028',
  '\x7f',
  '/',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  'plain text of some length ',
];
const TIMES = ['"2024-03-18T06:00:00.013Z"', '"2024-03-18T06:00:01Z"', '"1700000001"', '"soon"', '1.5'];
const SPACES = ['', '', '', '', '', ' ', '  ', '\t', '\r', ' \t '];

/** Up to `most` lines. */
export function randomInput(random: Random, most = 20, changed = 0.2): Buffer {
  const ends = ['\n', '\n', '\n', '\r\n'];
  const lines = random.list(0, most, () => randomLine(random, changed) + random.pick(ends));
  const mark = random.chance(0.2) ? '\ufeff' : '';
  const last = random.chance(0.3) ? randomLine(random, changed) : '';
  const input = Buffer.from(mark + lines.join('') + last);
  // What is not valid UTF-8.
  if (random.chance(0.2) && input.length > 0) input[random.below(input.length)] = 0x80 + random.below(128);
  return input;
}

/** @param changed how many of the objects are changed, from 0 to 1 */
export function randomLine(random: Random, changed = 0.2): string {
  if (random.chance(0.05))
    return random.pick([
      '',
      ' ',
      '\t\r',
      '\x04',
      'a\x04b',
      'plain text',
      '[1]',
      '42',
      '"text"',
      'null',
      '{',
      '}',
      '{"a"',
      '{}',
      '{} {}',
    ]);
  const object = randomObject(random, 3, random.chance(0.05) ? 60 : 8);
  const line = random.pick(SPACES) + object + random.pick(SPACES);
  return random.chance(changed) ? damaged(random, line) : line;
}

/** One or two characters are changed, taken out or put in. */
function damaged(random: Random, line: string): string {
  let text = line;
  for (let i = 1 + random.below(2); i > 0; i--) {
    const at = random.below(text.length + 1);
    const put = random.chance(0.6)
      ? random.pick(['"', '\\', ',', ':', '{', '}', '[', ']', '0', '.', 'e', '-', 'n', ' ', '\x01', '\\u12'])
      : '';
    text = text.slice(0, at) + put + text.slice(at + random.below(2));
  }
  return text;
}

export function randomObject(random: Random, depth: number, most: number): string {
  const space = () => (random.chance(0.2) ? random.pick(SPACES) : '');
  const members = random.list(0, most, () => `${randomName(random)}${space()}:${space()}${randomValue(random, depth)}`);
  return `{${space()}${members.join(`${space()},${space()}`)}${space()}}`;
}

function randomName(random: Random): string {
  const name = random.chance(0.1) ? random.pick(ODD_NAMES) : random.pick(NAMES);
  if (!random.chance(0.1)) return JSON.stringify(name);
  // The same name, with escapes.
  return `"${[...name].map((character) => (character < '\x80' && random.chance(0.5) ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : character)).join('')}"`;
}

function randomValue(random: Random, depth: number): string {
  const kind = random.below(depth > 0 ? 10 : 7);
  if (kind < 3) return randomText(random);
  if (kind === 3) return random.pick(NUMBERS);
  if (kind === 4) return random.pick(TIMES);
  if (kind === 5) return random.pick(['true', 'false', 'null']);
  if (kind === 6) return random.pick(['[]', '{}', '""']);
  if (kind === 7)
    return `[${random.list(0, 4, () => randomValue(random, depth - 1)).join(random.chance(0.2) ? ' , ' : ',')}]`;
  return randomObject(random, depth - 1, 4);
}

function randomText(random: Random): string {
  const length = random.chance(0.05) ? 60 : 6;
  return `"${random.list(0, length, () => (random.chance(0.25) ? random.pick(ESCAPES) : random.pick(PARTS))).join('')}"`;
}
