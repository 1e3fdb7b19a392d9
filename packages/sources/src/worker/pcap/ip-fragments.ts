/** Puts IP packets together that were sent in parts. The parts of one are kept until it is complete, too old, or too many others are begun. */
import type { Packet } from './packet.js';

/** As Linux does. */
const MAX_AGE_MS = 30_000;
const MAX_BEGUN = 256;
/** Of an IP packet behind its header. */
const MAX_BYTES = 65_535;
const FIRST_BYTES = 4096;
/** Offsets of parts count in units of so many bytes. */
const UNIT = 8;
/** Room for the addresses of sender and receiver in front of the payload. */
const ADDRESS_BYTES = 32;

interface Begun {
  bytes: Uint8Array;
  /** One for each unit that is there. */
  readonly units: Uint8Array;
  unitCount: number;
  /** Bytes of the payload; -1 until the last part is there. */
  total: number;
  highest: number;
  readonly sinceMs: number;
}

export class IpFragments {
  readonly #begun = new Map<string, Begun>();
  /** Told how many bytes were there of a packet that is given up. */
  readonly #onIncomplete: (bytes: number) => void;

  constructor(onIncomplete: (bytes: number) => void) {
    this.#onIncomplete = onIncomplete;
  }

  /** @returns whether the packet is complete: `packet` then stands for all of it, up to `readTransport` */
  add(packet: Packet, timeMs: number): boolean {
    this.#dropOld(timeMs);
    const key = keyOf(packet);
    const begun = this.#begun.get(key) ?? this.#begin(key, packet, timeMs);
    const from = packet.fragmentOffset;
    const length = packet.end - packet.start;
    const end = from + length;
    const isDamaged =
      end > MAX_BYTES ||
      (packet.moreFragments && length % UNIT !== 0) ||
      (packet.moreFragments ? begun.total !== -1 && end > begun.total : end < begun.highest) ||
      (!packet.moreFragments && begun.total !== -1 && begun.total !== end);
    if (isDamaged) {
      this.#giveUp(key, begun);
      return false;
    }
    if (!packet.moreFragments) begun.total = end;
    begun.highest = Math.max(begun.highest, end);
    copyUnits(begun, packet, from, length);
    if (begun.total === -1 || begun.unitCount * UNIT < begun.total) return false;
    this.#begun.delete(key);
    standFor(packet, begun);
    return true;
  }

  /** Nothing follows. */
  end(): void {
    for (const [key, begun] of this.#begun) this.#giveUp(key, begun);
  }

  #begin(key: string, { bytes, addresses, version }: Packet, timeMs: number): Begun {
    if (this.#begun.size === MAX_BEGUN) this.#giveUpOldest();
    const begun: Begun = {
      bytes: new Uint8Array(ADDRESS_BYTES + FIRST_BYTES),
      units: new Uint8Array(Math.ceil(MAX_BYTES / UNIT)),
      unitCount: 0,
      total: -1,
      highest: 0,
      sinceMs: timeMs,
    };
    begun.bytes.set(bytes.subarray(addresses, addresses + (version === 4 ? 8 : 32)));
    this.#begun.set(key, begun);
    return begun;
  }

  #dropOld(timeMs: number): void {
    for (const [key, begun] of this.#begun) {
      if (timeMs - begun.sinceMs < MAX_AGE_MS) return;
      this.#giveUp(key, begun);
    }
  }

  #giveUpOldest(): void {
    for (const [key, begun] of this.#begun) {
      this.#giveUp(key, begun);
      return;
    }
  }

  #giveUp(key: string, begun: Begun): void {
    this.#begun.delete(key);
    this.#onIncomplete(Math.min(begun.unitCount * UNIT, begun.highest));
  }
}

function keyOf({ bytes, addresses, version, fragmentId, protocol }: Packet): string {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset + addresses, version === 4 ? 8 : 32);
  return `${at.toString('latin1')} ${fragmentId} ${protocol}`;
}

/** What is there stays: a part that is sent again, or another one for the same place, changes nothing. */
function copyUnits(begun: Begun, packet: Packet, from: number, length: number): void {
  const needed = ADDRESS_BYTES + from + length;
  if (begun.bytes.length < needed) {
    const larger = new Uint8Array(Math.min(ADDRESS_BYTES + MAX_BYTES, Math.max(needed, begun.bytes.length * 2)));
    larger.set(begun.bytes);
    begun.bytes = larger;
  }
  for (let at = 0; at < length; at += UNIT) {
    const unit = (from + at) / UNIT;
    if (begun.units[unit] === 1) continue;
    begun.units[unit] = 1;
    begun.unitCount++;
    const start = packet.start + at;
    begun.bytes.set(packet.bytes.subarray(start, Math.min(start + UNIT, packet.end)), ADDRESS_BYTES + from + at);
  }
}

function standFor(packet: Packet, begun: Begun): void {
  packet.bytes = begun.bytes;
  packet.addresses = 0;
  packet.start = ADDRESS_BYTES;
  packet.end = ADDRESS_BYTES + begun.total;
  packet.missing = 0;
  packet.fragmentOffset = 0;
  packet.moreFragments = false;
}
