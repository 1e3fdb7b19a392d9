/**
 * Numbers as they lie in the input, in either order of bytes. Bounds are the caller's to check, once for all numbers of a header
 * rather than for each.
 *
 * Up to `READABLE_BEYOND` bytes after the input may be read too, whatever they hold: so text can be looked at sixteen bytes at a time
 * up to its end.
 */

/** The blocks of the plugin's memory are followed by a header of this size (blocks.ts). */
export const READABLE_BEYOND: usize = 16;

// @ts-ignore: decorator
@inline
export function u16At(at: usize, bigEndian: bool): u32 {
  const value = load<u16>(at);
  return bigEndian ? bswap<u16>(value) : value;
}

// @ts-ignore: decorator
@inline
export function u32At(at: usize, bigEndian: bool): u32 {
  const value = load<u32>(at);
  return bigEndian ? bswap<u32>(value) : value;
}

// @ts-ignore: decorator
@inline
export function u64At(at: usize, bigEndian: bool): u64 {
  const value = load<u64>(at);
  return bigEndian ? bswap<u64>(value) : value;
}

// @ts-ignore: decorator
@inline
export function f32At(at: usize, bigEndian: bool): f32 {
  return reinterpret<f32>(u32At(at, bigEndian));
}

// @ts-ignore: decorator
@inline
export function f64At(at: usize, bigEndian: bool): f64 {
  return reinterpret<f64>(u64At(at, bigEndian));
}
