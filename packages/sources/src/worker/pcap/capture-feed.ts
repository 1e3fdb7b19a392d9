/** Where the bytes of a capture come from. */
export interface CaptureFeed {
  /** Puts bytes to the start of `into`. 0: the end, or it was stopped. */
  read(into: Uint8Array): Promise<number>;
  /** Ends a read that waits. */
  stop(): void;
  close(): Promise<void>;
}

/** Of what comes in pieces of any size. */
export class PieceFeed implements CaptureFeed {
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #stop: () => void;
  #isStopped = false;
  #piece: Uint8Array = new Uint8Array(0);

  /** @param stop ends the pieces, or makes them fail */
  constructor(pieces: AsyncIterable<Uint8Array>, stop: () => void = () => {}) {
    this.#pieces = pieces[Symbol.asyncIterator]();
    this.#stop = stop;
  }

  async read(into: Uint8Array): Promise<number> {
    while (this.#piece.length === 0) {
      const next = await this.#next();
      if (next === undefined) return 0;
      this.#piece = next;
    }
    const taken = this.#piece.subarray(0, into.length);
    into.set(taken);
    this.#piece = this.#piece.subarray(taken.length);
    return taken.length;
  }

  stop(): void {
    this.#isStopped = true;
    this.#stop();
  }

  async close(): Promise<void> {
    this.stop();
  }

  async #next(): Promise<Uint8Array | undefined> {
    try {
      const { done, value } = await this.#pieces.next();
      return done === true ? undefined : value;
    } catch (error) {
      if (this.#isStopped) return undefined;
      throw error;
    }
  }
}
