/** One direction of a TCP connection: which byte comes next, and what came before its turn. */
import type { Packet } from './packet.js';
import { Stream, type Turns } from './turns.js';

/** A piece that came before others that belong in front of it. */
interface Early {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  readonly missing: number;
  readonly timeMs: number;
  readonly isPushed: boolean;
}

/** What a piece takes in memory beside its bytes, about. */
const EARLY_OVERHEAD = 256;
const MAX_EARLY_PIECES = 4096;

export class TcpFlow {
  readonly key: string;
  readonly stream: Stream;
  reverse: TcpFlow | undefined;
  hasBegun = false;
  hasEnded = false;
  /** Whether another one may be between the same ports now. */
  isForgotten = false;
  /** Sequence number of the next byte. */
  next = 0;
  /** Of the first byte. */
  first = 0;
  /** Memory that early pieces take. */
  earlyBytes = 0;
  /** Behind the last byte, when the end was seen. */
  #end: number | undefined;
  /** In order. */
  #early: Early[] = [];
  readonly #turns: Turns;

  constructor(key: string, name: string, turns: Turns) {
    this.key = key;
    this.stream = new Stream(name, 'tcp');
    this.#turns = turns;
  }

  get hasEarly(): boolean {
    return this.#early.length > 0;
  }

  get hasTooManyEarly(): boolean {
    return this.#early.length > MAX_EARLY_PIECES;
  }

  /** When the oldest early piece was captured. */
  get waitsSinceMs(): number {
    return this.#early[0]?.timeMs ?? -1;
  }

  /** Whether its last segment was seen. */
  get endIsKnown(): boolean {
    return this.#end !== undefined;
  }

  get isAtEnd(): boolean {
    return this.#end !== undefined && distance(this.next, this.#end) <= 0;
  }

  begin(sequence: number, isMidstream: boolean): void {
    this.hasBegun = true;
    this.first = sequence;
    this.next = sequence;
    this.stream.isMidstream = isMidstream;
  }

  /** The sender has said that its last byte is the one before this. */
  endsAt(sequence: number): void {
    this.#end ??= sequence;
  }

  /**
   * Takes the payload of a segment that begins at `sequence`.
   * @returns how many of its bytes were there before; -1: the reader wants no more
   */
  async take(packet: Packet, sequence: number, timeMs: number, isPushed: boolean): Promise<number> {
    const { bytes, start, end, missing } = packet;
    const ahead = distance(this.next, sequence);
    const length = end - start;
    if (ahead > 0) {
      this.#keep({ sequence, bytes: bytes.slice(start, end), missing, timeMs, isPushed });
      return 0;
    }
    const repeated = Math.min(-ahead, length);
    if (!(await this.#give(bytes, start + repeated, end, timeMs, isPushed))) return -1;
    if (!(await this.#skipCut(-ahead, length, missing))) return -1;
    return (await this.#giveEarly()) ? repeated : -1;
  }

  /** Gives up what is missing in front of the first early piece. */
  async skipGap(): Promise<boolean> {
    const [first] = this.#early;
    if (first === undefined) return true;
    return (await this.#skipTo(first.sequence)) && (await this.#giveEarly());
  }

  /** Gives what there is, without what is missing, and ends. */
  async end(): Promise<boolean> {
    if (this.hasEnded) return true;
    while (this.hasEarly) if (!(await this.skipGap())) return false;
    // A number far ahead is not the end of what was seen.
    if (this.hasBegun && this.#end !== undefined && !(await this.#skipTo(this.#end))) return false;
    this.hasEnded = true;
    return await this.#turns.ended(this.stream);
  }

  #give(bytes: Uint8Array, start: number, end: number, timeMs: number, isPushed: boolean): boolean | Promise<boolean> {
    if (start >= end) return true;
    this.next = (this.next + end - start) >>> 0;
    return this.#turns.data(this.stream, bytes, start, end, timeMs, isPushed && !this.hasEarly);
  }

  /** The end of a segment that was not captured. */
  async #skipCut(before: number, length: number, missing: number): Promise<boolean> {
    const count = missing - Math.max(0, before - length);
    if (count <= 0) return true;
    this.next = (this.next + count) >>> 0;
    return await this.#turns.missing(this.stream, count, true);
  }

  async #skipTo(sequence: number): Promise<boolean> {
    const count = distance(this.next, sequence);
    if (count <= 0) return true;
    this.next = sequence;
    return await this.#turns.missing(this.stream, count, false);
  }

  async #giveEarly(): Promise<boolean> {
    for (;;) {
      const [piece] = this.#early;
      if (piece === undefined) return true;
      const before = -distance(this.next, piece.sequence);
      if (before < 0) return true;
      this.#early.shift();
      this.earlyBytes -= piece.bytes.length + EARLY_OVERHEAD;
      const { bytes, missing, timeMs, isPushed } = piece;
      if (!(await this.#give(bytes, Math.min(before, bytes.length), bytes.length, timeMs, isPushed))) return false;
      if (!(await this.#skipCut(before, bytes.length, missing))) return false;
    }
  }

  #keep(piece: Early): void {
    const ahead = distance(this.next, piece.sequence);
    let at = this.#early.length;
    while (at > 0 && distance(this.next, (this.#early[at - 1] as Early).sequence) > ahead) at--;
    const before = this.#early[at - 1];
    // The same again, which is what senders do until the first missing one arrives.
    if (before?.sequence === piece.sequence && before.bytes.length >= piece.bytes.length) return;
    this.#early.splice(at, 0, piece);
    this.earlyBytes += piece.bytes.length + EARLY_OVERHEAD;
  }
}

/** How far `to` is ahead of `from`; negative when it is behind. Sequence numbers begin again at 0. */
export function distance(from: number, to: number): number {
  return (to - from) | 0;
}
