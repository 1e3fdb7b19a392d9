/** Writes the head of a batch in the host's memory, and what stands between its tables (docs/batch-format.md). */

const VERSION: u8 = 2;
const ELEMENTS: u16 = 32;

// Names of the tables as two words of eight characters, little-endian, padded with spaces.
const SPACES: u64 = 0x2020202020202020;
export const KINDS_0: u64 = 0x20202073646e696b; // 'kinds'
export const CONSUMED_0: u64 = 0x64656d75736e6f63; // 'consumed'
export const STRING_COUNTS_0: u64 = 0x632d676e69727473; // 'string-c'
export const STRING_COUNTS_1: u64 = 0x20202073746e756f; // 'ounts'
export const TIMES_0: u64 = 0x20202073656d6974; // 'times'
export const TEXT_ENDS_0: u64 = 0x646e652d74786574; // 'text-end'
export const UNIT_ENDS_0: u64 = 0x646e652d74696e75; // 'unit-end'
export const ENDS_1: u64 = 0x2020202020202073; // 's'
export const ATTACHMENTS_0: u64 = 0x656d686361747461; // 'attachme'
export const ATTACHMENTS_1: u64 = 0x202020202073746e; // 'nts'
export const TEXT_0: u64 = 0x2020202074786574; // 'text'

/** Writes a padded label and the head of its `bin 32`; returns where its `bytes` bytes begin, a multiple of 8 from `frame`. */
export function table(frame: usize, at: usize, name0: u64, name1: u64, characters: usize, bytes: u32): usize {
  const data = (at - frame + 1 + characters + 5 + 7) & ~7;
  const label = data - 5 - (at - frame) - 1;
  store<u8>(at, 0xa0 | <u8>label);
  store<u64>(at, name0, 1);
  store<u64>(at, name1, 9);
  store<u64>(at, SPACES, 17);
  store<u8>(frame + data - 5, 0xc6);
  store<u32>(frame + data - 4, bswap<u32>(bytes));
  return frame + data;
}

/** The head of the array of attachments; returns its end. */
export function attachmentsHead(at: usize, count: u32): usize {
  store<u8>(at, 0xab);
  store<u64>(at, ATTACHMENTS_0, 1);
  store<u64>(at, ATTACHMENTS_1, 9);
  store<u8>(at + 12, 0xdd);
  store<u32>(at + 13, bswap<u32>(count));
  return at + 17;
}

function u64At(at: usize, value: u64): void {
  store<u8>(at, 0xcf);
  store<u64>(at, bswap<u64>(value), 1);
}

function u32At(at: usize, value: u32): void {
  store<u8>(at, 0xce);
  store<u32>(at, bswap<u32>(value), 1);
}

/** The number of bytes of the whole batch, which is known when it is written. */
export function byteLength(frame: usize, bytes: u32): void {
  store<u32>(frame, bswap<u32>(bytes), 9);
}

/** The number of bytes of input, again. */
export function inputLength(frame: usize, bytes: u32): void {
  u64At(frame + 32, bytes);
}

/** The number of bytes, again, of the table that begins at `data`. */
export function tableLength(data: usize, bytes: u32): void {
  store<u32>(data - 4, bswap<u32>(bytes));
}

/** The head, but for the number of bytes of the whole. `prefix`: bytes before the tables. */
export function head(
  at: usize,
  ascii: bool,
  prefix: u32,
  source: u32,
  entries: u32,
  items: u32,
  offset: u64,
  bytes: u32,
  skippedBytes: u32,
  stringsPerEntry: u32,
): void {
  store<u8>(at, 0xdc);
  store<u16>(at, bswap<u16>(ELEMENTS), 1);
  store<u8>(at, VERSION, 3);
  store<u8>(at, 0, 4);
  store<u8>(at, 0xcd, 5);
  store<u16>(at, bswap<u16>(ascii ? 1 : 0), 6);
  u32At(at + 8, 0);
  u32At(at + 13, prefix);
  u32At(at + 18, source);
  u64At(at + 23, offset);
  u64At(at + 32, bytes);
  u32At(at + 41, entries);
  u32At(at + 46, items);
  u64At(at + 51, skippedBytes);
  u32At(at + 60, stringsPerEntry);
}
