/** Where a spool is read from: a directory, a web server that answers requests for ranges, files that a user has chosen. */

/** The bytes of one file. */
export interface RangeSource {
  /** Bytes that are there now: a file that is written grows. */
  size(): Promise<number>;
  /**
   * The bytes from `position` on; fewer than `length` only where the file ends.
   * @param into may be used for them: where it is, the result is a part of it
   */
  read(position: number, length: number, into?: Uint8Array): Promise<Uint8Array>;
  /** Gives it back. */
  close?(): Promise<void>;
}

/** The files of a spool. */
export interface SpoolStore {
  /** What errors call it. */
  readonly name: string;
  /** Names of its files, in any order. */
  list(): Promise<readonly string[]>;
  /** Where this machine has the file, so that threads can read it themselves. Default: it is elsewhere. */
  path?(name: string): string;
  /** Undefined when there is no such file. Any other failure is thrown. */
  open(name: string): Promise<RangeSource | undefined>;
  /**
   * Decompresses zstd. Undefined: compressed segments cannot be read.
   * @param bytes how many it makes
   */
  readonly decompress?: ((compressed: Uint8Array, bytes: number) => Uint8Array | Promise<Uint8Array>) | undefined;
  /** Gives it back. */
  close?(): Promise<void>;
}
