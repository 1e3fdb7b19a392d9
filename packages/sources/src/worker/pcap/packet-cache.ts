/** Finds what is known of a sender and receiver without making a key of them: for packets that are nearly always of the same few. */
import type { Packet } from './packet.js';

/** A power of 2. */
const ENTRIES = 256;
/** Both addresses, of IPv6, and both ports. */
const MOST_BYTES = 36;

export class PacketCache<Value> {
  readonly #values: (Value | undefined)[] = Array(ENTRIES).fill(undefined);
  readonly #lengths = new Uint8Array(ENTRIES);
  readonly #bytes = new Uint8Array(ENTRIES * MOST_BYTES);

  /** What was put for a packet between the same ports of the same addresses, unless another has taken its place. */
  get(packet: Packet): Value | undefined {
    const entry = placeOf(packet);
    const { bytes, addresses, ports } = packet;
    const length = packet.version === 4 ? 8 : 32;
    if (this.#lengths[entry] !== length) return undefined;
    const kept = this.#bytes;
    const at = entry * MOST_BYTES;
    for (let i = 0; i < length; i++) if (kept[at + i] !== bytes[addresses + i]) return undefined;
    for (let i = 0; i < 4; i++) if (kept[at + 32 + i] !== bytes[ports + i]) return undefined;
    return this.#values[entry];
  }

  put(packet: Packet, value: Value): void {
    const entry = placeOf(packet);
    const { bytes, addresses, ports } = packet;
    const length = packet.version === 4 ? 8 : 32;
    const at = entry * MOST_BYTES;
    this.#lengths[entry] = length;
    this.#bytes.set(bytes.subarray(addresses, addresses + length), at);
    this.#bytes.set(bytes.subarray(ports, ports + 4), at + 32);
    this.#values[entry] = value;
  }
}

function placeOf({ bytes, addresses, version, sourcePort, destinationPort }: Packet): number {
  const length = version === 4 ? 4 : 16;
  const hosts = ((bytes[addresses + length - 1] as number) << 4) ^ (bytes[addresses + 2 * length - 1] as number);
  return (hosts ^ sourcePort ^ (destinationPort * 31)) & (ENTRIES - 1);
}
