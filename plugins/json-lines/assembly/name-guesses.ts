/**
 * Guesses which member comes next: lines of one program have the same members in the same order. The names of the last line are kept by their
 * number; where a name, its quote and its colon are as they were, neither its end nor its node has to be searched.
 */

/** The names that are kept of a line. */
const MOST_NAMES: u32 = 64;
/** A name with the quote and the colon behind it. */
const PATTERN_BYTES: usize = 16;
const ENTRY_BYTES: usize = 48;
/** For each name the bytes, which of them count, how many they are (0: the name does not fit), its node, and the parent of that. */
const entries: usize = memory.data(3072, 16);
const LENGTH: usize = 32;
const NODE: usize = 36;
const PARENT: usize = 40;

export class NameGuesses {
  private next: usize = entries;

  constructor() {
    memory.fill(entries, 0, ENTRY_BYTES * MOST_NAMES);
  }

  /** Begins with the first name again. */
  // @ts-ignore: decorator
  @inline
  rewind(): void {
    this.next = entries;
  }

  /** The guess for the next name, which is to be compared, or learned; 0: no more names are kept. */
  // @ts-ignore: decorator
  @inline
  take(): usize {
    const entry = this.next;
    if (entry == entries + ENTRY_BYTES * MOST_NAMES) return 0;
    this.next = entry + ENTRY_BYTES;
    return entry;
  }
}

/** Bytes up to the place behind the colon, if the name at `at` is the one that was guessed; else 0. */
// @ts-ignore: decorator
@inline
export function guessedLength(entry: usize, at: usize, parent: u32): usize {
  if (entry == 0 || load<u32>(entry, PARENT) != parent) return 0;
  const differs = v128.and(v128.xor(v128.load(at), v128.load(entry)), v128.load(entry, 16));
  return v128.any_true(differs) ? 0 : load<usize>(entry, LENGTH);
}

// @ts-ignore: decorator
@inline
export function guessedNode(entry: usize): usize {
  return load<usize>(entry, NODE);
}

/** Keeps a name without escapes from `at` up to the quote at `end`, which has a colon directly behind it, and the address of its node. */
export function learn(entry: usize, at: usize, end: usize, parent: u32, node: usize): void {
  const length = end + 2 - at;
  if (length > PATTERN_BYTES) {
    store<usize>(entry, 0, LENGTH);
    return;
  }
  v128.store(entry, v128.load(at));
  for (let i: usize = 0; i < PATTERN_BYTES; i++) store<u8>(entry + i, i < length ? 255 : 0, 16);
  store<usize>(entry, length, LENGTH);
  store<usize>(entry, node, NODE);
  store<u32>(entry, parent, PARENT);
}
