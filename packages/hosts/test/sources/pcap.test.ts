/** Sessions over captures of packets: what was sent in them gives the items that a file with the same bytes gives. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type IngestOptions, IngestSession } from '@chipmunk-host/hosts';
import type { CompiledComponent } from '@chipmunk-host/runtime';
import { keptPlugin } from '@chipmunk-host/test-plugins';
import { beforeAll, describe, expect, test } from 'vitest';
import { logMessage, text } from '../../../../plugins/dlt-parser/test/log-message.js';
import { A, B, type Captured, type Endpoint, ip, link, pcap, tcp, udp } from '../../../sources/test/capture-builder.js';
import { compileKept, readAll, setStage } from '../support.js';

const DATA = fileURLToPath(new URL('../../../../../shared/data/', import.meta.url));
const DLT_PARSER = createRequire(import.meta.url).resolve('@chipmunk-host/dlt-parser/dlt-parser.wasm');
const T = 1_700_000_000_000_000_000n;
const T_MS = 1_700_000_000_000;

/** An item for each slice: its number, counted from the instance's beginning, its length and its timestamp. */
const SLICES = `
  import { Config, InitError, Input, Items, Parser, Version } from '@chipmunk-host/sdk/assembly';

  class Slices extends Parser {
    private count: i32 = 0;
    private text: ArrayBuffer = new ArrayBuffer(0);

    version(): Version {
      return new Version(1, 0, 0);
    }

    init(config: Config): InitError | null {
      return null;
    }

    parse(input: Input, out: Items): void {
      const length = <i32>(input.end - input.start);
      this.count++;
      const time = input.hasTimestamp ? input.timestamp.toString() : 'none';
      this.text = String.UTF8.encode(this.count.toString() + ' ' + length.toString() + ' ' + time);
      out.line(changetype<usize>(this.text), this.text.byteLength, length);
    }
  }

  export function create(): Parser {
    return new Slices();
  }
`;

const stage = setStage();
let slices: CompiledComponent;
let dltParser: CompiledComponent;
beforeAll(async () => {
  slices = await compileKept(await keptPlugin({ kind: 'parser', name: 'slices', source: SLICES }));
  dltParser = await compileKept(readFileSync(DLT_PARSER));
});

function packet(from: Endpoint, to: Endpoint, protocol: number, body: Uint8Array, ms: number): Captured {
  return { frame: link('ethernet', ip(from, to, protocol, body)), timeNs: T + BigInt(ms) * 1_000_000n };
}

const datagram = (payload: Uint8Array, ms = 0, from = A, to = B) => packet(from, to, 17, udp(from, to, payload), ms);
const segment = (payload: Uint8Array, sequence: number, ms = 0, from = A, to = B) =>
  packet(from, to, 6, tcp(from, to, payload, { sequence }), ms);

/** The bytes of a connection in segments of that many bytes. */
function segments(bytes: Uint8Array, size: number, from = A, to = B): Captured[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    segment(bytes.subarray(i * size, (i + 1) * size), 1 + i * size, i, from, to),
  );
}

async function openCapture(
  capture: Uint8Array | readonly Captured[],
  component: CompiledComponent,
  options: Partial<IngestOptions> = {},
): Promise<IngestSession> {
  const file = await stage.input(capture instanceof Uint8Array ? capture : pcap(capture));
  return IngestSession.open({ component, pool: stage.pool, source: { pcap: { file } }, ...options });
}

async function columnsOf(session: IngestSession): Promise<string[]> {
  return (await readAll(session)).map(({ columns }) => columns.join('|'));
}

/** Items and notices, with the name of the input that each is of. */
async function contentOf(session: IngestSession): Promise<string[]> {
  const content: string[] = [];
  for await (const element of session) {
    if (element.type === 'source' && element.event !== 'capture') content.push(`! ${element.event}`);
    if (element.type !== 'batch') continue;
    for (const { columns } of element) content.push(`${element.sourceName}: ${columns.join('|')}`);
  }
  return content;
}

const line = (i: number) => Buffer.from(`line ${i} in a packet\n`);

test('lines in datagrams are the lines of a file', async () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => line(i));
  const session = await openCapture(
    lines.map((bytes, i) => datagram(bytes, i)),
    stage.stringParser,
  );
  const file = await stage.input(Buffer.concat(lines));
  expect(await readAll(session)).toEqual(await readAll(await stage.open({ source: { file } })));
  expect(session.summary).toMatchObject({ status: 'completed', skippedBytes: 0 });
});

test('lines in a connection are the lines of a file, wherever its segments end', async () => {
  const content = Buffer.concat(Array.from({ length: 5000 }, (_, i) => line(i)));
  const expected = await readAll(await stage.open({ source: { file: await stage.input(content) } }));
  for (const size of [7, 1000, 1460])
    expect(await readAll(await openCapture(segments(content, size), stage.stringParser))).toEqual(expected);
});

test('a parser gets each datagram as a whole, with the time of its packet', async () => {
  const sizes = [1, 1400, 17, 60_000, 3];
  const session = await openCapture(
    sizes.map((size, i) => datagram(Buffer.alloc(size, 65), i * 7)),
    slices,
  );
  expect(await columnsOf(session)).toEqual(sizes.map((size, i) => `${i + 1} ${size} ${T_MS + i * 7}`));
});

test('bytes of a connection that were captured at one time are one slice at most', async () => {
  const bytes = Buffer.alloc(100, 65);
  const session = await openCapture([segment(bytes, 1, 1), segment(bytes, 101, 1), segment(bytes, 201, 4)], slices);
  expect(await columnsOf(session)).toEqual([`1 200 ${T_MS + 1}`, `2 100 ${T_MS + 4}`]);
});

test('connections are inputs of their own: parsers begin afresh, and batches name them', async () => {
  const content = await contentOf(
    await openCapture(
      [
        segment(Buffer.from('one'), 1),
        segment(Buffer.from('answer'), 1, 1, B, A),
        datagram(Buffer.from('datagram'), 2),
        segment(Buffer.from('two'), 4, 3),
        segment(Buffer.from('far'), 10, 4),
      ],
      slices,
    ),
  );
  const [ab, ba] = ['10.0.0.1:40001 to 10.0.0.2:3490', '10.0.0.2:3490 to 10.0.0.1:40001'];
  expect(content).toEqual([
    '! midstream',
    `${ab}: 1 3 ${T_MS}`,
    `${ab}: 2 3 ${T_MS + 3}`,
    '! missing',
    `${ab}: 1 3 ${T_MS + 4}`,
    '! midstream',
    `${ba}: 1 6 ${T_MS + 1}`,
    `UDP datagrams: 1 8 ${T_MS + 2}`,
  ]);
});

test('filters and payload are options', async () => {
  const capture = [
    datagram(Buffer.from('udp\n')),
    segment(Buffer.from('tcp\n'), 1),
    datagram(Buffer.from('back\n'), 0, B, A),
  ];
  const file = await stage.input(pcap(capture));
  const lines = async (options: object) =>
    columnsOf(
      await IngestSession.open({
        component: stage.stringParser,
        pool: stage.pool,
        source: { pcap: { file, ...options } },
      }),
    );
  expect(await lines({ payload: 'tcp' })).toEqual(['tcp']);
  expect(await lines({ payload: 'udp', filters: { sourceAddress: '10.0.0.2' } })).toEqual(['back']);
  await expect(lines({ payload: 'icmp' })).rejects.toThrow(
    "source.pcap.payload is 'icmp'; expected 'udp', 'tcp', 'all'",
  );
  await expect(lines({ filters: { address: 'host' } })).rejects.toThrow('source.pcap.filters.address');
  await expect(lines({ filters: { port: [70_000] } })).rejects.toThrow('source.pcap.filters.port');
});

test('a compressed capture is read as what it was made of, and its damage is told', async () => {
  const packets = Array.from({ length: 3000 }, (_, i) => datagram(line(i), i));
  const plain = await readAll(await openCapture(packets, stage.stringParser));
  const packed = gzipSync(pcap(packets));
  expect(await readAll(await openCapture(packed, stage.stringParser))).toEqual(plain);
  const cut = readAll(await openCapture(packed.subarray(0, packed.length / 2), stage.stringParser));
  await expect(cut).rejects.toMatchObject({ code: 'ERR_SOURCE_READ' });
  const more = await openCapture(Buffer.concat([packed, Buffer.from('more')]), slices);
  expect((await contentOf(more)).at(-1)).toBe('! trailing');
});

test('a file that is not there does not open, and one that is no capture fails when it is read', async () => {
  const missing = IngestSession.open({ component: slices, pool: stage.pool, source: { pcap: { file: '/no/such' } } });
  await expect(missing).rejects.toMatchObject({ code: 'ERR_SOURCE_OPEN' });
  const session = await openCapture(Buffer.from('no capture at all'), slices);
  await expect(readAll(session)).rejects.toThrow(/^The capture '.*' is no capture of packets: it begins with 6e6f2063/);
});

test('a capture that ends within a packet gives what came before, and then the error', async () => {
  const bytes = pcap([datagram(line(1)), datagram(line(2))]);
  const session = await openCapture(bytes.subarray(0, -1), stage.stringParser);
  const seen: string[] = [];
  const reading = (async () => {
    for await (const element of session)
      if (element.type === 'batch') seen.push(...[...element].map(({ columns }) => columns.join()));
  })();
  await expect(reading).rejects.toMatchObject({ code: 'ERR_SOURCE_READ' });
  expect(seen).toEqual(['line 1 in a packet']);
});

describe('messages of DLT', () => {
  const message = (i: number) =>
    logMessage({ application: 'APP', args: [text(`message ${i} ${'x'.repeat(i % 300)}`)] });
  /** As it is sent: without the header that files have. */
  const sent = (i: number) => message(i).subarray(16);

  test('in datagrams have the times of their packets', async () => {
    const packets = [0, 1, 2].map((i) => datagram(sent(i), i * 1500));
    const session = await openCapture(packets, dltParser);
    const rows = await readAll(session);
    expect(rows.map(({ columns }) => columns[0])).toEqual([
      '2023-11-14T22:13:20.000000000Z',
      '2023-11-14T22:13:21.500000000Z',
      '2023-11-14T22:13:23.000000000Z',
    ]);
    expect(rows.map(({ columns }) => columns.at(-1))).toEqual(
      [0, 1, 2].map((i) => expect.stringContaining(`message ${i}`)),
    );
  });

  test('in a connection are those of a file, in segments that end anywhere', async () => {
    const bytes = Buffer.concat(Array.from({ length: 2000 }, (_, i) => message(i)));
    const open = { component: dltParser, source: { file: await stage.input(bytes) } };
    const expected = await readAll(await stage.open(open));
    for (const size of [100, 1460])
      expect(await readAll(await openCapture(segments(bytes, size), dltParser))).toEqual(expected);
  });

  test.skipIf(!existsSync(DATA))('captured from a daemon (needs ../shared/data beside the checkout)', async () => {
    for (const name of ['gen_libdlt_storage.dlt', 'viewer_testfile_10.dlt', 'synth_types_A.dlt']) {
      const bytes = readFileSync(`${DATA}dlt/${name}`);
      const expected = await readAll(
        await stage.open({ component: dltParser, source: { file: `${DATA}dlt/${name}` } }),
      );
      expect(await readAll(await openCapture(segments(bytes, 1448), dltParser))).toEqual(expected);
    }
  });
});
