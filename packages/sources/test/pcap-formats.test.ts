/** Captures in all formats and of all networks that are read, and what is said of those that are not. */
import { expect, test } from 'vitest';
import {
  A,
  A6,
  B,
  B6,
  type Captured,
  ip,
  LINK_TYPES,
  type LinkForm,
  link,
  type PcapForm,
  PcapngWriter,
  pcap,
  udp,
} from './capture-builder.js';
import { readCapture } from './read-capture.js';

const T = 1_700_000_000_123_456_789n;
const T_MS = 1_700_000_000_123;
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const payload = (word: string) => new TextEncoder().encode(word);

function datagram(word: string, form: LinkForm = 'ethernet', version = 4, family?: number): Uint8Array {
  const [from, to] = version === 4 ? [A, B] : [A6, B6];
  return link(form, ip(from, to, 17, udp(from, to, payload(word))), family);
}

async function payloads(capture: Uint8Array, options = {}): Promise<string[]> {
  const { output, fault } = await readCapture(capture, options);
  expect(fault).toBeUndefined();
  return output.packets.map(({ bytes }) => text(bytes));
}

const ORDERS: PcapForm[] = [true, false].flatMap((littleEndian) =>
  [true, false].map((nanoseconds) => ({ littleEndian, nanoseconds })),
);

test.each(ORDERS)('pcap %o: payload, time and peer of each datagram', async (form) => {
  const { output, fault } = await readCapture(
    pcap(
      [
        { frame: datagram('one'), timeNs: T },
        { frame: datagram('two'), timeNs: T + 1_000_000_000n },
      ],
      form,
    ),
  );
  expect(fault).toBeUndefined();
  expect(output.packets.map(({ bytes, ...rest }) => ({ text: text(bytes), ...rest }))).toEqual([
    { text: 'one', timeMs: T_MS, peer: '10.0.0.1:40001' },
    { text: 'two', timeMs: T_MS + 1000, peer: '10.0.0.1:40001' },
  ]);
  expect(output.segments).toEqual([]);
});

const FORMS = Object.keys(LINK_TYPES) as LinkForm[];

test.each(FORMS.flatMap((form) => [4, 6].map((version) => [form, version] as const)))(
  'packets in %s, IPv%i',
  async (form, version) => {
    const capture = pcap([{ frame: datagram('in it', form, version), timeNs: T }], { linkType: LINK_TYPES[form] });
    expect(await payloads(capture)).toEqual(['in it']);
  },
);

test.each([12, 14, 228])('raw IP as link type %i', async (linkType) => {
  expect(await payloads(pcap([{ frame: datagram('raw', 'raw'), timeNs: T }], { linkType }))).toEqual(['raw']);
});

test('raw IPv6 as link type 229', async () => {
  expect(await payloads(pcap([{ frame: datagram('raw', 'raw', 6), timeNs: T }], { linkType: 229 }))).toEqual(['raw']);
});

test.each([10, 24, 28, 30])('IPv6 of a loopback interface with family %i', async (family) => {
  const frame = datagram('loop', 'null', 6, family);
  expect(await payloads(pcap([{ frame, timeNs: T }], { linkType: 0 }))).toEqual(['loop']);
});

test('IPv4 with options, and IPv6 with extension headers', async () => {
  const options = Uint8Array.from([7, 7, 4, 0, 0, 0, 0, 0]);
  const extensions = [
    [0, Uint8Array.from([0, 0, 1, 4, 0, 0, 0, 0])],
    [43, Uint8Array.from([0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
    [51, Uint8Array.from([0, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
    [60, Uint8Array.from([0, 0, 1, 4, 0, 0, 0, 0])],
  ] as const;
  const four = link('ethernet', ip(A, B, 17, udp(A, B, payload('four')), { options }));
  const six = link('ethernet', ip(A6, B6, 17, udp(A6, B6, payload('six')), { extensions }));
  expect(
    await payloads(
      pcap([
        { frame: four, timeNs: T },
        { frame: six, timeNs: T },
      ]),
    ),
  ).toEqual(['four', 'six']);
});

test.each([true, false])(
  'pcapng, little-endian: %s: sections, interfaces, times, blocks that are not known',
  async (little) => {
    const writer = new PcapngWriter(little)
      .section()
      .interface()
      .interface({ linkType: 113, resolution: 9, offsetSeconds: 1000n })
      .interface({ linkType: 101, resolution: 0x8a })
      .block(0x0bad_0000, new Uint8Array(16))
      .enhanced({ frame: datagram('micro'), timeNs: T })
      .enhanced({ frame: datagram('nano', 'cooked'), timeNs: T, interfaceId: 1 })
      .enhanced({ frame: datagram('binary', 'raw'), timeNs: T, interfaceId: 2 })
      .simple(datagram('simple'));
    const other = new PcapngWriter(!little)
      .section()
      .interface({ resolution: 3 })
      .enhanced({ frame: datagram('milli'), timeNs: T })
      .interface({ resolution: 0 })
      .enhanced({ frame: datagram('second'), timeNs: T, interfaceId: 1 })
      .interface({ resolution: 12 })
      .enhanced({ frame: datagram('pico'), timeNs: 1_000_000_123_456_789n, interfaceId: 2 });
    const { output, fault } = await readCapture(Buffer.concat([writer.bytes(), other.bytes()]));
    expect(fault).toBeUndefined();
    expect(output.packets.map(({ bytes, timeMs }) => [text(bytes), timeMs])).toEqual([
      ['micro', T_MS],
      ['nano', T_MS],
      // In units of 1/1024 second.
      ['binary', 1_700_000_000_123],
      ['simple', undefined],
      ['milli', T_MS],
      ['second', 1_700_000_000_000],
      ['pico', 1_000_000_123],
    ]);
  },
);

test('a simple packet is cut at the snap length of the first interface, and the datagram left out', async () => {
  const frame = datagram('a longer datagram');
  const writer = new PcapngWriter().section().interface({ snapLength: 48 }).simple(frame.subarray(0, 48), frame.length);
  const { output, fault } = await readCapture(writer.simple(datagram('x').subarray(0, 48), 60).bytes());
  expect(fault).toBeUndefined();
  expect(output.packets.map(({ bytes }) => text(bytes))).toEqual(['x']);
  expect(output.events[0]).toMatchObject({ event: 'truncated', count: 1, bytes: 11 });
});

test('a long block that is not known is passed over', async () => {
  const writer = new PcapngWriter()
    .section()
    .interface()
    .block(0x0bad_0000, new Uint8Array(3_000_000))
    .enhanced({ frame: datagram('behind'), timeNs: T });
  const { output, fault } = await readCapture(writer.bytes(), {}, 100_000);
  expect(fault).toBeUndefined();
  expect(output.packets).toHaveLength(1);
});

test('the old packet block is read', async () => {
  const frame = datagram('old');
  const head = new Uint8Array(20);
  new DataView(head.buffer).setUint32(12, frame.length, true);
  new DataView(head.buffer).setUint32(16, frame.length, true);
  const writer = new PcapngWriter()
    .section()
    .interface()
    .block(2, Buffer.concat([head, frame, Buffer.alloc(-frame.length & 3)]));
  expect(await payloads(writer.bytes())).toEqual(['old']);
});

test('dropped packets are reported from the statistics', async () => {
  const writer = new PcapngWriter().section().interface().statistics(0, 7n).statistics(0, 9n);
  const { output } = await readCapture(writer.bytes());
  expect(output.events.filter(({ event }) => event === 'dropped').map(({ count }) => count)).toEqual([7, 2]);
});

test.each([
  [105, 'IEEE 802.11 (Wi-Fi), link type 105'],
  [127, 'IEEE 802.11 with a radiotap header (Wi-Fi), link type 127'],
  [227, 'CAN (SocketCAN), link type 227'],
  [999, 'link type 999'],
])('link type %i is refused by name', async (linkType, name) => {
  const { output, fault } = await readCapture(pcap([{ frame: new Uint8Array(60), timeNs: T }], { linkType }));
  expect(fault?.message).toBe(`has only packets of networks that are not read: ${name}`);
  expect(output.packets).toEqual([]);
});

test('in pcapng, packets of a refused network are counted, and others read', async () => {
  const wifi = { frame: new Uint8Array(60), timeNs: T, interfaceId: 1 };
  const writer = new PcapngWriter().section().interface().interface({ linkType: 105 });
  const mixed = writer
    .enhanced(wifi)
    .enhanced(wifi)
    .enhanced({ frame: datagram('wired'), timeNs: T })
    .bytes();
  const { output, fault } = await readCapture(mixed);
  expect(fault).toBeUndefined();
  expect(output.packets.map(({ bytes }) => text(bytes))).toEqual(['wired']);
  expect(output.events.filter(({ event }) => event === 'refused').map(({ count }) => count)).toEqual([1, 1]);
  const alone = new PcapngWriter()
    .section()
    .interface({ linkType: 105 })
    .enhanced({ ...wifi, interfaceId: 0 });
  expect((await readCapture(alone.bytes())).fault?.message).toContain('IEEE 802.11');
});

test('packets without UDP and TCP are counted by what they are', async () => {
  const arp = new Uint8Array(60);
  arp.set([8, 6], 12);
  const packets: Captured[] = [
    { frame: arp, timeNs: T },
    { frame: link('ethernet', ip(A, B, 1, new Uint8Array(8))), timeNs: T },
    { frame: link('ethernet', ip(A6, B6, 58, new Uint8Array(8))), timeNs: T },
    { frame: datagram(''), timeNs: T },
    { frame: datagram('x'), timeNs: T },
  ];
  const { output } = await readCapture(pcap(packets));
  expect(output.events).toEqual([
    expect.objectContaining({
      event: 'capture',
      count: 5,
      datagrams: 1,
      empty: 1,
      others: '1 ARP, 1 ICMP, 1 ICMPv6',
    }),
  ]);
});

test('any sizes of pieces give the same', async () => {
  const capture = pcap(
    Array.from({ length: 50 }, (_, i) => ({ frame: datagram(`datagram ${i}`), timeNs: T + BigInt(i) * 1_000_000n })),
  );
  const whole = await readCapture(capture);
  expect(whole.output.packets).toHaveLength(50);
  for (const pieceBytes of [1, 7, 1000]) {
    const { output } = await readCapture(capture, {}, pieceBytes);
    expect(output.packets).toEqual(whole.output.packets);
  }
});

test('a capture much larger than the window', async () => {
  const frame = datagram('x'.repeat(1400));
  const capture = pcap(Array.from({ length: 3000 }, () => ({ frame, timeNs: T })));
  const { output, fault } = await readCapture(capture, {}, 65_537);
  expect(fault).toBeUndefined();
  expect(output.packets).toHaveLength(3000);
  expect(output.packets.every(({ bytes }) => bytes.length === 1400)).toBe(true);
});

test('every truncation ends in the datagrams so far, and an error unless it is between two packets', async () => {
  const frames = ['one', 'two', 'three'].map((word) => datagram(word));
  const classic = pcap(frames.map((frame) => ({ frame, timeNs: T })));
  const classicEnds = [
    24,
    ...frames.map((_, i) => 24 + frames.slice(0, i + 1).reduce((sum, f) => sum + 16 + f.length, 0)),
  ];
  const writer = new PcapngWriter().section();
  const ngEnds = [writer.bytes().length, writer.interface().bytes().length];
  for (const frame of frames) ngEnds.push(writer.enhanced({ frame, timeNs: T }).bytes().length);
  for (const [capture, ends, heads] of [
    [classic, classicEnds, 1],
    [writer.bytes(), ngEnds, 2],
  ] as const) {
    for (let length = 0; length <= capture.length; length++) {
      const { output, fault } = await readCapture(capture.subarray(0, length));
      const complete = ends.filter((end) => end <= length).length;
      expect(output.packets.map(({ bytes }) => text(bytes))).toEqual(
        ['one', 'two', 'three'].slice(0, Math.max(0, complete - heads)),
      );
      if (ends.includes(length)) expect(fault).toBeUndefined();
      else expect(fault?.message).toMatch(/^ends within (its header|a packet|a block), at byte \d+$/);
    }
  }
});

test.each([
  [
    'a packet that is too long',
    damagedPcap(24 + 8, 0x00_ff_ff_ff),
    /^is damaged at byte 24: a packet of 4294967040 bytes; expected at most 262144$/,
  ],
  ['no capture', payload('{"a": 1}'), /^is no capture of packets: it begins with 7b226122; expected pcap or pcapng$/],
  [
    'a block that is too short',
    damagedPcapng(28 + 4, 8),
    /^is damaged at byte 28: a block of 8 bytes; expected a multiple of 4/,
  ],
  [
    'an interface that is not there',
    new PcapngWriter().section().simple(datagram('x')).bytes(),
    /a packet of interface 0; 0 are described before it$/,
  ],
])('damage: %s', async (_, capture, message) => {
  const { fault } = await readCapture(capture);
  expect(fault?.message).toMatch(message);
});

test('a packet that does not fit its block is damage', async () => {
  const writer = new PcapngWriter().section().interface();
  const at = writer.bytes().length + 20;
  const bytes = writer.enhanced({ frame: datagram('x'), timeNs: T }).bytes();
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(at, 5000, true);
  expect((await readCapture(bytes)).fault?.message).toMatch(/a packet of 5000 bytes in a block with room for \d+$/);
});

test('a block whose two lengths differ is damage', async () => {
  const bytes = new PcapngWriter()
    .section()
    .interface()
    .enhanced({ frame: datagram('x'), timeNs: T })
    .bytes();
  bytes[bytes.length - 4] = 1;
  expect((await readCapture(bytes)).fault?.message).toMatch(/that says \d+ at its end; expected the same number$/);
});

test('a reader that wants no more gets no more', async () => {
  const capture = pcap(Array.from({ length: 5 }, () => ({ frame: datagram('x'), timeNs: T })));
  const { MemoryOutput } = await import('./memory-output.js');
  for (const slow of [true, false]) {
    const output = new MemoryOutput(slow);
    output.remaining = 2;
    const { fault } = await readCapture(capture, {}, capture.length, output);
    expect(fault).toBeUndefined();
    expect(output.packets).toHaveLength(2);
    expect(output.events).toEqual([]);
  }
});

function damagedPcap(at: number, value: number): Uint8Array {
  const bytes = pcap([{ frame: datagram('x'), timeNs: T }]);
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(at, value);
  return bytes;
}

function damagedPcapng(at: number, value: number): Uint8Array {
  const bytes = new PcapngWriter().section().interface().bytes();
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(at, value, true);
  return bytes;
}
