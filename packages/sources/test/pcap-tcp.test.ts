/** TCP connections of captures: in order, whatever order their segments were captured in, and one after the other. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CaptureReaderOptions } from '../src/worker/pcap/capture-reader.js';
import { A, A6, B, B6, type Captured, type Endpoint, ip, link, pcap, tcp, udp } from './capture-builder.js';
import { MemoryOutput } from './memory-output.js';
import { type ReadCapture, readCapture } from './read-capture.js';

const T = 1_700_000_000_000_000_000n;
const T_MS = 1_700_000_000_000;
const [FIN, SYN, RST, PSH, ACK] = [1, 2, 4, 8, 16];
const payload = (word: string) => new TextEncoder().encode(word);
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

interface Sent {
  readonly from?: Endpoint;
  readonly to?: Endpoint;
  readonly seq: number;
  readonly ack?: number;
  readonly flags?: number;
  readonly ms?: number;
  /** Bytes that are captured of the payload. */
  readonly snap?: number;
}

function segment(data: string | Uint8Array, sent: Sent): Captured {
  const { from = A, to = B, seq, ack = 1, flags = PSH | ACK, ms = 0, snap } = sent;
  const bytes = typeof data === 'string' ? payload(data) : data;
  const body = tcp(from, to, bytes, { sequence: seq >>> 0, acknowledged: ack, flags });
  const frame = link('raw', ip(from, to, 6, body));
  const timeNs = T + BigInt(ms) * 1_000_000n;
  return snap === undefined
    ? { frame, timeNs }
    : { frame: frame.subarray(0, frame.length - bytes.length + snap), wireLength: frame.length, timeNs };
}

function datagram(word: string, ms = 0): Captured {
  return { frame: link('raw', ip(A, B, 17, udp(A, B, payload(word)))), timeNs: T + BigInt(ms) * 1_000_000n };
}

function read(
  packets: readonly Captured[],
  options: CaptureReaderOptions = {},
  output?: MemoryOutput,
): Promise<ReadCapture> {
  const capture = pcap(packets, { linkType: 101 });
  return readCapture(capture, options, capture.length, output);
}

async function runs(
  packets: readonly Captured[],
  options: CaptureReaderOptions = {},
): Promise<[string, string, string?][]> {
  const { output, fault } = await read(packets, options);
  expect(fault).toBeUndefined();
  return output.segments.map(({ name, bytes, note }) =>
    note === undefined ? [name, text(bytes)] : [name, text(bytes), note.event],
  );
}

const A_B = '10.0.0.1:40001 to 10.0.0.2:3490';
const B_A = '10.0.0.2:3490 to 10.0.0.1:40001';
const syn = (seq: number, rest: Partial<Sent> = {}) => segment('', { seq, flags: SYN, ...rest });
const fin = (seq: number, rest: Partial<Sent> = {}) => segment('', { seq, flags: FIN | ACK, ...rest });

test('a connection from SYN to FIN, with times', async () => {
  const { output } = await read([
    syn(99),
    segment('one ', { seq: 100, ms: 1 }),
    segment('two ', { seq: 104, ms: 1 }),
    segment('three', { seq: 108, ms: 7 }),
    fin(113),
  ]);
  expect(output.segments).toEqual([
    {
      name: A_B,
      type: 'tcp',
      note: undefined,
      bytes: Buffer.from('one two three'),
      times: [
        [0, T_MS + 1],
        [8, T_MS + 7],
      ],
    },
  ]);
  expect(output.events.at(-1)).toMatchObject({ event: 'capture', count: 5, segments: 3 });
});

test('IPv6, and data in SYN and FIN', async () => {
  const ends = { from: A6, to: B6 };
  expect(
    await runs([segment('one ', { ...ends, seq: 99, flags: SYN }), segment('two', { ...ends, seq: 104, flags: FIN })]),
  ).toEqual([['[fd00::1]:40001 to [fd00::2]:3490', 'one two']]);
});

test('what was sent again is delivered once, also when it overlaps', async () => {
  const packets = [
    syn(99),
    segment('abcd', { seq: 100 }),
    segment('abcd', { seq: 100 }),
    segment('cdef', { seq: 102 }),
    segment('', { seq: 105 }),
    segment('f', { seq: 105 }),
    segment('bcdefgh', { seq: 101 }),
    syn(99),
  ];
  expect(await runs(packets)).toEqual([[A_B, 'abcdefgh']]);
  const { output } = await read(packets);
  expect(output.events.at(-1)).toMatchObject({ repeatedBytes: 4 + 2 + 1 + 5 });
});

test('sequence numbers begin again at 0', async () => {
  expect(
    await runs([segment('ab', { seq: 2 ** 32 - 3 }), segment('ef', { seq: 1 }), segment('cd', { seq: 2 ** 32 - 1 })]),
  ).toEqual([[A_B, 'abcdef', 'midstream']]);
});

test('segments in any order', async () => {
  expect(
    await runs([
      syn(99),
      segment('gh', { seq: 106 }),
      segment('cd', { seq: 102 }),
      fin(108),
      segment('cdef', { seq: 102 }),
      segment('cd', { seq: 102 }),
      segment('ab', { seq: 100 }),
      segment('other', { seq: 5000, from: B, to: A }),
    ]),
  ).toEqual([
    [A_B, 'abcdefgh'],
    [B_A, 'other', 'midstream'],
  ]);
});

test('a gap is reported where it is, and begins a new input', async () => {
  const { output } = await read([syn(99), segment('ab', { seq: 100 }), segment('ef', { seq: 104 }), fin(108)]);
  expect(output.segments.map(({ bytes, note }) => [text(bytes), note])).toEqual([
    ['ab', undefined],
    ['ef', { event: 'missing', message: `2 bytes of ${A_B} are missing in the capture.`, bytes: 2, peer: A_B }],
    ['', { event: 'missing', message: `2 bytes of ${A_B} are missing in the capture.`, bytes: 2, peer: A_B }],
  ]);
});

test('a gap that the receiver has confirmed is given up after a second', async () => {
  const answer = (ack: number, ms: number) => segment('', { from: B, to: A, seq: 1, ack, flags: ACK, ms });
  const packets = (ms: number) => [
    syn(99),
    syn(0, { from: B, to: A, flags: SYN | ACK }),
    segment('ab', { seq: 100 }),
    segment('ef', { seq: 104 }),
    answer(106, ms),
    segment('cd', { seq: 102, ms }),
    segment('gh', { seq: 106, ms }),
  ];
  expect(await runs(packets(999))).toEqual([[A_B, 'abcdefgh']]);
  expect(await runs(packets(1000))).toEqual([
    [A_B, 'ab'],
    [A_B, 'efgh', 'missing'],
  ]);
});

test('a segment that was cut by the snap length leaves a gap', async () => {
  const packets = [segment('abcd', { seq: 100, snap: 2 }), segment('ef', { seq: 104 }), segment('gh', { seq: 106 })];
  expect(await runs(packets)).toEqual([
    [A_B, 'ab', 'midstream'],
    [A_B, 'efgh', 'truncated'],
  ]);
  const [first, second, third] = packets as [Captured, Captured, Captured];
  expect(await runs([syn(99), second, first, third])).toEqual([
    [A_B, 'ab'],
    [A_B, 'efgh', 'truncated'],
  ]);
  const { output } = await read(packets);
  expect(output.events[0]).toMatchObject({ event: 'truncated', count: 1, bytes: 2 });
});

test('RST ends a connection with what there is', async () => {
  const end = segment('', { seq: 102, flags: RST });
  const packets = [segment('ab', { seq: 100 }), segment('ef', { seq: 104 }), end, segment('again', { seq: 200 })];
  expect(await runs(packets)).toEqual([
    [A_B, 'ab', 'midstream'],
    [A_B, 'ef', 'missing'],
    [A_B, 'again', 'midstream'],
  ]);
});

test('the same ports are used again', async () => {
  expect(
    await runs([
      syn(99),
      segment('first', { seq: 100 }),
      fin(105),
      fin(105),
      syn(7_000_000),
      segment('second', { seq: 7_000_001 }),
      segment('third', { seq: 3_000_000_000 }),
      segment('!', { seq: 3_000_000_005 }),
    ]),
  ).toEqual([
    [A_B, 'first'],
    [A_B, 'second'],
    [A_B, 'third!', 'midstream'],
  ]);
});

test('a probe in front of everything is not the beginning', async () => {
  expect(await runs([segment('', { seq: 98 }), segment('ab', { seq: 100 })])).toEqual([[A_B, 'ab', 'midstream']]);
});

const C: Endpoint = { address: [10, 0, 0, 3], port: 1234 };
const C_B = '10.0.0.3:1234 to 10.0.0.2:3490';

test('one connection follows the other, whole', async () => {
  const c = { from: C, to: B };
  expect(
    await runs([
      segment('a1 ', { seq: 1 }),
      segment('c1 ', { seq: 1, ...c }),
      datagram('u1'),
      segment('b1 ', { seq: 1, from: B, to: A }),
      segment('a2 ', { seq: 4 }),
      segment('c2 ', { seq: 4, ...c }),
      fin(7, c),
      fin(7),
      segment('b2 ', { seq: 4, from: B, to: A }),
    ]),
  ).toEqual([
    [A_B, 'a1 a2 ', 'midstream'],
    [C_B, 'c1 c2 ', 'midstream'],
    ['UDP datagrams', ''],
    [B_A, 'b1 b2 ', 'midstream'],
  ]);
});

test('datagrams wait for a connection, and connections not for datagrams', async () => {
  const { output } = await read([
    datagram('u1'),
    segment('a1', { seq: 1, ms: 5 }),
    datagram('u2', 6),
    segment('a2', { seq: 3, ms: 7 }),
    fin(5, { ms: 8 }),
    datagram('u3', 9),
  ]);
  expect(output.packets.map(({ bytes, timeMs }) => [text(bytes), timeMs])).toEqual([
    ['u1', T_MS],
    ['u2', T_MS + 6],
    ['u3', T_MS + 9],
  ]);
  expect(output.segments.map(({ name, bytes }) => [name, text(bytes)])).toEqual([
    [A_B, 'a1a2'],
    ['UDP datagrams', ''],
  ]);
});

test('the turn is passed on when others have waited and the connection is silent', async () => {
  const b = { from: B, to: A };
  const packets = [
    segment('a1 ', { seq: 1, ms: 0 }),
    segment('b1 ', { seq: 1, ms: 10, ...b }),
    segment('a2 ', { seq: 4, ms: 990 }),
    segment('b2 ', { seq: 4, ms: 1020, ...b }),
    segment('b3 ', { seq: 7, ms: 1060, ...b }),
    segment('a3 ', { seq: 7, ms: 1070 }),
  ];
  expect(await runs(packets, { maxWaitMs: 1000 })).toEqual([
    [A_B, 'a1 a2 ', 'midstream'],
    [B_A, 'b1 b2 b3 ', 'midstream'],
    [A_B, 'a3 ', 'resumed'],
  ]);
  const within = packets.map((packet, i) => (i === 2 ? segment('a2 ', { seq: 4, ms: 990, flags: ACK }) : packet));
  expect(await runs(within, { maxWaitMs: 1000 })).toEqual([
    [A_B, 'a1 a2 a3 ', 'midstream'],
    [B_A, 'b1 b2 b3 ', 'midstream'],
  ]);
});

test('what waits is bounded', async () => {
  const b = { from: B, to: A };
  const big = new Uint8Array(1000).fill(98);
  const packets = Array.from({ length: 400 }, (_, i) => [
    segment('a', { seq: 1 + i }),
    segment(big, { seq: 1 + i * 1000, ...b }),
  ]).flat();
  const { output } = await read(packets, { maxHeldBytes: 200_000 });
  const bytesOf = (name: string) =>
    output.segments.filter((s) => s.name === name).reduce((sum, s) => sum + s.bytes.length, 0);
  expect([bytesOf(A_B), bytesOf(B_A)]).toEqual([400, 400_000]);
  // The one with little to say waits, then.
  expect(output.segments.map(({ name, note }) => [name, note?.event])).toEqual([
    [A_B, 'midstream'],
    [B_A, 'midstream'],
    [A_B, 'resumed'],
  ]);
});

test('what came too early is bounded', async () => {
  const big = new Uint8Array(10_000).fill(98);
  const early = Array.from({ length: 30 }, (_, i) => segment(big, { seq: 200 + i * 10_000 }));
  expect(
    (await runs([segment('a', { seq: 100 }), ...early, segment('late', { seq: 101 })], { maxHeldBytes: 200_000 })).map(
      ([, bytes, note]) => [bytes.length, note],
    ),
  ).toEqual([
    [1, 'midstream'],
    [300_000, 'missing'],
  ]);
  const pieces = Array.from({ length: 4200 }, (_, i) => segment('x', { seq: 200 + i * 2 }));
  const output = new MemoryOutput();
  await read([segment('a', { seq: 100 }), ...pieces], {}, output);
  expect(output.segments).toHaveLength(4201);
});

test('connections are bounded: those that have ended are forgotten first, then the oldest', async () => {
  const from = (port: number) => ({ from: { address: [10, 0, 0, 9], port } });
  const packets = [
    segment('1', { seq: 1, ...from(1) }),
    segment('2', { seq: 1, ...from(2) }),
    fin(2, from(2)),
    segment('3', { seq: 1, ...from(3) }),
    segment('one', { seq: 2, ...from(1) }),
    segment('4', { seq: 1, ...from(4) }),
    segment('three', { seq: 2, ...from(3) }),
  ];
  const names = (await runs(packets, { maxFlows: 2 })).map(([name, bytes]) => [name.slice(8, 10), bytes]);
  expect(names).toEqual([
    [':1', '1one'],
    [':2', '2'],
    [':3', '3three'],
    [':4', '4'],
  ]);
});

test('random segments: cut anywhere, sent again, overlapping, in another order', async () => {
  const plan = fc.record({
    data: fc.uint8Array({ minLength: 1, maxLength: 200 }),
    first: fc.oneof(fc.constant(0), fc.constant(2 ** 32 - 50), fc.nat(2 ** 32 - 1)),
    cuts: fc.array(fc.tuple(fc.nat(200), fc.integer({ min: 1, max: 40 })), { maxLength: 20 }),
    size: fc.integer({ min: 1, max: 60 }),
    order: fc.infiniteStream(fc.nat(1_000_000)),
    slow: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(plan, async ({ data, first, cuts, size, order, slow }) => {
      const seq = (at: number) => (first + 1 + at) >>> 0;
      const pieces = [
        ...Array.from({ length: Math.ceil(data.length / size) }, (_, i) => [i * size, size] as const),
        ...cuts.filter(([at]) => at < data.length),
      ].map(([at, length]) => ({
        rank: order.next().value as number,
        packet: segment(data.subarray(at, at + length), { seq: seq(at) }),
      }));
      const shuffled = pieces.sort((a, b) => a.rank - b.rank).map(({ packet }) => packet);
      const { output } = await read([syn(first), ...shuffled, fin(seq(data.length))], {}, new MemoryOutput(slow));
      expect(output.segments.map(({ bytes }) => [...bytes])).toEqual([[...data]]);
      expect(output.segments[0]?.note).toBeUndefined();
    }),
    { numRuns: 1000, seed: 20_240_611 },
  );
});

test('random losses: what is delivered and what is reported as missing make the whole', async () => {
  const plan = fc.record({
    data: fc.uint8Array({ minLength: 1, maxLength: 300 }),
    size: fc.integer({ min: 1, max: 40 }),
    lost: fc.array(fc.nat(300), { maxLength: 20 }),
  });
  await fc.assert(
    fc.asyncProperty(plan, async ({ data, size, lost }) => {
      const numbers = Array.from({ length: Math.ceil(data.length / size) }, (_, i) => i);
      const packets = numbers
        .filter((i) => !lost.includes(i))
        .map((i) => segment(data.subarray(i * size, (i + 1) * size), { seq: 100 + i * size }));
      const { output } = await read([syn(99), ...packets, fin(100 + data.length)]);
      let at = 0;
      for (const { bytes, note } of output.segments) {
        at += note?.bytes ?? 0;
        expect([...bytes]).toEqual([...data.subarray(at, at + bytes.length)]);
        at += bytes.length;
      }
      expect(at).toBe(numbers.length === lost.length && output.segments.length === 0 ? 0 : data.length);
    }),
    { numRuns: 500, seed: 7 },
  );
});
