/** Bytes of one connection, or of all datagrams, that wait until it is their turn, with what has to be said between them. */

/** What begins at a position. */
export interface Mark {
  readonly at: number;
  /** Milliseconds since 1970; -1 when not known. */
  readonly timeMs: number;
  /** Bytes that are missing in front, with why. 0: none. */
  readonly missing: number;
  readonly cut: boolean;
  /** Of a datagram. */
  readonly peer: string | undefined;
}

const FIRST_BYTES = 256;
/** What this object, a mark and the stream around them take in memory, about. */
const OVERHEAD_BYTES = 512;
const MARK_BYTES = 64;

export class HeldBytes {
  #bytes = new Uint8Array(FIRST_BYTES);
  length = 0;
  readonly marks: Mark[] = [];

  /** Bytes of memory, about. */
  get footprint(): number {
    return this.#bytes.length + this.marks.length * MARK_BYTES + OVERHEAD_BYTES;
  }

  /** Bytes of a mark: up to the next one. */
  bytesOf(index: number): Uint8Array {
    return this.#bytes.subarray(this.marks[index]?.at ?? 0, this.marks[index + 1]?.at ?? this.length);
  }

  /** Bytes of a connection, behind those that are there. */
  append(bytes: Uint8Array, start: number, end: number, timeMs: number): void {
    const last = this.marks.at(-1);
    if (last === undefined || (last.timeMs !== timeMs && timeMs !== -1)) this.#mark({ timeMs });
    this.#add(bytes, start, end);
  }

  appendDatagram(bytes: Uint8Array, start: number, end: number, timeMs: number, peer: string): void {
    this.#mark({ timeMs, peer });
    this.#add(bytes, start, end);
  }

  appendMissing(missing: number, cut: boolean): void {
    this.#mark({ timeMs: this.marks.at(-1)?.timeMs ?? -1, missing, cut });
  }

  #mark({ timeMs, missing = 0, cut = false, peer }: Partial<Mark> & { readonly timeMs: number }): void {
    this.marks.push({ at: this.length, timeMs, missing, cut, peer });
  }

  #add(bytes: Uint8Array, start: number, end: number): void {
    const needed = this.length + end - start;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.length));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes.subarray(start, end), this.length);
    this.length = needed;
  }
}
