// Feeds the parser as a host does.
import { readFileSync } from 'node:fs';
import {
  type ConfigItem,
  loadParser,
  type ParseReturn,
  type ParserExports,
  type PluginInstance,
} from '@chipmunk-host/sdk/testing';

export interface Settings {
  readonly preset?: string;
  readonly pattern?: string;
  readonly continuation?: string;
  readonly timeZone?: string;
  readonly year?: number;
}

const component = readFileSync(new URL('../dist/text-format.wasm', import.meta.url));

export function startPlugin(): Promise<PluginInstance<ParserExports>> {
  return loadParser(component);
}

export function configOf({
  preset = 'auto',
  pattern = '',
  continuation = 'auto',
  timeZone = 'UTC',
  year = 0,
}: Settings): ConfigItem[] {
  return [
    { id: 'preset', value: { tag: 'dropdown', val: preset } },
    { id: 'pattern', value: { tag: 'text', val: pattern } },
    { id: 'continuation', value: { tag: 'dropdown', val: continuation } },
    { id: 'time-zone', value: { tag: 'text', val: timeZone } },
    { id: 'year', value: { tag: 'integer', val: year } },
  ];
}

/** The columns of a row; undefined: bytes without an item. */
export type Shown = readonly string[] | undefined;

/** What bytes became, and how many they are. */
export interface Taken {
  readonly shown: Shown;
  readonly bytes: number;
}

/** Nanoseconds since 1970 of each item that has a time; undefined for the others. The slice has all of the input, and ends it. */
export function timesOf(
  plugin: PluginInstance<ParserExports>,
  input: string,
  settings: Settings,
): (bigint | undefined)[] {
  const { exports, itemTimes } = plugin;
  exports.init({ logLevel: 'info' }, configOf(settings));
  const count = exports.parse(Buffer.from(input)).length;
  const times = [...(itemTimes?.() ?? [])];
  return Array.from({ length: count }, (_, index) => (times[index] === NO_TIME ? undefined : times[index]));
}

const NO_TIME = -(2n ** 63n);

/**
 * Parses all of `input`. Slices have the sizes that `windows` gives in turn, but what was not consumed begins the next slice,
 * which is longer; at the end of the input exactly the rest is passed once more.
 */
export function parseAll(
  { exports }: PluginInstance<ParserExports>,
  input: Uint8Array,
  settings: Settings = {},
  windows: readonly number[] = [input.length],
): Taken[] {
  exports.init({ logLevel: 'info' }, configOf(settings));
  const taken: Taken[] = [];
  let start = 0;
  let rest = 0;
  for (let call = 0; start < input.length; call++) {
    const length = Math.min(Math.max(windows[call % windows.length] ?? 1, rest + 1), input.length - start);
    const again = length === rest;
    const found = exports.parse(input.subarray(start, start + length));
    const consumed = found.reduce((sum, item) => sum + Number(item.consumed), 0);
    for (const item of found) taken.push({ shown: shownBy(item), bytes: Number(item.consumed) });
    start += consumed;
    rest = length - consumed;
    if (again && consumed === 0) throw new Error(`${rest} bytes are left at the end`);
  }
  return taken;
}

function shownBy({ value }: ParseReturn): Shown {
  if (value === undefined) return undefined;
  const message = value.val;
  if (!('tag' in message)) throw new Error('an item is not a message');
  if (typeof message.val === 'string') throw new Error('an item is a line');
  return message.val;
}
