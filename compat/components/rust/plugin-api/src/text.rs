//! Searching and checking text 16 bytes at a time, which the standard library does not for WebAssembly.

#[cfg(target_arch = "wasm32")]
use std::arch::wasm32::{u8x16_bitmask, u8x16_eq, u8x16_splat, v128, v128_load, v128_or};

/// Bytes that are looked at at once.
#[cfg(target_arch = "wasm32")]
const STEP: usize = 16;

/// Where the first `byte` is.
pub fn find_byte(data: &[u8], byte: u8) -> Option<usize> {
    #[cfg(target_arch = "wasm32")]
    let at = skip_other_steps(data, byte);
    #[cfg(not(target_arch = "wasm32"))]
    let at = 0;
    data[at..].iter().position(|one| *one == byte).map(|found| at + found)
}

/// The text, if it is valid UTF-8. Text that is ASCII is quickest.
pub fn as_utf8(data: &[u8]) -> Option<&str> {
    #[cfg(target_arch = "wasm32")]
    if is_ascii(data) {
        // SAFETY: ASCII is valid UTF-8.
        return Some(unsafe { std::str::from_utf8_unchecked(data) });
    }
    std::str::from_utf8(data).ok()
}

/// The first byte of the first step with `byte` in it, or of the rest that is shorter than a step.
#[cfg(target_arch = "wasm32")]
#[target_feature(enable = "simd128")]
fn skip_other_steps(data: &[u8], byte: u8) -> usize {
    let wanted = u8x16_splat(byte);
    let mut at = 0;
    while at + STEP <= data.len() {
        let found = u8x16_bitmask(u8x16_eq(step(data, at), wanted));
        if found != 0 {
            return at + found.trailing_zeros() as usize;
        }
        at += STEP;
    }
    at
}

#[cfg(target_arch = "wasm32")]
#[target_feature(enable = "simd128")]
fn is_ascii(data: &[u8]) -> bool {
    if data.len() < STEP {
        return data.is_ascii();
    }
    // The last step may overlap the one before it.
    let last = data.len() - STEP;
    let mut all = step(data, last);
    let mut at = 0;
    while at < last {
        all = v128_or(all, step(data, at));
        at += STEP;
    }
    u8x16_bitmask(all) == 0
}

#[cfg(target_arch = "wasm32")]
#[target_feature(enable = "simd128")]
fn step(data: &[u8], at: usize) -> v128 {
    let bytes: &[u8] = &data[at..at + STEP];
    // SAFETY: there are as many bytes as are loaded.
    unsafe { v128_load(bytes.as_ptr().cast()) }
}
