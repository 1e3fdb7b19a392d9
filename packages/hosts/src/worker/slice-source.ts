/**
 * Where a parser's input comes from: anything whose bytes can be asked for by their position, again and again until they are
 * consumed. Calls that may have to wait return promises; they are only made outside of a plugin's call.
 */
export interface SliceSource {
  /** Bytes of the whole input; undefined where only its end will tell. */
  readonly size: number | undefined;
  /**
   * How many bytes there are from `offset` on, or `wanted` if there are at least that many. Fewer than `wanted` means that
   * the input ends there. Waits for a source that delivers as it goes.
   * @throws what ended the source, when it failed
   */
  available(offset: number, wanted: number): number | Promise<number>;
  /** Fills `target` with the bytes from `offset` on, which `available` has promised; fewer only if the input became shorter. */
  read(target: Uint8Array, offset: number): number;
  /** The bytes before `offset` are not asked for again. */
  consume(offset: number): void;
  close(): void | Promise<void>;
}
