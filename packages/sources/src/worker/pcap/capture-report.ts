/**
 * What is said of a capture in the stream, beside what it holds: packets that were not delivered, and how many there were of all. A record for
 * each would be more than the packets, so of each kind there is one for the first packet, one for the next nine, one for the next ninety, …
 */
import type { SourceEvent, SourceOutput } from '../contract.js';

/** Protocols beyond these are counted together. */
const MAX_PROTOCOLS = 32;
/** Packets that one record may stand for at most. */
const MAX_TOGETHER = 1_000_000;

interface Kind {
  readonly message: (count: number, bytes: number) => string;
  count: number;
  bytes: number;
  /** Of both, what records said already. */
  saidCount: number;
  saidBytes: number;
}

export class CaptureReport {
  packets = 0;
  datagrams = 0;
  segments = 0;
  /** Bytes of TCP that were sent more than once. */
  repeatedBytes = 0;
  filtered = 0;
  empty = 0;
  readonly #others = new Map<string, number>();
  readonly #kinds = new Map<string, Kind>([
    ['truncated', kind((n, bytes) => `${packets(n)} not captured as a whole: ${bytes} bytes are missing.`)],
    [
      'fragment',
      kind(
        (n, bytes) =>
          `${packets(n, 'IP packet')} sent in parts that are not all in the capture: ${bytes} bytes are not delivered.`,
      ),
    ],
    ['malformed', kind((n) => `${packets(n)} damaged: headers and lengths contradict each other.`)],
    ['dropped', kind((n) => `${packets(n)} dropped while the capture was made, as its statistics say.`)],
  ]);
  #due: SourceEvent[] = [];

  /** Whether `send` has something to say. */
  get isDue(): boolean {
    return this.#due.length > 0;
  }

  add(name: 'truncated' | 'fragment' | 'malformed' | 'dropped', bytes = 0, count = 1): void {
    const of = this.#kinds.get(name) as Kind;
    of.count += count;
    of.bytes += bytes;
    if (of.count >= Math.min(of.saidCount * 10, of.saidCount + MAX_TOGETHER) || of.saidCount === 0) this.#say(name, of);
  }

  /** A packet of a network that is not read. */
  addRefused(name: string): void {
    const key = `refused ${name}`;
    let of = this.#kinds.get(key);
    if (of === undefined) {
      of = kind((n) => `${packets(n)} of ${name}, which this source does not read.`);
      this.#kinds.set(key, of);
    }
    of.count++;
    if (of.count >= Math.min(of.saidCount * 10, of.saidCount + MAX_TOGETHER) || of.saidCount === 0)
      this.#say('refused', of);
  }

  /** A packet that is neither UDP nor TCP. */
  addOther(protocol: string): void {
    const name = this.#others.has(protocol) || this.#others.size < MAX_PROTOCOLS ? protocol : 'others';
    this.#others.set(name, (this.#others.get(name) ?? 0) + 1);
  }

  /** Says what is left to say. */
  end(): void {
    for (const [name, of] of this.#kinds) if (of.count > of.saidCount) this.#say(name.replace(/ .*/s, ''), of);
    const { packets: count, datagrams, segments, filtered, repeatedBytes, empty } = this;
    const others = [...this.#others].sort(([, a], [, b]) => b - a);
    const parts = [
      `${datagrams} datagrams of UDP and ${segments} segments of TCP were delivered`,
      ...(filtered > 0 ? [`${filtered} packets were not asked for`] : []),
      ...(empty > 0 ? [`${empty} have no payload`] : []),
      ...(repeatedBytes > 0 ? [`${repeatedBytes} bytes were sent again`] : []),
      ...others.map(([name, n]) => `${n} ${n === 1 ? 'is' : 'are'} ${name}`),
    ];
    this.#due.push({
      event: 'capture',
      message: `Of ${count} captured packets: ${parts.join(', ')}.`,
      count,
      datagrams,
      segments,
      filtered,
      empty,
      repeatedBytes,
      others: others.map(([name, n]) => `${n} ${name}`).join(', '),
    });
  }

  /** @returns false: the reader wants no more */
  async send(output: SourceOutput): Promise<boolean> {
    const due = this.#due;
    this.#due = [];
    for (const event of due) if (!(await output.event(event))) return false;
    return true;
  }

  #say(event: string, of: Kind): void {
    const count = of.count - of.saidCount;
    const bytes = of.bytes - of.saidBytes;
    of.saidCount = of.count;
    of.saidBytes = of.bytes;
    this.#due.push({ event, message: of.message(count, bytes), count, ...(bytes > 0 ? { bytes } : {}) });
  }
}

function kind(message: Kind['message']): Kind {
  return { message, count: 0, bytes: 0, saidCount: 0, saidBytes: 0 };
}

/** Subject and verb. */
function packets(count: number, noun = 'packet'): string {
  return count === 1 ? `1 ${noun} was` : `${count} ${noun}s were`;
}
