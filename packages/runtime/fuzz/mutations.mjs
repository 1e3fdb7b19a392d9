/** Ways to damage a component, from a flipped bit to a name that would be code. */

const HOSTILE_NAMES = [
  "'];globalThis.hostile=1;//",
  '"];globalThis.hostile=1;//',
  '`;globalThis.hostile=1;`',
  '*/globalThis.hostile=1/*',
  `$${'{globalThis.hostile=1}'}`,
  'a\nglobalThis.hostile=1\n',
  "\\';globalThis.hostile=1;//",
  '\u2028globalThis.hostile=1',
  '__proto__',
  'constructor',
  'class',
  '-->',
];
const HOSTILE_NUMBERS = [
  [0x00],
  [0x7f],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0x7f],
  [0x80, 0x80, 0x80, 0x80, 0x00],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
  [0xff, 0xff, 0x03],
  [0x80, 0x80, 0x04],
];
const NAME = /[A-Za-z$[@#|:./-][\w$[\]@#|:./-]{2,}/g;

/** @returns a mutant, one to three mutations away from a member of the corpus. */
export function mutate(corpus, random) {
  let bytes = Buffer.from(random.pick(corpus));
  for (let left = 1 + random.below(3); left > 0; left--) bytes = random.pick(MUTATIONS)(bytes, random, corpus);
  return bytes;
}

const MUTATIONS = [
  flipBits,
  flipBits,
  changeByte,
  truncate,
  insertBytes,
  removeBytes,
  changeNumber,
  changeNumber,
  changeSections,
  changeSections,
  splice,
  renameEverywhere,
  renameEverywhere,
  renameOnce,
];

function flipBits(bytes, random) {
  for (let left = 1 + random.below(8); left > 0 && bytes.length > 0; left--)
    bytes[random.below(bytes.length)] ^= 1 << random.below(8);
  return bytes;
}

function changeByte(bytes, random) {
  if (bytes.length > 0) bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
}

function truncate(bytes, random) {
  return bytes.subarray(0, random.below(bytes.length + 1));
}

function insertBytes(bytes, random) {
  const at = random.below(bytes.length + 1);
  const inserted = Buffer.from(Array.from({ length: 1 + random.below(8) }, () => random.below(256)));
  return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)]);
}

function removeBytes(bytes, random) {
  const at = random.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(8))]);
}

function changeNumber(bytes, random) {
  const at = random.below(bytes.length + 1);
  const number = Buffer.from(random.pick(HOSTILE_NUMBERS));
  return Buffer.concat([bytes.subarray(0, at), number, bytes.subarray(at + random.below(number.length + 1))]);
}

/** Moves, repeats or removes a section of the outermost component. */
function changeSections(bytes, random) {
  const sections = sectionsOf(bytes);
  if (sections.length === 0) return bytes;
  const [from, to] = [random.below(sections.length), random.below(sections.length)];
  const kind = random.below(3);
  const [moved] = kind === 2 ? [sections[from]] : sections.splice(from, 1);
  if (kind !== 1) sections.splice(to, 0, moved);
  return Buffer.concat([bytes.subarray(0, 8), ...sections]);
}

/** The beginning of one component and the end of another. */
function splice(bytes, random, corpus) {
  const other = random.pick(corpus);
  return Buffer.concat([
    bytes.subarray(0, random.below(bytes.length + 1)),
    other.subarray(random.below(other.length + 1)),
  ]);
}

/** Gives one name, wherever it stands, another of the same length: what refers to it still finds it. */
function renameEverywhere(bytes, random) {
  return rename(bytes, random, Number.POSITIVE_INFINITY);
}

function renameOnce(bytes, random) {
  return rename(bytes, random, 1);
}

function rename(bytes, random, times) {
  const names = bytes.toString('latin1').match(NAME) ?? [];
  if (names.length === 0) return bytes;
  const name = random.pick(names);
  const replacement = Buffer.from(random.pick(HOSTILE_NAMES).padEnd(name.length, 'x')).subarray(0, name.length);
  let at = bytes.indexOf(name, 0, 'latin1');
  for (let left = times; at >= 0 && left > 0; left--) {
    replacement.copy(bytes, at);
    at = bytes.indexOf(name, at + name.length, 'latin1');
  }
  return bytes;
}

function sectionsOf(bytes) {
  const sections = [];
  let at = 8;
  while (at < bytes.length) {
    let length = 0;
    let next = at + 1;
    for (let shift = 0; shift < 35 && next < bytes.length; shift += 7) {
      const byte = bytes[next++];
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    sections.push(bytes.subarray(at, next + length));
    at = next + length;
  }
  return sections;
}
