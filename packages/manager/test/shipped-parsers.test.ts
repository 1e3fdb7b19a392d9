/**
 * The shipped parsers in real workers: many calls with flat memory, damaged input that they must not fail on, and a limit on their memory
 * that they meet. `npm run long -- shipped-parsers` makes a million calls of each.
 */
import { type ConfigInput, type IngestSession, PluginsManager } from '@chipmunk-host/manager';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setStage } from './support.js';

const stage = setStage();
const CALLS = Number(process.env.SHIPPED_CALLS ?? 20_000);
const SEED = Number(process.env.SHIPPED_SEED ?? 1);
const MIB = 1024 * 1024;
const PARSERS = ['dlt-parser', 'json-lines', 'protobuf-parser', 'string-parser', 'text-format'] as const;
type ShippedParser = (typeof PARSERS)[number];

let manager: PluginsManager;
beforeAll(async () => {
  manager = await PluginsManager.open({ directory: await stage.folder('plugins'), load: 'lazy' });
});
afterAll(() => manager.close());

/** What is one item of each, in several forms. */
const UNITS: Readonly<Record<ShippedParser, readonly Buffer[]>> = {
  'dlt-parser': [dlt(text('hello')), dlt(text('grüße \xff')), dlt(uint(1), uint(2)), dlt(raw(Buffer.alloc(20, 7)))],
  'json-lines': [
    '{"time":"2024-03-18T06:00:00Z","msg":"a \\"text\\" \\ud83d\\ude00","more":[1,{"a":null}]}\n',
    '{"msg":"m","message":"n","log":{"level":"x","other":1.50},"with \\u00e4":[]}\n',
    'no JSON at all, but as long as the other lines are\n',
    '{"time":1710741600.5,"text":"grüße","and":"something more"}\r\n',
  ].map((line) => Buffer.from(line)),
  // Delimited, of the set below. One with a field that is not known would wait for those behind it, and so for fewer calls.
  'protobuf-parser': ['02087f', '0a12086d65737361676573', '0808ac0212036f6e65', '0b08011207677269c3bc6265'].map((hex) =>
    Buffer.from(hex, 'hex'),
  ),
  'text-format': [
    '::1 - - [22/Jan/2019:03:56:14 +0330] "GET / HTTP/1.1" 200 1 "-" "Mozilla/5.0" "-"\n',
    '::1 - a b [22/Jan/2019:03:56:15 +0330] "GET /\\"\\"" 200 1 "grüße" "\\\\"\n',
    'a line of no known format, of as many bytes as the other ones have\n',
    '127.0.0.1 - - [22/Jan/2019:03:56:16 +0330] "POST /a/path HTTP/1.0" 404 - "-" "x"\r\n',
  ].map((line) => Buffer.from(line)),
  'string-parser': ['a line\n', 'grüße\r\n', 'x\n', 'another\n'].map((line) => Buffer.from(line)),
};

/** A descriptor set: `syntax = "proto3"; package p; message A { int32 id = 1; string text = 2; }` */
const SET =
  '0a330a07612e70726f746f120170221d0a0141120a0a026964180120012805120c0a0474657874180220012809620670726f746f33';

/** What is configured of each beside the defaults. */
async function configOf(plugin: ShippedParser): Promise<Readonly<Record<string, ConfigInput>>> {
  if (plugin === 'text-format') return { preset: 'access-combined' };
  if (plugin !== 'protobuf-parser') return {};
  return { 'descriptor-set': [await stage.file('set.desc', Buffer.from(SET, 'hex'))] };
}

interface RunOptions {
  readonly config?: Readonly<Record<string, ConfigInput>>;
  readonly memoryBytes?: number;
  readonly windowBytes?: number;
  readonly onItems?: (session: IngestSession, items: number) => void;
}

interface Run {
  readonly session: IngestSession;
  readonly items: number;
  /** Of the first item and of the last one. */
  readonly ends: readonly string[];
}

async function run(plugin: ShippedParser, content: Uint8Array, options: RunOptions = {}): Promise<Run> {
  const { config = await configOf(plugin), memoryBytes, windowBytes, onItems } = options;
  const session = await manager.ingest({
    source: { file: await stage.file('input', content) },
    parser: { plugin, config, ...(memoryBytes === undefined ? {} : { memoryBytes }) },
    ...(windowBytes === undefined ? {} : { window: { bytes: windowBytes } }),
    recovery: { narrowingMs: 1 },
  });
  let items = 0;
  let ends: string[] = [];
  for await (const batch of session.batches()) {
    items += batch.count;
    for (const item of batch) ends = [ends[0] ?? item.text, item.text];
    onItems?.(session, items);
  }
  return { session, items, ends };
}

describe.each(PARSERS)('%s', (plugin) => {
  test(`needs no more memory for ${CALLS} calls than for a tenth of them`, { timeout: 3_600_000 }, async () => {
    const units = UNITS[plugin];
    const content = Buffer.concat(Array.from({ length: CALLS }, (_, i) => units[i % units.length] as Buffer));
    let before = 0;
    const { session, items } = await run(plugin, content, {
      // About one unit a call.
      windowBytes: Math.max(...units.map(({ length }) => length)),
      onItems: (running, count) => {
        if (count >= CALLS / 10 && before === 0) before = running.metrics().parser.peakMemoryBytes;
      },
    });
    expect(items).toBe(CALLS);
    expect(session.summary).toMatchObject({ status: 'completed', restarts: 0, gaps: 0, skippedBytes: 0 });
    const { calls, peakMemoryBytes } = session.metrics().parser;
    expect(calls.count).toBeGreaterThan(CALLS / 4);
    expect({ peakMemoryBytes, isSmall: before < 4 * MIB }).toEqual({ peakMemoryBytes: before, isSmall: true });
  });

  test('does not fail on damaged input, and finds what is whole behind it', async () => {
    const random = randomNumbers(SEED);
    const damaged = Array.from({ length: 3000 }, (_, i) => {
      const unit = Buffer.from(UNITS[plugin][i % UNITS[plugin].length] as Buffer);
      for (let changes = random(3); changes > 0; changes--) unit[random(unit.length)] = random(256);
      return unit.subarray(random(4), unit.length - random(4));
    });
    const noise = Buffer.from(Array.from({ length: 100_000 }, () => random(256)));
    const whole = UNITS[plugin][0] as Buffer;
    // No length in what is damaged leads beyond the zeros.
    const content = Buffer.concat([
      ...damaged,
      noise,
      Buffer.from('\n'),
      Buffer.alloc(70_000),
      Buffer.from('\n'),
      whole,
    ]);
    const { session, ends } = await run(plugin, content);
    expect(session.summary).toMatchObject({ status: 'completed', restarts: 0, gaps: 0, bytes: content.length });
    const alone = await run(plugin, whole);
    expect(ends[1]).toBe(alone.ends[0]);
  });
});

describe('with a limit on its memory', () => {
  const LIMIT = 16 * MIB;

  test.each(['json-lines', 'string-parser', 'text-format'] as const)(
    '%s leaves out a line that does not fit, and goes on',
    async (plugin) => {
      const line = UNITS[plugin][0] as Buffer;
      const long = Buffer.concat([Buffer.from('{"msg":"'), Buffer.alloc(40 * MIB, 'x'), Buffer.from('"}\n')]);
      const { session, ends } = await run(plugin, Buffer.concat([line, long, line]), { memoryBytes: LIMIT });
      expect(session.summary.status).toBe('completed');
      expect(session.summary.gaps).toBeGreaterThan(0);
      expect(Object.keys(session.summary.errors)).toEqual(['ERR_PLUGIN_MEMORY']);
      const alone = await run(plugin, line);
      expect(ends).toEqual([alone.ends[0], alone.ends[0]]);
    },
  );

  test('dlt-parser loses a file that does not fit, and no message', async () => {
    const part = (index: number) => dlt(text('FLDA'), uint(1), uint(index), raw(Buffer.alloc(60_000)), text('FLDA'));
    const begin = dlt(
      text('FLST'),
      uint(1),
      text('a'),
      uint(30 * MIB),
      text('now'),
      uint(500),
      uint(60_000),
      text('FLST'),
    );
    const messages = [begin, ...Array.from({ length: 500 }, (_, i) => part(i + 1)), dlt(text('last'))];
    const options = { memoryBytes: LIMIT, config: { 'transfer-mebibytes': 64 } };
    const { session, items, ends } = await run('dlt-parser', Buffer.concat(messages), options);
    expect(items).toBe(messages.length);
    expect(session.summary).toMatchObject({ status: 'completed', gaps: 0 });
    expect(Object.keys(session.summary.errors)).toEqual(['ERR_PLUGIN_MEMORY']);
    expect(ends[1]).toMatch(/last$/);
  });
});

/** A verbose DLT message of version 1 with a storage header. */
function dlt(...args: readonly Buffer[]): Buffer {
  const payload = Buffer.concat(args);
  const head = Buffer.from([0x21, 0, 0, 0]);
  head.writeUInt16BE(14 + payload.length, 2);
  return Buffer.concat([
    Buffer.from('DLT\x01'),
    Buffer.alloc(8),
    Buffer.from('ECU1'),
    head,
    Buffer.from([0x41, args.length]),
    Buffer.from('APP\0CTX\0'),
    payload,
  ]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(`${value}\0`, 'latin1');
  return Buffer.concat([Buffer.from([0, 2, 0, 0, bytes.length, 0]), bytes]);
}

function uint(value: number): Buffer {
  const bytes = Buffer.from([0x43, 0, 0, 0, 0, 0, 0, 0]);
  bytes.writeUInt32LE(value, 4);
  return bytes;
}

function raw(data: Buffer): Buffer {
  const head = Buffer.from([0, 4, 0, 0, 0, 0]);
  head.writeUInt16LE(data.length, 4);
  return Buffer.concat([head, data]);
}

/** xorshift32 */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed | 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}
