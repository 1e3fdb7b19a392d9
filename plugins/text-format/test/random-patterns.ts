// Random patterns, and texts that are likely to match them in part.
import type { Random } from './random.js';

const CHARACTERS = ['a', 'b', 'c', ' ', '1', 'ä', '😀', ':', '\\]', '\\.'];
const CLASSES = [
  '\\d',
  '\\w',
  '\\S',
  '\\s',
  '.',
  '[ab]',
  '[^ab]',
  '[^ ]',
  '[a-c]',
  '[^ä]',
  '[ä-😀]',
  '[\\d:]',
  '[^\\s:]',
  '\\W',
  '\\D',
];
const TIMES = ['*', '+', '?', '*?', '+?', '??', '{2}', '{1,3}', '{0,2}?', '{2,}', '{1,}?'];

/** The text of a pattern with named groups, none of them in a repetition. */
export function randomPattern(random: Random): string {
  let groups = 0;
  return either(3, true);

  function either(depth: number, mayName: boolean): string {
    return random.list(1, random.chance(0.3) ? 3 : 1, () => sequence(depth, mayName)).join('|');
  }

  /** JavaScript does not take a repetition that matches nothing; here it is one like others. */
  function filled(depth: number, mayName: boolean): string {
    return `${random.pick(CHARACTERS)}(?:${either(depth, mayName)})`;
  }

  function sequence(depth: number, mayName: boolean): string {
    return random.list(random.chance(0.1) ? 0 : 1, 4, () => part(depth, mayName)).join('');
  }

  function part(depth: number, mayName: boolean): string {
    if (depth > 0 && mayName && random.chance(0.4)) {
      const name = `g${groups++}`;
      return random.chance(0.2) ? `(?<${name}>${filled(depth - 1, true)})?` : `(?<${name}>${either(depth - 1, true)})`;
    }
    if (depth > 0 && random.chance(0.15)) return `(?:${either(depth - 1, mayName)})`;
    const isGroup = depth > 0 && random.chance(0.15);
    const one = isGroup ? `(?:${filled(depth - 1, false)})` : random.pick(random.chance(0.5) ? CHARACTERS : CLASSES);
    if (random.chance(0.05)) return random.pick(['\\b', '\\B', '^', '$']);
    return random.chance(0.5) ? `${one}${random.pick(TIMES)}` : one;
  }
}

export function randomText(random: Random): string {
  const letters = random.pick([
    ['a', 'b'],
    ['a', 'b', ' ', '1'],
    ['a', 'ä', '😀', ':', ']', '.', 'b', 'c', ' '],
  ]);
  return random.list(0, random.chance(0.1) ? 60 : 12, () => random.pick(letters)).join('');
}
