/** Texts that are the same in many rows, as UTF-8 that stays where it is. */

const KEPT: ArrayBuffer[] = [];

/** A list of texts by number: for each its address and its length. */
export class StaticTexts {
  private readonly entries: StaticArray<usize>;

  constructor(texts: string[]) {
    const entries = new StaticArray<usize>(texts.length << 1);
    for (let i = 0; i < texts.length; i++) {
      const text = String.UTF8.encode(texts[i]);
      KEPT.push(text);
      entries[i << 1] = changetype<usize>(text);
      entries[(i << 1) + 1] = text.byteLength;
    }
    this.entries = entries;
  }

  // @ts-ignore: decorator
  @inline
  at(index: u32): usize {
    return load<usize>(changetype<usize>(this.entries) + (index << 3));
  }

  /** Its address in the low half, and its length in the high one. */
  // @ts-ignore: decorator
  @inline
  pairAt(index: u32): u64 {
    return load<u64>(changetype<usize>(this.entries) + (index << 3));
  }

  // @ts-ignore: decorator
  @inline
  lengthAt(index: u32): usize {
    return load<usize>(changetype<usize>(this.entries) + (index << 3), 4);
  }
}
