// Feeds a parser as a host does, and says what a line parser should make of the same bytes.

import type { ConfigItem, ParseReturn, ParserExports } from '@chipmunk-host/sdk/testing';

/**
 * Parses all of `input`. Slices have the sizes that `windows` gives in turn, but what was not consumed begins the next slice,
 * which is longer; at the end of the input exactly the rest is passed once more.
 */
export function parseAll(parser: ParserExports, input: Uint8Array, windows: readonly number[]): ParseReturn[] {
  const items: ParseReturn[] = [];
  let start = 0;
  let rest = 0;
  for (let call = 0; start < input.length; call++) {
    const length = Math.min(Math.max(windows[call % windows.length] ?? 1, rest + 1), input.length - start);
    const again = length === rest;
    const found = parser.parse(input.subarray(start, start + length));
    const consumed = found.reduce((sum, item) => sum + Number(item.consumed), 0);
    items.push(...found);
    start += consumed;
    rest = length - consumed;
    if (again && consumed === 0) throw new Error(`${rest} bytes are left at the end`);
  }
  return items;
}

export type Encoding = 'utf-8' | 'utf-16' | 'utf-16le' | 'utf-16be' | 'latin-1';

export interface Settings {
  readonly lossy: boolean;
  readonly prefix: string;
  readonly columns: boolean;
  /** Default: UTF-8. */
  readonly encoding?: Encoding;
}

export function configOf({ lossy, prefix, columns, encoding = 'utf-8' }: Settings): ConfigItem[] {
  return [
    { id: 'lossy', value: { tag: 'boolean', val: lossy } },
    { id: 'prefix', value: { tag: 'text', val: prefix } },
    { id: 'columns', value: { tag: 'boolean', val: columns } },
    { id: 'encoding', value: { tag: 'dropdown', val: encoding } },
  ];
}

/** The items of `input`, found byte by byte. */
export function expectedItems(input: Uint8Array, settings: Settings): ParseReturn[] {
  const { label, width, bigEndian, markBytes } = schemeOf(input, settings.encoding ?? 'utf-8');
  const is = (at: number, character: number) =>
    at + width <= input.length && (width === 1 ? input[at] : unitAt(input, at, bigEndian)) === character;
  const items: ParseReturn[] = [];
  let start = 0;
  while (start < input.length) {
    const text = start === 0 ? markBytes : start;
    let lineBreak = text;
    while (lineBreak < input.length && !is(lineBreak, 10)) lineBreak += width;
    const next = Math.min(lineBreak + width, input.length);
    let end = Math.min(lineBreak, input.length);
    if (lineBreak < input.length && lineBreak - width >= text && is(lineBreak - width, 13)) end -= width;
    const consumed = BigInt(next - start);
    // A mark alone is no line.
    if (text === input.length) items.push({ consumed });
    else items.push(itemOf(input.subarray(text, end), label, consumed, settings));
    start = next;
  }
  return items;
}

interface Scheme {
  /** For `TextDecoder`, which has no ISO 8859-1: its latin1 is windows-1252. */
  readonly label: 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin-1';
  /** Bytes of a code unit. */
  readonly width: 1 | 2;
  readonly bigEndian: boolean;
  /** Bytes of the byte order mark with which the input begins. */
  readonly markBytes: number;
}

function schemeOf(input: Uint8Array, encoding: Encoding): Scheme {
  const starts = (...bytes: number[]) => bytes.every((byte, i) => input[i] === byte);
  if (encoding === 'latin-1') return { label: encoding, width: 1, bigEndian: false, markBytes: 0 };
  if (encoding === 'utf-8')
    return { label: encoding, width: 1, bigEndian: false, markBytes: starts(0xef, 0xbb, 0xbf) ? 3 : 0 };
  const bigEndian = encoding === 'utf-16be' || (encoding === 'utf-16' && starts(0xfe, 0xff));
  const marked = bigEndian ? starts(0xfe, 0xff) : starts(0xff, 0xfe);
  return { label: bigEndian ? 'utf-16be' : 'utf-16le', width: 2, bigEndian, markBytes: marked ? 2 : 0 };
}

function unitAt(input: Uint8Array, at: number, bigEndian: boolean): number {
  const [first = 0, second = 0] = input.subarray(at, at + 2);
  return bigEndian ? first * 256 + second : second * 256 + first;
}

function itemOf(
  line: Uint8Array,
  label: Scheme['label'],
  consumed: bigint,
  { lossy, prefix, columns }: Settings,
): ParseReturn {
  let text: string;
  try {
    text =
      label === 'latin-1'
        ? Buffer.from(line).toString('latin1')
        : new TextDecoder(label, { fatal: !lossy, ignoreBOM: true }).decode(line);
  } catch {
    return { consumed };
  }
  const message = prefix + text;
  if (!columns) return { value: { tag: 'message', val: { tag: 'line', val: message } }, consumed };
  const val = [String(Buffer.byteLength(text)), message];
  return { value: { tag: 'message', val: { tag: 'columns', val } }, consumed };
}
