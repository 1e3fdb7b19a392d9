/** Times of pcapng: 64 bits in units that each interface chooses. */

/** What a `Date` can hold. A time outside of it is none. */
const MOST_MS = 8.64e15;
const WORD = 2 ** 32;
/** Up to here, a remainder and 32 bits behind it are exact in a double. */
const MOST_EXACT_UNITS = 2 ** 20;

export class TimeScale {
  /** Units in a millisecond, when that is a whole number small enough to count exactly with. 0: it is not. */
  readonly #unitsPerMs: number;
  readonly #unitsPerSecond: bigint;
  readonly #offsetMs: number;

  /**
   * @param resolution the option `if_tsresol`: units are 10 to the power of -resolution seconds; with the highest bit, powers of 2
   * @param offsetSeconds the option `if_tsoffset`
   */
  constructor(resolution = 6, offsetSeconds = 0n) {
    const exponent = BigInt(resolution & 0x7f);
    this.#unitsPerSecond = (resolution & 0x80) === 0 ? 10n ** exponent : 2n ** exponent;
    const perMs = this.#unitsPerSecond % 1000n === 0n ? this.#unitsPerSecond / 1000n : 0n;
    this.#unitsPerMs = perMs <= BigInt(MOST_EXACT_UNITS) ? Number(perMs) : 0;
    this.#offsetMs = Number(offsetSeconds) * 1000;
  }

  /** Milliseconds since 1970, rounded down; -1 when there is no such time. */
  toMs(high: number, low: number): number {
    const ms = this.#offsetMs + (this.#unitsPerMs === 0 ? this.#slowMs(high, low) : this.#fastMs(high, low));
    return ms >= 0 && ms <= MOST_MS ? ms : -1;
  }

  #fastMs(high: number, low: number): number {
    const units = this.#unitsPerMs;
    const rest = high % units;
    return ((high - rest) / units) * WORD + Math.floor((rest * WORD + low) / units);
  }

  #slowMs(high: number, low: number): number {
    return Number((((BigInt(high) << 32n) | BigInt(low)) * 1000n) / this.#unitsPerSecond);
  }
}
