/** Single stores to the host's memory, for code that reads the plugin's memory. Who calls has checked that they are in the batch. */

export function put8(at: usize, value: u32): void {
  store<u8>(at, value);
}

export function put32(at: usize, value: u32): void {
  store<u32>(at, value);
}

export function put64(at: usize, value: u64): void {
  store<u64>(at, value);
}

export function put128(at: usize, value: v128): void {
  v128.store(at, value);
}

/** Adds to what stands there. */
export function widen32(at: usize, more: u32): void {
  store<u32>(at, load<u32>(at) + more);
}

export function fill8(at: usize, value: u32, bytes: usize): void {
  memory.fill(at, <u8>value, bytes);
}
