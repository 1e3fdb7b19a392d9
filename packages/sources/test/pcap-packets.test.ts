/** Which packets are delivered: filters, parts of IP packets, packets that were not captured as a whole. */
import { expect, test } from 'vitest';
import { addressBytes, addressText, parseNetwork } from '../src/shared/ip-addresses.js';
import type { PcapFilters } from '../src/shared/pcap-options.js';
import { A, A6, B, B6, type Captured, type Endpoint, ip, link, pcap, tcp, udp } from './capture-builder.js';
import { readCapture } from './read-capture.js';

const T = 1_700_000_000_000_000_000n;
const payload = (word: string) => new TextEncoder().encode(word);
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

function captured(frame: Uint8Array, ms = 0): Captured {
  return { frame, timeNs: T + BigInt(ms) * 1_000_000n };
}

function datagram(from: Endpoint, to: Endpoint, word: string, ms = 0): Captured {
  return captured(link('ethernet', ip(from, to, 17, udp(from, to, payload(word)))), ms);
}

const C: Endpoint = { address: [10, 0, 1, 3], port: 5555 };
const MIXED = pcap([
  datagram(A, B, 'A to B'),
  datagram(B, A, 'B to A'),
  datagram(C, A, 'C to A'),
  datagram(A6, B6, 'A6 to B6'),
  captured(link('ethernet', ip(A, C, 6, tcp(A, C, payload('tcp'), { sequence: 1 })))),
]);

async function selected(options: { payload?: 'udp' | 'tcp' | 'all'; filters?: PcapFilters }): Promise<string[]> {
  const { output, fault } = await readCapture(MIXED, options);
  expect(fault).toBeUndefined();
  return [...output.packets, ...output.segments].map(({ bytes }) => text(bytes)).filter((word) => word !== '');
}

test.each<[PcapFilters, string[]]>([
  [{}, ['A to B', 'B to A', 'C to A', 'A6 to B6', 'tcp']],
  [{ port: 3490 }, ['A to B', 'B to A', 'A6 to B6']],
  [{ port: [5555, 1] }, ['C to A', 'tcp']],
  [{ sourcePort: 3490 }, ['B to A']],
  [{ destinationPort: 3490 }, ['A to B', 'A6 to B6']],
  [{ address: '10.0.0.2' }, ['A to B', 'B to A']],
  [{ sourceAddress: '10.0.0.2' }, ['B to A']],
  [{ destinationAddress: ['10.0.0.2', 'fd00::2'] }, ['A to B', 'A6 to B6']],
  [{ address: '10.0.1.0/24' }, ['C to A', 'tcp']],
  [{ sourceAddress: '10.0.0.0/23', destinationPort: 5555 }, ['tcp']],
  [{ address: 'fd00::/16' }, ['A6 to B6']],
  [{ address: '0.0.0.0/0', sourcePort: 40_001 }, ['A to B', 'tcp']],
  [{ address: '192.168.0.0/16' }, []],
])('filters %o', async (filters, words) => {
  expect(await selected({ filters })).toEqual(words);
});

test('payload of one protocol', async () => {
  expect(await selected({ payload: 'tcp' })).toEqual(['tcp']);
  expect(await selected({ payload: 'udp', filters: { address: '10.0.1.3' } })).toEqual(['C to A']);
});

test('what the filters leave out is counted', async () => {
  const { output } = await readCapture(MIXED, { filters: { port: 5555 } });
  expect(output.events.at(-1)).toMatchObject({ event: 'capture', count: 5, filtered: 3, datagrams: 1, segments: 1 });
});

test.each([['::', 'fd00::1', '1::', '::1', '1:2:3:4:5:6:7:8', '1:0:0:2::3', 'a::b:0:0:c', '::ffff:a00:1']])(
  'addresses of IPv6 as text and back',
  (...addresses) => {
    for (const address of addresses)
      expect(addressText(addressBytes(address) ?? new Uint8Array(16), 0, 6)).toBe(address);
  },
);

test('addresses and networks in text', () => {
  expect(addressBytes('::ffff:10.0.0.1')).toEqual(addressBytes('::ffff:a00:1'));
  expect(parseNetwork('10.0.0.0/8')).toEqual({ bytes: Uint8Array.of(10, 0, 0, 0), bits: 8 });
  for (const wrong of ['', '10.0.0', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', 'host', 'fe80::1%eth0', '::/129'])
    expect(parseNetwork(wrong)).toBeUndefined();
});

/** A datagram in parts of up to `size` bytes of IP payload. */
function parts(from: Endpoint, to: Endpoint, word: string, size: number, id: number): Captured[] {
  const body = udp(from, to, payload(word));
  return Array.from({ length: Math.ceil(body.length / size) }, (_, i) => {
    const part = body.subarray(i * size, (i + 1) * size);
    const moreFragments = (i + 1) * size < body.length;
    return captured(link('ethernet', ip(from, to, 17, part, { id, fragmentOffset: i * size, moreFragments })));
  });
}

const LONG = 'a datagram that is sent in several parts, since it is long';

test.each([
  ['IPv4', A, B],
  ['IPv6', A6, B6],
])('datagrams in parts are put together: %s', async (_, from, to) => {
  const [first = [], second = []] = [parts(from, to, LONG, 16, 1), parts(from, to, LONG.toUpperCase(), 24, 2)];
  const orders = [
    [...first, ...second],
    [...first.toReversed(), ...second],
    first.flatMap((part, i) => [part, ...second.slice(i, i + 1)]),
    [...first.slice(0, 2), ...first, ...second, ...second.slice(1)],
  ];
  for (const packets of orders) {
    const { output, fault } = await readCapture(pcap([...packets, datagram(from, to, 'whole')]));
    expect(fault).toBeUndefined();
    const words = output.packets.map(({ bytes }) => text(bytes));
    expect(words.toSorted()).toEqual([LONG, LONG.toUpperCase(), 'whole'].toSorted());
    expect(output.packets[0]?.peer).toBe(from === A ? '10.0.0.1:40001' : '[fd00::1]:40001');
  }
});

test('TCP in parts of IP packets', async () => {
  const body = tcp(A, B, payload(LONG), { sequence: 1 });
  const packets = [0, 32, 64].map((at) =>
    captured(
      link(
        'ethernet',
        ip(A, B, 6, body.subarray(at, at + 32), { id: 9, fragmentOffset: at, moreFragments: at + 32 < body.length }),
      ),
    ),
  );
  const { output } = await readCapture(pcap(packets));
  expect(text(output.segments[0]?.bytes ?? new Uint8Array(0))).toBe(LONG);
});

test('parts of a datagram that is not complete are reported', async () => {
  const some = parts(A, B, LONG, 16, 1);
  const { output } = await readCapture(pcap([...some.slice(0, 2), ...some.slice(3), datagram(A, B, 'whole')]));
  expect(output.packets.map(({ bytes }) => text(bytes))).toEqual(['whole']);
  expect(output.events[0]).toMatchObject({ event: 'fragment', count: 1 });
});

test('parts are given up after a time, and when too many are begun', async () => {
  const [first] = parts(A, B, LONG, 16, 1);
  const late = { ...(first as Captured), timeNs: T + 31_000_000_000n };
  const old = await readCapture(pcap([first as Captured, late, ...parts(A, B, LONG, 16, 2).slice(0, 1)]));
  expect(
    old.output.events.filter(({ event }) => event === 'fragment').reduce((sum, { count = 0 }) => sum + count, 0),
  ).toBe(3);
  const many = Array.from({ length: 300 }, (_, id) => parts(A, B, LONG, 16, id).slice(0, 1)).flat();
  const { output } = await readCapture(pcap([...many, ...parts(A, B, LONG, 16, 299).slice(1)]));
  expect(output.packets.map(({ bytes }) => text(bytes))).toEqual([LONG]);
  expect(output.events.filter(({ event }) => event === 'fragment').reduce((sum, { count = 0 }) => sum + count, 0)).toBe(
    299,
  );
});

test('parts that contradict each other are given up', async () => {
  const body = udp(A, B, payload(LONG));
  const part = (at: number, length: number, moreFragments: boolean) =>
    captured(link('raw', ip(A, B, 17, body.subarray(at, at + length), { id: 5, fragmentOffset: at, moreFragments })));
  for (const packets of [
    [part(0, 16, true), part(32, 16, true), part(16, 16, false)],
    [part(16, 16, false), part(16, 8, false)],
    [part(16, 16, false), part(32, 16, true)],
    [part(0, 13, true)],
    [captured(link('raw', ip(A, B, 17, new Uint8Array(80), { id: 5, fragmentOffset: 65_528, moreFragments: true })))],
  ]) {
    const { output, fault } = await readCapture(pcap(packets, { linkType: 101 }));
    expect(fault).toBeUndefined();
    expect(output.packets).toEqual([]);
    expect(output.events[0]).toMatchObject({ event: 'fragment' });
  }
});

test('datagrams that were cut by the snap length are reported, and delivered only when wanted', async () => {
  const { frame } = datagram(A, B, 'a datagram that is cut');
  const cut = { frame: frame.subarray(0, 52), wireLength: frame.length, timeNs: T };
  const capture = pcap([cut, datagram(A, B, 'whole')]);
  const dropped = await readCapture(capture);
  expect(dropped.output.packets.map(({ bytes }) => text(bytes))).toEqual(['whole']);
  expect(dropped.output.events[0]).toMatchObject({ event: 'truncated', count: 1, bytes: 12 });
  expect(dropped.output.events[0]?.message).toBe('1 packet was not captured as a whole: 12 bytes are missing.');
  const delivered = await readCapture(capture, { cut: 'deliver' });
  expect(delivered.output.packets.map(({ bytes }) => text(bytes))).toEqual(['a datagram', 'whole']);
});

test('a packet that was cut within its headers is reported, too', async () => {
  const { frame } = datagram(A, B, 'x');
  for (let length = 0; length < 42; length++) {
    const { output, fault } = await readCapture(
      pcap([{ frame: frame.subarray(0, length), wireLength: 60, timeNs: T }]),
    );
    expect(fault).toBeUndefined();
    expect(output.packets).toEqual([]);
    expect(output.events[0]).toMatchObject({ event: 'truncated', count: 1 });
  }
});

test('an extension header of IPv6 that is longer than the packet is reported', async () => {
  const header = [60, Uint8Array.from([0, 40, 0, 0, 0, 0, 0, 0])] as const;
  const body = udp(A6, B6, payload('x'));
  const frame = link('raw', ip(A6, B6, 17, body, { extensions: [header], totalLength: 1000 }));
  const { output } = await readCapture(pcap([captured(frame)], { linkType: 101 }));
  expect(output.events[0]).toMatchObject({ event: 'malformed', count: 1 });
});

test('headers that contradict each other are reported', async () => {
  const { frame } = datagram(A, B, 'x');
  const changed = (at: number, ...bytes: number[]) => {
    const copy = Uint8Array.from(frame);
    copy.set(bytes, at);
    return captured(copy);
  };
  const { output } = await readCapture(
    pcap([
      changed(14, 0x55),
      changed(14, 0x44),
      changed(14, 0x4f),
      changed(16, 0, 10),
      changed(38, 0, 7),
      changed(38, 2, 0),
      captured(frame.subarray(0, 10)),
    ]),
  );
  expect(output.packets).toEqual([]);
  const malformed = output.events.filter(({ event }) => event === 'malformed');
  expect(malformed.reduce((sum, { count = 0 }) => sum + count, 0)).toBe(7);
  expect(malformed).toHaveLength(2);
});

test('many reports of one kind become few records', async () => {
  const { frame } = datagram(A, B, 'a datagram');
  const cut = { frame: frame.subarray(0, 44), wireLength: frame.length, timeNs: T };
  const { output } = await readCapture(pcap(Array.from({ length: 1234 }, () => cut)));
  const counts = output.events.filter(({ event }) => event === 'truncated').map(({ count }) => count);
  expect(counts).toEqual([1, 9, 90, 900, 234]);
});
