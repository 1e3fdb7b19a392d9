// Feeds the parser as a host does.
import { readFileSync } from 'node:fs';
import {
  type Attachment,
  type ConfigItem,
  type LogLine,
  loadParser,
  type ParseReturn,
  type ParserExports,
  type PluginInstance,
} from '@chipmunk-host/sdk/testing';

export interface Settings {
  readonly level?: string;
  readonly applications?: string;
  readonly contexts?: string;
  readonly ecus?: string;
  readonly strict?: boolean;
  readonly transferMebibytes?: number;
}

/** What a whole input was made into. */
export interface Parsed {
  readonly rows: readonly Row[];
  readonly attachments: readonly Attachment[];
  readonly skipped: number;
  readonly log: readonly LogLine[];
}

export interface Row {
  readonly columns: readonly string[];
  /** Where its bytes begin and how many they are. */
  readonly offset: number;
  readonly bytes: number;
}

const NO_TIME = -(2n ** 63n);

const component = readFileSync(new URL('../dist/dlt-parser.wasm', import.meta.url));

export function startPlugin(): Promise<PluginInstance<ParserExports>> {
  return loadParser(component);
}

/**
 * Parses all of `input`. Slices have the sizes that `windows` gives in turn, but what was not consumed begins the next slice,
 * which is longer; at the end of the input exactly the rest is passed once more. The time of each row is compared with its first column.
 */
export function parseAll(
  plugin: PluginInstance<ParserExports>,
  input: Uint8Array,
  settings: Settings = {},
  windows: readonly number[] = [input.length],
  timestamp?: bigint,
): Parsed {
  plugin.exports.init({ logLevel: 'info' }, configOf(settings));
  const logged = plugin.log.length;
  const rows: Row[] = [];
  const attachments: Attachment[] = [];
  let skipped = 0;
  let start = 0;
  let rest = 0;
  for (let call = 0; start < input.length; call++) {
    const length = Math.min(Math.max(windows[call % windows.length] ?? 1, rest + 1), input.length - start);
    const again = length === rest;
    const found = plugin.exports.parse(input.subarray(start, start + length), timestamp);
    const times = found.length > 0 ? (plugin.itemTimes?.() ?? []) : [];
    if (times.length > 0 && times.length !== found.length) throw new Error('not as many times as items');
    let consumed = 0;
    for (const [index, item] of found.entries()) {
      const bytes = Number(item.consumed);
      const columns = columnsOf(item);
      if (columns === undefined) skipped += bytes;
      else {
        requireTime(columns[0] ?? '', timeOf(times[index]));
        rows.push({ columns, offset: start + consumed, bytes });
      }
      if (item.value?.tag === 'message-and-attachment') attachments.push(item.value.val[1]);
      consumed += bytes;
    }
    start += consumed;
    rest = length - consumed;
    if (again && consumed === 0) throw new Error(`${rest} bytes are left at the end`);
  }
  return { rows, attachments, skipped, log: plugin.log.slice(logged) };
}

/** In the year 2262. */
const LAST_TIME = 2n ** 63n - 1n;

function timeOf(time = NO_TIME): bigint | undefined {
  return time === NO_TIME ? undefined : time;
}

/**
 * Each row's time is that of its first column, which has none where it shows none; a leap second is the second behind it. Damaged headers of
 * version 2 may have years that no i64 of nanoseconds reaches.
 */
function requireTime(text: string, time: bigint | undefined): void {
  const [, minute, second, fraction] = /^(\d{4,}-\d\d-\d\dT\d\d:\d\d):(\d\d)\.(\d{9})Z$/.exec(text) ?? [];
  const expected =
    minute === undefined
      ? undefined
      : (BigInt(Date.parse(`${minute}:00Z`)) / 1000n + BigInt(second as string)) * 1_000_000_000n +
        BigInt(fraction as string);
  const reached = expected === undefined || expected > LAST_TIME ? undefined : expected;
  if (time !== reached) throw new Error(`a row at '${text}' has the time ${time}`);
}

function columnsOf({ value }: ParseReturn): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const message = value.tag === 'message-and-attachment' ? value.val[0] : value.val;
  if (!('tag' in message) || message.tag !== 'columns') throw new Error('an item is not in columns');
  return message.val;
}

export function configOf(settings: Settings): ConfigItem[] {
  const { level = 'all', strict = false, transferMebibytes = 64 } = settings;
  return [
    { id: 'level', value: { tag: 'dropdown', val: level } },
    { id: 'applications', value: { tag: 'text', val: settings.applications ?? '' } },
    { id: 'contexts', value: { tag: 'text', val: settings.contexts ?? '' } },
    { id: 'ecus', value: { tag: 'text', val: settings.ecus ?? '' } },
    { id: 'strict', value: { tag: 'boolean', val: strict } },
    { id: 'transfer-mebibytes', value: { tag: 'integer', val: transferMebibytes } },
  ];
}
