/** Where a parser's input comes from: anything whose bytes can be asked for by their position. */
export interface SliceSource {
  /** How many bytes there are from `offset` on, or `wanted` if there are at least that many. */
  available(offset: number, wanted: number): number;
  /** Fills `target` with the bytes from `offset` on; returns fewer than its length only where the input ends early. */
  read(target: Uint8Array, offset: number): number;
  /** How many bytes there are from `offset` to the end of the input. */
  remaining(offset: number): number;
  close(): void;
}
