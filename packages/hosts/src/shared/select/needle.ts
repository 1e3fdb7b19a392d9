/** Bytes that are looked for in the text of a batch. */

/** Each byte is one of two, where letters of both cases are looked for. */
export interface Needle {
  /** UTF-8; 1 or more. */
  readonly bytes: Uint8Array;
  /** As many: what each may be instead. Undefined: nothing else. */
  readonly others: Uint8Array | undefined;
  /** Whether no letter, digit or underscore of ASCII may stand beside it. */
  readonly wholeWord: boolean;
}

/** Of these, one is in each string that is meant. */
export interface NeedleList {
  readonly needles: readonly Needle[];
  /** More of them, for text that is not all ASCII. */
  readonly beyondAscii: readonly Needle[];
}

/** What is looked for in place of a text of any case. */
export interface CaselessNeedles {
  readonly needle: Needle;
  /** Whether the needle is all of the text, and found nowhere else in a text that is ASCII. */
  readonly isSure: boolean;
  /** What stands for letters of it beyond ASCII: in such a text one of these may be there in place of the needle. */
  readonly beyondAscii: readonly Needle[];
}

const utf8 = new TextEncoder();
/** Letters beyond ASCII that are the same as one of ASCII, by Unicode's simple case folding. */
const FOLDED_INTO_ASCII: Readonly<Record<string, string>> = { k: '\u212a', s: '\u017f' };
/** From here on, scripts get more letters of two cases with each version of Unicode. */
const FIRST_UNSETTLED = 0x600;
const HAS_CASE = /[\p{Changes_When_Casemapped}\p{Changes_When_Casefolded}\p{Cn}]/u;

export function plainNeedle(text: string, wholeWord = false): Needle {
  return { bytes: utf8.encode(text), others: undefined, wholeWord };
}

/** @returns undefined when each letter of it can be written in ways that are too different */
export function caselessNeedles(text: string, wholeWord = false): CaselessNeedles | undefined {
  const characters = Array.from(text, bytesOf);
  let best: readonly CharacterBytes[] = [];
  let run: CharacterBytes[] = [];
  for (const character of characters) {
    if (character === undefined) run = [];
    else run.push(character);
    if (lengthOf(run) > lengthOf(best)) best = [...run];
  }
  if (best.length === 0) return undefined;
  const isWhole = best.length === characters.length;
  return {
    needle: {
      bytes: Uint8Array.from(best.flatMap(({ bytes }) => [...bytes])),
      others: Uint8Array.from(best.flatMap(({ others }) => [...others])),
      wholeWord: wholeWord && isWhole,
    },
    isSure: isWhole && best.every(({ isExact }) => isExact),
    beyondAscii: [...new Set(best.flatMap(({ beyond }) => beyond ?? []))].map((letter) => plainNeedle(letter)),
  };
}

interface CharacterBytes {
  readonly bytes: Uint8Array;
  readonly others: Uint8Array;
  /** Whether no other character has such bytes. */
  readonly isExact: boolean;
  /** One of the same that takes more bytes. */
  readonly beyond: string | undefined;
}

/** @returns undefined where one byte of it could be one of three, or those of the other case are more or fewer */
function bytesOf(character: string): CharacterBytes | undefined {
  const point = character.codePointAt(0) ?? 0;
  if (point < 0x80) {
    const lower = character.toLowerCase();
    const beyond = FOLDED_INTO_ASCII[lower];
    return { bytes: utf8.encode(lower), others: utf8.encode(character.toUpperCase()), isExact: true, beyond };
  }
  const bytes = utf8.encode(character);
  if (point >= FIRST_UNSETTLED)
    return HAS_CASE.test(character) ? undefined : { bytes, others: bytes, isExact: true, beyond: undefined };
  const others = bytes.slice();
  for (const same of sameLetters(character)) {
    const written = utf8.encode(same);
    if (written.length !== bytes.length) return undefined;
    for (const [index, byte] of written.entries()) {
      if (byte === bytes[index]) continue;
      if (others[index] !== bytes[index] && others[index] !== byte) return undefined;
      others[index] = byte;
    }
  }
  return { bytes, others, isExact: others.every((byte, index) => byte === bytes[index]), beyond: undefined };
}

let cased: string | undefined;

/** All characters that are the same as this one, whatever their case. */
function sameLetters(character: string): readonly string[] {
  cased ??= Array.from({ length: 0x1_2000 }, (_, point) =>
    (point & 0xf800) === 0xd800 ? '' : String.fromCodePoint(point),
  )
    .filter((each) => HAS_CASE.test(each) && !/\p{Cn}/u.test(each))
    .join('');
  return cased.match(new RegExp(`\\u{${character.codePointAt(0)?.toString(16)}}`, 'giu')) ?? [];
}

function lengthOf(characters: readonly CharacterBytes[]): number {
  return characters.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** How often each byte is in a text. */
export function byteCounts(text: Uint8Array): Uint32Array {
  const counts = new Uint32Array(256);
  for (const byte of text) counts[byte] = (counts[byte] ?? 0) + 1;
  return counts;
}

/** Numbers of the two bytes of a needle that are the rarest in a text; the same one twice where it has only one. */
export function rarestPlaces({ bytes, others }: Needle, counts: Uint32Array): readonly [first: number, second: number] {
  const cost = (place: number) => {
    const [byte = 0, other = byte] = [bytes[place], others?.[place]];
    return (counts[byte] ?? 0) + (other === byte ? 0 : (counts[other] ?? 0));
  };
  let first = 0;
  let second = 0;
  for (let place = 1; place < bytes.length; place++) {
    if (cost(place) < cost(first)) {
      second = first;
      first = place;
    } else if (second === first || cost(place) < cost(second)) second = place;
  }
  return [first, second];
}

/** At how many places of a text the needle may stand: as a whole, whatever is beside it. */
export function countNeedle({ bytes, others = bytes }: Needle, text: Uint8Array): number {
  let count = 0;
  for (let at = 0; at + bytes.length <= text.length; at++) {
    let index = 0;
    while (index < bytes.length && (text[at + index] === bytes[index] || text[at + index] === others[index])) index++;
    if (index === bytes.length) count++;
  }
  return count;
}
