/**
 * The strings of a batch. All of its text is decoded once, when the first string is asked for, and strings are slices of that:
 * several times faster than decoding each by itself.
 */
import type { BatchLayout } from './batch-layout.js';
import { formatError, numberTable } from './batch-layout.js';

/** Text beyond this is decoded string by string: V8's strings end at half a gigabyte, and few of them may be wanted. */
const MAX_WHOLE_BYTES = 64 * 1024 * 1024;

export class BatchText {
  readonly #ascii: boolean;
  readonly #text: Buffer;
  readonly #textEnds: Uint32Array;
  /** Ends of the strings in `#whole`. */
  readonly #ends: Uint32Array;
  #whole: string | undefined;

  constructor(bytes: Uint8Array, layout: BatchLayout) {
    this.#ascii = layout.ascii;
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset + layout.text, layout.textBytes);
    this.#textEnds = numberTable(bytes, layout.textEnds, layout.strings);
    this.#ends = layout.ascii ? this.#textEnds : numberTable(bytes, layout.unitEnds, layout.strings);
  }

  /** String number `index`, which must exist. */
  string(index: number): string {
    const whole = this.#whole ?? this.#decode();
    if (whole === undefined) return this.#decodeOne(index);
    const start = index === 0 ? 0 : (this.#ends[index - 1] as number);
    const end = this.#ends[index] as number;
    if (start > end || end > whole.length) throw formatError(`string ${index} lies outside of the text`);
    return whole.slice(start, end);
  }

  #decode(): string | undefined {
    if (this.#text.length > MAX_WHOLE_BYTES) return undefined;
    const whole = this.#ascii ? this.#text.toString('latin1') : this.#text.toString('utf8');
    if (whole.length !== (this.#ends.at(-1) ?? 0)) throw formatError('its text is not as long as the ends of strings say');
    this.#whole = whole;
    return whole;
  }

  #decodeOne(index: number): string {
    const start = index === 0 ? 0 : (this.#textEnds[index - 1] as number);
    const end = this.#textEnds[index] as number;
    if (start > end || end > this.#text.length) throw formatError(`string ${index} lies outside of the text`);
    return this.#text.toString(this.#ascii ? 'latin1' : 'utf8', start, end);
  }
}
