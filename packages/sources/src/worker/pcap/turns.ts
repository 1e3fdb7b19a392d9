/**
 * Brings the bytes of several connections into one stream without mixing them. One of them has the turn: its bytes go straight on. Those of the
 * others wait. The turn ends with the connection; when too much waits; or when others have waited for long and this one is silent. What gets
 * the turn is an input of its own for the parser (`segment`). Datagrams are one of the streams, and give the turn away to whoever wants it.
 */
import type { SourceEvent, SourceOutput } from '../contract.js';
import { HeldBytes } from './held-bytes.js';

/** So long after a push, by the capture's time, a sender is taken to be between two messages. Some send one in several writes. */
const SILENCE_MS = 50;

/** What has turns. */
export class Stream {
  readonly name: string;
  readonly type: 'tcp' | 'udp';
  /** Whether the capture has begun within it. */
  isMidstream = false;
  hadTurn = false;
  hasEnded = false;
  held: HeldBytes | undefined;
  /** When its first byte that waits was captured. */
  waitsSinceMs = 0;
  lastMs = -1;
  /** Whether its last segment was the end of a write of its sender, and nothing before it is missing. */
  isBetweenWrites = false;

  constructor(name: string, type: 'tcp' | 'udp') {
    this.name = name;
    this.type = type;
  }
}

export interface TurnLimits {
  readonly maxWaitMs: number;
  readonly maxHeldBytes: number;
}

export class Turns {
  readonly #output: SourceOutput;
  readonly #limits: TurnLimits;
  readonly #datagrams = new Stream('UDP datagrams', 'udp');
  /** Those with bytes that wait, the longest first. */
  readonly #waiting = new Set<Stream>();
  #active: Stream | undefined;
  #hasBegun = false;
  #heldBytes = 0;
  /** The time that the output was told last. */
  #timeMs = -1;

  constructor(output: SourceOutput, limits: TurnLimits) {
    this.#output = output;
    this.#limits = limits;
  }

  /** @param isPushed whether they are the end of a write of the sender. @returns false: the reader wants no more */
  data(
    stream: Stream,
    bytes: Uint8Array,
    start: number,
    end: number,
    timeMs: number,
    isPushed: boolean,
  ): boolean | Promise<boolean> {
    if (start === end) return true;
    stream.isBetweenWrites = isPushed;
    if (timeMs !== -1) stream.lastMs = timeMs;
    if (stream === this.#active) return this.#write(bytes.subarray(start, end), timeMs);
    if (this.#isFree) return this.#beginWith(stream, bytes.subarray(start, end), timeMs);
    const held = this.#hold(stream, timeMs);
    const before = held.footprint;
    held.append(bytes, start, end, timeMs);
    this.#heldBytes += held.footprint - before;
    return this.#passOn(timeMs);
  }

  /** @returns false: the reader wants no more */
  datagram(bytes: Uint8Array, start: number, end: number, timeMs: number, peer: string): boolean | Promise<boolean> {
    const stream = this.#datagrams;
    if (stream === this.#active) return this.#output.packet(bytes.subarray(start, end), packetInfo(timeMs, peer));
    if (this.#isFree) return this.#beginWithDatagram(bytes.subarray(start, end), timeMs, peer);
    const held = this.#hold(stream, timeMs);
    const before = held.footprint;
    held.appendDatagram(bytes, start, end, timeMs, peer);
    this.#heldBytes += held.footprint - before;
    return this.#passOn(timeMs);
  }

  /** Bytes of a connection that the capture does not have. What follows is no continuation of what came before. */
  missing(stream: Stream, count: number, cut: boolean): boolean | Promise<boolean> {
    if (stream === this.#active || this.#isFree) return this.#begin(stream, missingEvent(stream, count, cut));
    const held = this.#hold(stream, stream.lastMs);
    const before = held.footprint;
    held.appendMissing(count, cut);
    this.#heldBytes += held.footprint - before;
    return true;
  }

  /** Nothing follows in that connection. */
  ended(stream: Stream): boolean | Promise<boolean> {
    stream.hasEnded = true;
    if (stream !== this.#active) return true;
    this.#active = undefined;
    return this.#waiting.size === 0 ? true : this.#giveTurns(false);
  }

  /** Nothing follows at all: delivers what waits. */
  async end(): Promise<boolean> {
    return await this.#giveTurns(true);
  }

  /** Whether whoever comes gets the turn. */
  get #isFree(): boolean {
    return this.#active === undefined || this.#active === this.#datagrams;
  }

  #hold(stream: Stream, timeMs: number): HeldBytes {
    if (stream.held === undefined) {
      stream.held = new HeldBytes();
      stream.waitsSinceMs = timeMs;
      this.#heldBytes += stream.held.footprint;
      this.#waiting.add(stream);
    }
    return stream.held;
  }

  /** Whether the turn has to be passed on, now that more waits. */
  #passOn(nowMs: number): boolean | Promise<boolean> {
    if (this.#heldBytes > this.#limits.maxHeldBytes) return this.#giveTurns(true);
    const active = this.#active;
    const [first] = this.#waiting;
    if (first === undefined || active === undefined || nowMs - first.waitsSinceMs < this.#limits.maxWaitMs) return true;
    return active.isBetweenWrites && nowMs - active.lastMs >= SILENCE_MS ? this.#giveTurns(true) : true;
  }

  /** @param toAll to all that wait, one after the other; otherwise until one of them has not ended and keeps it */
  async #giveTurns(toAll: boolean): Promise<boolean> {
    for (const stream of this.#waiting) {
      const { held } = stream;
      this.#waiting.delete(stream);
      stream.held = undefined;
      this.#heldBytes -= held?.footprint ?? 0;
      if (!(await this.#begin(stream))) return false;
      if (held !== undefined && !(await this.#deliver(stream, held))) return false;
      if (stream.hasEnded) this.#active = undefined;
      else if (!toAll && stream !== this.#datagrams) return true;
    }
    return true;
  }

  async #deliver(stream: Stream, held: HeldBytes): Promise<boolean> {
    for (const [i, { timeMs, missing, cut, peer }] of held.marks.entries()) {
      if (missing > 0 && !(await this.#output.segment(inputOf(stream, missingEvent(stream, missing, cut)))))
        return false;
      const bytes = held.bytesOf(i);
      if (bytes.length === 0) continue;
      const wanted =
        peer === undefined
          ? await this.#write(bytes, timeMs)
          : await this.#output.packet(bytes, packetInfo(timeMs, peer));
      if (!wanted) return false;
    }
    return true;
  }

  async #beginWith(stream: Stream, bytes: Uint8Array, timeMs: number): Promise<boolean> {
    return (await this.#begin(stream)) && (await this.#write(bytes, timeMs));
  }

  async #beginWithDatagram(bytes: Uint8Array, timeMs: number, peer: string): Promise<boolean> {
    return (await this.#begin(this.#datagrams)) && (await this.#output.packet(bytes, packetInfo(timeMs, peer)));
  }

  #begin(stream: Stream, note = beginEvent(stream)): boolean | Promise<boolean> {
    const isFirst = !this.#hasBegun;
    this.#hasBegun = true;
    this.#active = stream;
    stream.hadTurn = true;
    // A capture of datagrams alone is one input.
    if (isFirst && stream === this.#datagrams) return true;
    return this.#output.segment(inputOf(stream, note));
  }

  #write(bytes: Uint8Array, timeMs: number): boolean | Promise<boolean> {
    if (timeMs !== this.#timeMs && timeMs !== -1) {
      this.#timeMs = timeMs;
      this.#output.timestamp(timeMs);
    }
    return this.#output.write(bytes);
  }
}

function inputOf({ name, type }: Stream, note: SourceEvent | undefined): Parameters<SourceOutput['segment']>[0] {
  return note === undefined ? { name, type } : { name, type, note };
}

function packetInfo(timeMs: number, peer: string): { timestampMs?: number; peer: string } {
  return timeMs === -1 ? { peer } : { timestampMs: timeMs, peer };
}

function missingEvent({ name }: Stream, bytes: number, cut: boolean): SourceEvent {
  return cut
    ? {
        event: 'truncated',
        message: `${bytes} bytes of ${name} were not captured: the packet was cut.`,
        bytes,
        peer: name,
      }
    : { event: 'missing', message: `${bytes} bytes of ${name} are missing in the capture.`, bytes, peer: name };
}

function beginEvent({ name, hadTurn, isMidstream, type }: Stream): SourceEvent | undefined {
  if (type === 'udp') return undefined;
  if (hadTurn) return { event: 'resumed', message: `${name} goes on.`, peer: name };
  return isMidstream
    ? { event: 'midstream', message: `The beginning of ${name} is not in the capture.`, peer: name }
    : undefined;
}
