import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseAll, startPlugin } from './feed.js';
import { generateMessage } from './generator.js';
import { Random } from './random-bytes.js';
import { SERVICES } from './services.js';

const DATA = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));

interface Expected {
  readonly offset: number;
  readonly ecu: string;
  readonly application: string;
  readonly context: string;
  readonly time: string;
  readonly type: string;
  readonly payload: string;
  readonly extra: ReadonlyMap<string, string>;
}

describe.skipIf(!existsSync(DATA))('files of version 2 (needs ../shared/data beside the checkout)', () => {
  test('the file of dlt-daemon, whose header numbers are little-endian', async () => {
    const { rows, skipped } = parseAll(await startPlugin(), readFileSync(`${DATA}dlt/daemon_testfile-v2.dlt`));
    expect(skipped).toBe(0);
    expect(rows.map(({ columns }) => columns)).toEqual([
      [
        '2025-11-11T11:03:37.990291006Z',
        'ECU1',
        '2',
        '28531',
        '0',
        '1762859017.990291678',
        'ECU1',
        'LOGGER',
        'TESTER',
        'LogLevel WARN',
        '\x050\x05Hello World\x05[dlt-example-user-v2.c:401]\x05[tags TAG1 TAG2 TAG3]\x05[privacy 32]',
      ],
    ]);
  });

  test('all messages of the generated file, and nothing else', async () => {
    const { rows } = parseAll(await startPlugin(), readFileSync(`${DATA}dlt/synth_v2_B.dlt`), {}, [300, 5000]);
    const expected = expectedRows();
    expect(rows.map(({ offset }) => offset)).toEqual(expected.map(({ offset }) => offset));
    rows.forEach(({ columns }, i) => {
      const wanted = expected[i] as Expected;
      const [
        datetime,
        storageEcu = '',
        version,
        session,
        counter,
        time = '',
        ecu = '',
        application,
        context,
        type = '',
      ] = columns;
      expect({ datetime, version, session, counter, application, context }).toEqual({
        datetime: storageTime(wanted.extra.get('st') ?? ''),
        version: '2',
        session: wanted.extra.get('sid') ?? '',
        counter: wanted.extra.get('mcnt'),
        application: wanted.application,
        context: wanted.context,
      });
      // The message's own id, which may be empty; else the one of the storage header.
      expect([ecu, storageEcu]).toContain(wanted.ecu);
      if (wanted.time === 'invalid') expect(time).toMatch(/\.invalid$/);
      else expect(time).toBe(wanted.time === '-' ? '' : wanted.time.split(' ')[0]);
      expect(type.trim()).toBe(wanted.type);
      // Types of arguments that cannot be read; segments are below.
      if (['trai', 'aray', 'stru'].includes(wanted.extra.get('opt') ?? '') || wanted.extra.has('seg')) return;
      // Text that is not valid is cut in the expected rows.
      const payload = shown(columns[10] ?? '');
      expect(payload.includes('\ufffd') ? payload.slice(0, payloadOf(wanted).length) : payload).toBe(payloadOf(wanted));
    });
  });

  test('segments are joined where all of them are there', async () => {
    const { rows, log } = parseAll(await startPlugin(), readFileSync(`${DATA}dlt/synth_v2_B.dlt`), {}, [300, 5000]);
    const whole = readFileSync(`${DATA}expected/dlt/synth_v2_B.rows.txt`, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('#reassembled'))
      .map((line) => line.split('\t'));
    const joined = rows.filter(
      ({ columns }) => columns[7] === 'SEG' && !(columns[10] ?? '').startsWith('\x05[segment '),
    );
    expect(joined.map(({ columns }) => [columns[8], columns[10]?.replaceAll('\x05', ' ').trim()]).sort()).toEqual(
      whole.map((fields) => [fields[4], fields[7]]).sort(),
    );
    expect(log.map(({ message }) => message).filter((message) => message.includes('segments')).length).toBeGreaterThan(
      0,
    );
  });
});

test('messages of both versions may be mixed, wherever the input is cut', async () => {
  const plugin = await startPlugin();
  const random = new Random(7);
  for (let round = 0; round < 100; round++) {
    const parts = random.list(2, 20, () =>
      random.chance(0.5)
        ? { data: generateMessage(random, { framings: ['storage'], plain: true }).bytes, version: '1' }
        : { data: version2(random), version: '2' },
    );
    const windows = random.list(1, 5, () => 1 + random.below(300));
    const { rows, skipped } = parseAll(plugin, Buffer.concat(parts.map(({ data }) => data)), {}, windows);
    expect(skipped).toBe(0);
    expect(rows.map(({ columns, bytes }) => [columns[2], bytes])).toEqual(
      parts.map(({ version, data }) => [version, data.length]),
    );
  }
});

/** A message that is not verbose, with a storage header of version 2, and numbers in big-endian. */
function version2(random: Random): Buffer {
  const data = random.bytes(random.below(40));
  const header = Buffer.alloc(14 + 4 + 7 + 13 + 5);
  header.write('DLT\x02', 0, 'latin1');
  header.writeUInt32BE(1_700_000_000, 5);
  header.writeUInt32LE(random.below(1_000_000_000), 9);
  header.write('\x04ECU2', 13, 'latin1');
  // Not verbose, with an ECU id, version 2.
  header[18] = 0x45;
  header.writeUInt16BE(7 + 13 + 5 + data.length, 23);
  header.write('\x04ECU2', 38, 'latin1');
  return Buffer.concat([header, data]);
}

function expectedRows(): Expected[] {
  return readFileSync(`${DATA}expected/dlt/synth_v2_B.rows.txt`, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [offset, ecu, application, context, time = '', type = '', payload, extra = ''] = line.split('\t');
      const pairs = extra.split(';').map((pair): [string, string] => {
        const at = pair.indexOf('=');
        return [pair.slice(0, at), unescaped(pair.slice(at + 1))];
      });
      return {
        offset: Number(offset),
        ecu: unescaped(ecu),
        application: unescaped(application),
        context: unescaped(context),
        time,
        type,
        payload: unescaped(payload),
        extra: new Map(pairs),
      };
    });
}

/** What is shown, with spaces for U+0005. */
function shown(payload: string): string {
  return payload.replaceAll('\x05', ' ').trim().replaceAll('  ', ' ');
}

function payloadOf({ payload, type, extra }: Expected): string {
  const [count = '', ...tags] = (extra.get('tags') ?? '').split(/[:,]/);
  const tail = [
    ...(extra.has('file') ? [`[${extra.get('file')}:${extra.get('line')}]`] : []),
    ...(extra.has('tags') ? [`[tags${count === '0' ? '' : tags.map((tag) => ` ${tag}`).join('')}]`] : []),
    ...(extra.has('prv') ? [`[privacy ${extra.get('prv')}]`] : []),
  ];
  const own = type.startsWith('MSG_TYPE') ? serviceText(payload) : payload.replace(/\r?\n/g, '');
  return shown([...(own === '' ? [] : [own]), ...tail].join(' '));
}

/** The name of the service alone; those of libdlt have one here. */
function serviceText(payload: string): string {
  const name = payload.slice(0, payload.indexOf(']') + 1);
  const id = /^\[service 0x([0-9A-F]+)\]$/.exec(name)?.[1];
  if (id === undefined) return name;
  const number = Number.parseInt(id, 16);
  return `[${SERVICES.get(number) ?? (number >= 0xfff ? 'injection' : 'Unknown CtrlCommand')}]`;
}

/** RFC 3339 of seconds and nanoseconds. */
function storageTime(text: string): string {
  const [seconds, nanoseconds] = text.split('.');
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${nanoseconds}Z`;
}

function unescaped(text = ''): string {
  const bytes = text.replace(/\\(x[0-9a-fA-F]{2}|.)/g, (_, code: string) => {
    if (code.length === 3) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return { n: '\n', r: '\r', t: '\t' }[code] ?? code;
  });
  return bytes;
}
