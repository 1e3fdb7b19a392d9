/** Bytes that are written, as the stream that a session reads: one chunk at a time, and the next when the parser has room for it. */
interface Written {
  readonly chunk: Uint8Array;
  readonly tell: (wasRead: boolean) => void;
}

export class ChunkQueue implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #waiting: Written[] = [];
  /** The chunk that the reader has: it is done with it when it asks for the next. */
  #reading: Written | undefined;
  #wake: () => void = () => {};
  #isAtEnd = false;
  #isReturned = false;

  /** Resolves when the chunk's memory may be used again: true when it was read, false when the session reads no more. */
  write(chunk: Uint8Array): Promise<boolean> {
    return new Promise((tell) => {
      if (this.#isReturned) return tell(false);
      this.#waiting.push({ chunk, tell });
      this.#wake();
    });
  }

  /** Nothing more is written. */
  end(): void {
    this.#isAtEnd = true;
    this.#wake();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#reading?.tell(true);
    this.#reading = undefined;
    while (this.#waiting.length === 0 && !this.#isAtEnd && !this.#isReturned)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    this.#reading = this.#waiting.shift();
    return this.#reading === undefined ? { done: true, value: undefined } : { done: false, value: this.#reading.chunk };
  }

  /** The session reads no more. */
  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#isReturned = true;
    this.#reading?.tell(true);
    for (const { tell } of this.#waiting.splice(0)) tell(false);
    this.#wake();
    return { done: true, value: undefined };
  }
}
