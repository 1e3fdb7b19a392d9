// Feeds the parser as a host does.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConfigItem, loadParser, type ParserExports, type PluginInstance } from '@chipmunk-host/sdk/testing';

export interface Settings {
  readonly sets?: readonly string[];
  readonly message?: string;
  readonly framing?: string;
  readonly most?: number;
}

export type Plugin = PluginInstance<ParserExports>;

const root = mkdtempSync(join(tmpdir(), 'protobuf-parser-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));
const component = readFileSync(new URL('../dist/protobuf-parser.wasm', import.meta.url));

/** A parser that reads `sets` as the files `set/0`, `set/1` and so on. */
export async function startPlugin(...sets: readonly Uint8Array[]): Promise<Plugin> {
  const directory = mkdtempSync(join(root, 'set-'));
  for (const [index, set] of sets.entries()) writeFileSync(join(directory, String(index)), set);
  return loadParser(component, { directories: { set: directory } });
}

export function configOf({
  sets = ['set/0'],
  message = '',
  framing = 'length-delimited',
  most = 16,
}: Settings): ConfigItem[] {
  return [
    { id: 'descriptor-set', value: { tag: 'files', val: [...sets] } },
    { id: 'message', value: { tag: 'text', val: message } },
    { id: 'framing', value: { tag: 'dropdown', val: framing } },
    { id: 'most-mebibytes', value: { tag: 'integer', val: most } },
  ];
}

export function configure({ exports }: Plugin, settings: Settings): void {
  exports.init({ logLevel: 'info' }, configOf(settings));
}

export interface Row {
  readonly message: string;
  readonly status: string;
  readonly payload: string;
  readonly bytes: number;
}

/** Parses one slice. */
export function parseSlice({ exports }: Plugin, slice: Uint8Array): Row[] {
  return exports.parse(slice).map(({ value, consumed }) => {
    const item = value?.val;
    if (item === undefined || !('tag' in item) || typeof item.val === 'string') throw new Error('an item is no row');
    const [message = '', status = '', payload = ''] = item.val;
    return { message, status, payload, bytes: Number(consumed) };
  });
}

/**
 * Parses all of `input`. Slices have the sizes that `windows` gives in turn, but what was not consumed begins the next slice,
 * which is longer; at the end of the input exactly the rest is passed once more.
 */
export function parseAll(plugin: Plugin, input: Uint8Array, windows: readonly number[] = [input.length]): Row[] {
  const rows: Row[] = [];
  let start = 0;
  let rest = 0;
  for (let call = 0; start < input.length; call++) {
    const length = Math.min(Math.max(windows[call % windows.length] ?? 1, rest + 1), input.length - start);
    const again = length === rest;
    const found = parseSlice(plugin, input.subarray(start, start + length));
    const consumed = found.reduce((sum, { bytes }) => sum + bytes, 0);
    rows.push(...found);
    start += consumed;
    rest = length - consumed;
    if (again && consumed === 0) throw new Error(`${rest} bytes are left at the end`);
  }
  return rows;
}

/** Messages with their lengths in front. */
export function delimited(...messages: readonly Uint8Array[]): Buffer {
  return Buffer.concat(messages.flatMap((message) => [varint(message.length), message]));
}

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value > 0x7f; value = Math.floor(value / 128)) bytes.push((value & 0x7f) | 0x80);
  return Buffer.from([...bytes, value]);
}
