/** Bytes as they are. */

/** Copies the bytes from `from` up to `end`, and up to 15 more. @returns where they end */
// @ts-ignore: decorator
@inline export function copied(from: usize, end: usize, at: usize): usize {
  const last = at + (end - from);
  while (from < end) {
    v128.store(at, v128.load(from));
    from += 16;
    at += 16;
  }
  return last;
}
