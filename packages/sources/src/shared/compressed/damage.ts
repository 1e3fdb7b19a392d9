/** What is wrong with compressed bytes. What could be decompressed before comes first. */
export class DamagedData extends Error {
  override readonly name = 'DamagedData';
  /** Position in the compressed bytes. */
  readonly position: number;
  /** Bytes from there on among which the damage is. */
  readonly length: number;

  /** @param what such as `ends in the middle of its compressed data`, behind the name of the input */
  constructor(what: string, position: number, length = 0) {
    super(what);
    this.position = position;
    this.length = length;
  }
}

/** The input ends too early. */
export function cutOff(position: number): DamagedData {
  return new DamagedData('ends in the middle of its compressed data', position);
}
