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

export interface Settings {
  readonly lossy: boolean;
  readonly prefix: string;
  readonly columns: boolean;
}

export function configOf({ lossy, prefix, columns }: Settings): ConfigItem[] {
  return [
    { id: 'lossy', value: { tag: 'boolean', val: lossy } },
    { id: 'prefix', value: { tag: 'text', val: prefix } },
    { id: 'columns', value: { tag: 'boolean', val: columns } },
  ];
}

/** The items of `input`, found byte by byte. */
export function expectedItems(input: Uint8Array, settings: Settings): ParseReturn[] {
  const items: ParseReturn[] = [];
  let start = 0;
  while (start < input.length) {
    const lineBreak = input.indexOf(10, start);
    const next = lineBreak === -1 ? input.length : lineBreak + 1;
    let end = lineBreak === -1 ? input.length : lineBreak;
    if (lineBreak > start && input[lineBreak - 1] === 13) end--;
    items.push(itemOf(input.subarray(start, end), BigInt(next - start), settings));
    start = next;
  }
  return items;
}

function itemOf(line: Uint8Array, consumed: bigint, { lossy, prefix, columns }: Settings): ParseReturn {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: !lossy, ignoreBOM: true }).decode(line);
  } catch {
    return { consumed };
  }
  const message = prefix + text;
  if (!columns) return { value: { tag: 'message', val: { tag: 'line', val: message } }, consumed };
  const val = [String(Buffer.byteLength(text)), message];
  return { value: { tag: 'message', val: { tag: 'columns', val } }, consumed };
}
