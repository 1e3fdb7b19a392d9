/** Captures of random traffic in all the forms that are read, made from a seed. */
import {
  type Captured,
  type Endpoint,
  ip,
  LINK_TYPES,
  type LinkForm,
  link,
  PcapngWriter,
  pcap,
  tcp,
  udp,
} from './capture-builder.js';

/** Numbers from 0 up to 1, the same for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An IP packet, with when it was sent. */
interface Sent {
  readonly packet: Uint8Array;
  readonly timeNs: bigint;
  /** Of a connection or datagram: all of it is seen at one interface. */
  readonly group: number;
}

const FORMS = Object.keys(LINK_TYPES) as LinkForm[];

export class RandomTraffic {
  readonly #random: () => number;
  readonly #mostBytes: number;
  readonly sent: Sent[] = [];
  #timeNs = 1_700_000_000_123_456_789n;
  #group = 0;

  /** @param mostBytes that a connection or datagram has */
  constructor(seed: number, mostBytes = 3000) {
    this.#random = randomNumbers(seed);
    this.#mostBytes = mostBytes;
  }

  number(most: number): number {
    return Math.floor(this.#random() * most);
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.number(256));
  }

  /** @returns the payload of each direction, whole */
  connection(port: number, version: number): [Uint8Array, Uint8Array] {
    this.#group++;
    const [client, server] = this.#pair(port, version);
    const [sends, answers] = [this.#payload(), this.#payload()];
    const [clientFirst, serverFirst] = [this.number(2 ** 32), this.number(2 ** 32)];
    const add = (fromClient: boolean, flags: number, at: number, payload: Uint8Array = new Uint8Array(0)) => {
      const [from, to] = fromClient ? [client, server] : [server, client];
      const first = fromClient ? clientFirst : serverFirst;
      const acknowledged = ((fromClient ? serverFirst : clientFirst) + 1) >>> 0;
      const fields = { sequence: (first + at) >>> 0, acknowledged, flags, options: this.#tcpOptions() };
      this.#send(ip(from, to, 6, tcp(from, to, payload, fields)));
    };
    add(true, 2, 0);
    add(false, 0x12, 0);
    const segments = [...this.#segments(true, sends), ...this.#segments(false, answers)];
    for (const [fromClient, at, payload] of segments.sort((a, b) => a[3] - b[3]))
      add(fromClient, 0x18, 1 + at, payload);
    add(true, 0x11, 1 + sends.length);
    add(false, 0x11, 1 + answers.length);
    return [sends, answers];
  }

  datagram(port: number, version: number): void {
    this.#group++;
    const [from, to] = this.#pair(port, version);
    const payload = this.#payload();
    const body = udp(from, to, payload);
    if (body.length < this.#mostBytes / 6 || this.number(2) === 0) {
      this.#send(
        ip(from, to, 17, body, version === 4 ? { options: this.#ipOptions() } : { extensions: this.#extensions() }),
      );
      return;
    }
    const id = this.#group;
    const size = 8 * (20 + this.number(60));
    for (let at = 0; at < body.length; at += size) {
      const moreFragments = at + size < body.length;
      this.#send(ip(from, to, 17, body.subarray(at, at + size), { id, fragmentOffset: at, moreFragments }));
    }
  }

  pcap(form: LinkForm, littleEndian: boolean, nanoseconds: boolean): Uint8Array {
    const packets = this.sent.map(({ packet, timeNs }) => ({ frame: link(form, packet), timeNs }));
    return pcap(packets, { littleEndian, nanoseconds, linkType: LINK_TYPES[form] });
  }

  /** Connections and datagrams in all the forms. */
  pcapng(littleEndian: boolean): Uint8Array {
    const writer = new PcapngWriter(littleEndian).section();
    for (const [i, form] of FORMS.entries())
      writer.interface({ linkType: LINK_TYPES[form], ...(i % 2 === 0 ? { resolution: 9 } : {}) });
    for (const { packet, timeNs, group } of this.sent) {
      const interfaceId = group % FORMS.length;
      writer.enhanced({ frame: link(FORMS[interfaceId] as LinkForm, packet), timeNs, interfaceId } satisfies Captured);
      if (this.number(10) === 0) writer.block(0x0bad_0000 + this.number(9), this.bytes(4 * this.number(9)));
    }
    return writer.bytes();
  }

  #payload(): Uint8Array {
    return this.bytes(1 + this.number(this.#mostBytes));
  }

  /** Pieces of what is sent, some of them twice, some overlapping, near to their order. */
  #segments(fromClient: boolean, bytes: Uint8Array): [boolean, number, Uint8Array, number][] {
    const segments: [boolean, number, Uint8Array, number][] = [];
    for (let at = 0; at < bytes.length; ) {
      const length = 1 + this.number(400);
      const rank = at + this.number(900);
      segments.push([fromClient, at, bytes.subarray(at, at + length), rank]);
      if (this.number(5) === 0)
        segments.push([fromClient, at, bytes.subarray(at, at + length), rank + this.number(900)]);
      at += this.number(6) === 0 ? Math.ceil(length / 2) : length;
    }
    return segments;
  }

  #pair(port: number, version: number): [Endpoint, Endpoint] {
    const address = (last: number) =>
      version === 4 ? [10, 1, 2, last] : [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, last];
    return [
      { address: address(1), port },
      { address: address(2), port: 61_000 },
    ];
  }

  #send(packet: Uint8Array): void {
    this.#timeNs += BigInt(this.number(3_000_000));
    this.sent.push({ packet, timeNs: this.#timeNs, group: this.#group });
  }

  #tcpOptions(): Uint8Array {
    return this.number(2) === 0 ? new Uint8Array(0) : Uint8Array.of(1, 1, 1, 1);
  }

  #ipOptions(): Uint8Array {
    return this.number(3) === 0 ? Uint8Array.of(1, 1, 1, 1) : new Uint8Array(0);
  }

  #extensions(): readonly (readonly [number, Uint8Array])[] {
    return this.number(3) === 0 ? [[60, Uint8Array.of(0, 0, 1, 4, 0, 0, 0, 0)]] : [];
  }
}
