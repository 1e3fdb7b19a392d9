/** Searches LFs, sixteen bytes at a time. */
import { LF } from './json-scan';

/** Where the first LF from `at` on lies. There must be one. */
export function findLineFeed(at: usize): usize {
  while (true) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(LF)));
    if (found != 0) return at + <usize>ctz(found);
    at += 16;
  }
}

/** Where the last LF from `at` on and before `end` lies; the largest address where there is none. */
export function findLastLineFeed(at: usize, end: usize): usize {
  while (end - at >= 16) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(end - 16), i8x16.splat(LF)));
    if (found != 0) return end - 16 + <usize>(31 - clz(found));
    end -= 16;
  }
  while (end > at) {
    end--;
    if (load<u8>(end) == LF) return end;
  }
  return usize.MAX_VALUE;
}
