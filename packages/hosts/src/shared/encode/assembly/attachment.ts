/** The attachment of the row under way, as its map in the batch has it. The host has checked the structure of all maps. */

/** Where its three texts begin, 0 for a date that it has not, and their bytes. */
export let nameAt: usize = 0;
export let nameBytes: u32 = 0;
export let createdAt: usize = 0;
export let createdBytes: u32 = 0;
export let modifiedAt: usize = 0;
export let modifiedBytes: u32 = 0;
export let size: u64 = 0;
/** The first `uint 64`, with its type byte. */
export let messagesAt: usize = 0;
export let messageCount: u32 = 0;
export let dataAt: usize = 0;
export let dataBytes: u32 = 0;

// @ts-ignore: decorator
@inline function u32At(at: usize): u32 {
  return bswap<u32>(load<u32>(at));
}

/** The entry that the map at `at` belongs to. */
// @ts-ignore: decorator
@inline export function entryOf(at: usize): u32 {
  // A map of 7, the key `entry`, `uint 32`.
  return u32At(at + 8);
}

/** Opens the map at `at`. @returns where it ends */
export function openAttachment(at: usize): usize {
  // The key `name`, `str 32`.
  at += 12 + 5;
  nameBytes = u32At(at + 1);
  nameAt = at + 5;
  // The key `size`, `uint 64`.
  at = nameAt + nameBytes + 5;
  size = bswap<u64>(load<u64>(at + 1));
  // The key `created`.
  at += 9 + 8;
  createdAt = load<u8>(at) == 0xc0 ? 0 : at + 5;
  createdBytes = createdAt == 0 ? 0 : u32At(at + 1);
  at = createdAt == 0 ? at + 1 : createdAt + createdBytes;
  // The key `modified`.
  at += 9;
  modifiedAt = load<u8>(at) == 0xc0 ? 0 : at + 5;
  modifiedBytes = modifiedAt == 0 ? 0 : u32At(at + 1);
  at = modifiedAt == 0 ? at + 1 : modifiedAt + modifiedBytes;
  // The key `messages`, `array 32`.
  at += 9;
  messageCount = u32At(at + 1);
  messagesAt = at + 5;
  // The key `data`, `bin 32`.
  at = messagesAt + <usize>messageCount * 9 + 5;
  dataBytes = u32At(at + 1);
  dataAt = at + 5;
  return dataAt + dataBytes;
}

/** Bytes that it takes as JSON at most, without what the plan of the encoding has around it. */
export function jsonBytes(): u64 {
  const text = <u64>nameBytes + createdBytes + modifiedBytes;
  return text * 6 + <u64>messageCount * 21 + ((<u64>dataBytes + 2) / 3) * 4;
}
