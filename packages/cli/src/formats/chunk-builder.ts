/** Puts text together into chunks that are worth a write, and that no string of the engine is too short for. */

/** UTF-16 code units. */
const CHUNK_UNITS = 1024 * 1024;

export class ChunkBuilder {
  #parts: string[] = [];
  #units = 0;

  add(text: string): void {
    this.#parts.push(text);
    this.#units += text.length;
  }

  /** Whether there is enough for a chunk. */
  get full(): boolean {
    return this.#units >= CHUNK_UNITS;
  }

  /** What was added since the last time, as UTF-8; none when that is nothing. */
  *take(): Generator<Uint8Array, void, undefined> {
    if (this.#units === 0) return;
    const text = this.#parts.join('');
    this.#parts = [];
    this.#units = 0;
    yield Buffer.from(text, 'utf8');
  }
}
