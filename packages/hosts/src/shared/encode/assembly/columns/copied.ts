/** From here on, the instruction for many bytes is faster than a loop. */
const LARGE: usize = 256;

/** Copies the bytes from `from` up to `end`, and up to 15 more. @returns where they end */
// @ts-ignore: decorator
@inline export function copied(from: usize, end: usize, at: usize): usize {
  const size = end - from;
  if (size > LARGE) {
    memory.copy(at, from, size);
    return at + size;
  }
  const last = at + size;
  while (from < end) {
    v128.store(at, v128.load(from));
    from += 16;
    at += 16;
  }
  return last;
}
