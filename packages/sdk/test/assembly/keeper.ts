/** A parser that keeps objects of many sizes from call to call, and says whether they are still what they were. */
import { Input, Items, Parser, Version } from '@chipmunk-host/sdk/assembly';

class Kept {
  constructor(
    readonly seed: i32,
    readonly text: string,
    readonly bytes: Uint8Array,
    readonly list: Array<i32>,
  ) {}

  get intact(): bool {
    for (let i = 0; i < this.text.length; i++) if (this.text.charCodeAt(i) != (this.seed & 0x7fff)) return false;
    for (let i = 0; i < this.bytes.length; i++) if (this.bytes[i] != <u8>(this.seed + i)) return false;
    for (let i = 0; i < this.list.length; i++) if (this.list[i] != (this.seed ^ i)) return false;
    return true;
  }
}

class Keeper extends Parser {
  private readonly kept: Map<i32, Kept> = new Map();

  version(): Version {
    return new Version(1, 0, 0);
  }

  /** The input: records of three 32-bit numbers, which are a key, a seed, and a size that is 0 to forget the key. */
  parse(input: Input, out: Items): void {
    for (let at = input.start; at + 12 <= input.end; at += 12) {
      const key = load<i32>(at);
      const seed = load<i32>(at, 4);
      const size = load<i32>(at, 8);
      if (size == 0) {
        this.kept.delete(key);
      } else {
        const bytes = new Uint8Array(size);
        for (let i = 0; i < size; i++) bytes[i] = <u8>(seed + i);
        // Grows again and again, which resizes its buffer.
        const list = new Array<i32>();
        for (let i = 0; i < size; i++) list.push(seed ^ i);
        this.kept.set(key, new Kept(seed, String.fromCharCode(seed & 0x7fff).repeat(size), bytes, list));
      }
    }
    const all = this.kept.values();
    for (let i = 0; i < all.length; i++) assert(all[i].intact, 'an object was overwritten');
    out.skip(input.length);
  }
}

export function create(): Parser {
  return new Keeper();
}
