/** Compressed bytes in their order, with a look at those that come next. */

/** Where they come from. */
export interface PieceSupply {
  /** The next bytes, as many as there are at once; undefined at the end. What it has returned is not written to any more. */
  read(): Promise<Uint8Array | undefined>;
  /** Goes on at that position. Only of what can be read at any position. */
  seek?(position: number): void;
}

const NO_BYTES = new Uint8Array(0);

/** Takes pieces of the wanted length out of what is supplied. */
export class InputPieces {
  readonly #supply: PieceSupply;
  #held: Uint8Array = NO_BYTES;
  #ended = false;
  #position = 0;

  constructor(supply: PieceSupply) {
    this.#supply = supply;
  }

  /** Of the next byte. */
  get position(): number {
    return this.#position;
  }

  get canSeek(): boolean {
    return this.#supply.seek !== undefined;
  }

  seek(position: number): void {
    this.#supply.seek?.(position);
    this.#held = NO_BYTES;
    this.#ended = false;
    this.#position = position;
  }

  /** The next bytes: `length` of them or more, less at the end. They stay to be taken. */
  async peek(length: number): Promise<Uint8Array> {
    while (this.#held.length < length) {
      const more = await this.#read();
      if (more === undefined) break;
      this.#held = this.#held.length === 0 ? more : Buffer.concat([this.#held, more]);
    }
    return this.#held;
  }

  /** The next bytes, up to `most` of them; undefined at the end. */
  async take(most: number): Promise<Uint8Array | undefined> {
    const held = await this.peek(1);
    if (held.length === 0) return undefined;
    const piece = held.subarray(0, most);
    this.#held = held.subarray(piece.length);
    this.#position += piece.length;
    return piece;
  }

  /** Takes that many bytes; undefined, and takes none, when there are less. */
  async takeAll(length: number): Promise<Uint8Array | undefined> {
    const held = await this.peek(length);
    return held.length < length ? undefined : this.take(length);
  }

  /** The last bytes that were taken come next again. */
  giveBack(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([bytes, this.#held]);
    this.#position -= bytes.length;
  }

  async #read(): Promise<Uint8Array | undefined> {
    while (!this.#ended) {
      const more = await this.#supply.read();
      if (more === undefined) this.#ended = true;
      else if (more.length > 0) return more;
    }
    return undefined;
  }
}
