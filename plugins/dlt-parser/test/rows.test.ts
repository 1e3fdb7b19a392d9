import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Parsed, parseAll, type Row, startPlugin } from './feed.js';
import { SERVICES } from './services.js';

const DATA = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));

interface Counts {
  readonly attachments: readonly {
    readonly name: string;
    readonly declared_size: number;
    readonly created: string;
    readonly messages: readonly number[];
    readonly sha256: string;
  }[];
}

/** Each file of version 1 with how many rows are better than the expected ones, by what is better (README). */
const FILES: readonly [file: string, better: Readonly<Record<string, number>>][] = [
  ['chipmunk_attachments.dlt', {}],
  ['daemon_testfile.dlt', {}],
  ['gen_libdlt_storage.dlt', { service: 3, text: 1, trace: 1 }],
  ['gen_libdlt_tcp_nostorage.bin', { service: 2, text: 1, trace: 1 }],
  ['gen_libdlt_tcp_serialheader.bin', { service: 2, text: 1, trace: 1 }],
  ['pydlt_issue24.dlt', {}],
  ['synth_corrupt_A.dlt', {}],
  ['synth_types_A.dlt', { service: 39, text: 2, trace: 28 }],
  ['viewer_testfile_10.dlt', {}],
];

describe.skipIf(!existsSync(DATA))('files of the field (needs ../shared/data beside the checkout)', () => {
  test.each(FILES)('%s gives the expected rows but for the better ones', async (file, better) => {
    const input = readFileSync(`${DATA}dlt/${file}`);
    const { rows } = await parsed(input);
    const expected = expectedRows(file, 'bounded') ?? [];
    expect(rows).toHaveLength(expected.length);
    const found: Record<string, number> = {};
    rows.forEach((row, i) => {
      const wanted = expected[i]?.split('\x04') ?? [];
      if (wanted[0] === '<receive-time>') wanted[0] = '';
      if (row.columns.join('\x04') === wanted.join('\x04')) return;
      // Only the payload may differ; it is the last column, whatever it holds.
      expect(row.columns.slice(0, 10)).toEqual(wanted.slice(0, 10));
      const kind = betterBy(row, wanted.slice(10).join('\x04'), input);
      found[kind] = (found[kind] ?? 0) + 1;
    });
    expect(found).toEqual(better);
  });

  test.each(FILES.filter(([file]) => (expectedRows(file, 'chipmunk') ?? []).length > 0).map(([file]) => file))(
    "%s gives exactly Chipmunk's rows when strict",
    async (file) => {
      const { rows } = await parsed(readFileSync(`${DATA}dlt/${file}`), true);
      const expected = (expectedRows(file, 'chipmunk') ?? []).map((row) => row.replace(/^<receive-time>/, ''));
      expect(rows.map(({ columns }) => columns.join('\x04'))).toEqual(expected);
    },
  );

  test.each(FILES.map(([file]) => file))('%s has its attachments', async (file) => {
    const counts = JSON.parse(readFileSync(`${DATA}expected/dlt-counts.json`, 'utf8')) as Record<string, Counts>;
    const { attachments } = await parsed(readFileSync(`${DATA}dlt/${file}`));
    expect(
      attachments.map(({ name, size, createdDate, messages, data }) => ({
        name,
        declared_size: Number(size),
        created: createdDate,
        messages: [...messages].map(Number),
        sha256: createHash('sha256').update(data).digest('hex'),
      })),
    ).toEqual(
      counts[file]?.attachments.map(({ name, declared_size, created, messages, sha256 }) => ({
        name,
        declared_size,
        created,
        messages,
        sha256,
      })),
    );
  });

  test('all intact messages of a damaged file are found, and the log tells what was skipped', async () => {
    const { rows, skipped, log } = await parsed(readFileSync(`${DATA}dlt/synth_corrupt_A.dlt`));
    expect(rows.filter(({ columns }) => columns[7] === 'GOOD')).toHaveLength(19);
    expect(skipped).toBe(198);
    expect(log.map(({ message }) => message)).toContain(
      'skipped 100 bytes that are no DLT message, 198 bytes after the start of the input',
    );
  });
});

async function parsed(input: Uint8Array, strict = false): Promise<Parsed> {
  return parseAll(await startPlugin(), input, { strict });
}

function expectedRows(file: string, kind: 'bounded' | 'chipmunk'): string[] | undefined {
  const path = `${DATA}expected/dlt/${file.replace(/\.\w+$/, '')}.${kind}.txt`;
  if (!existsSync(path)) return undefined;
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

/** Why a payload is better than the expected one. */
function betterBy({ columns, offset, bytes }: Row, expected: string, input: Buffer): string {
  const payload = columns[10] ?? '';
  const type = columns[9] ?? '';
  if (type.startsWith('MSG_TYPE')) {
    expect(payload).toBe(`[${serviceOf(input.subarray(offset, offset + bytes))}]`);
    return 'service';
  }
  if (expected.startsWith("SOME/IP '")) {
    // The bytes of the second argument are in both.
    expect(payload.endsWith(expected.slice(expected.indexOf('[')))).toBe(true);
    return 'trace';
  }
  if (type.startsWith('LogLevel')) {
    expect(payload.startsWith(expected)).toBe(true);
    return 'text';
  }
  expect(payload).toBe(`${expected}\x05ignored`);
  return 'trace';
}

/** The name of the service of a control message with a storage header, a serial header, or none. */
function serviceOf(message: Buffer): string {
  const pattern = message.subarray(0, 4).toString('latin1');
  const header = pattern === 'DLT\x01' ? 16 : pattern === 'DLS\x01' ? 4 : 0;
  const htyp = message[header] ?? 0;
  const words = [4, 8, 16].filter((bit) => (htyp & bit) !== 0).length;
  const payload = header + 4 + 4 * words + 10;
  const id = (htyp & 2) === 0 ? message.readUInt32LE(payload) : message.readUInt32BE(payload);
  return SERVICES.get(id) ?? (id >= 0xfff ? 'injection' : 'Unknown CtrlCommand');
}
