/** The second pass of module `lift`, for an attachment: from the plugin's memory into its place in the batch. */
import { attachmentOf } from '../attachment-cost';
import { CREATED_OPTION, DATA, INDEX_BYTES, MESSAGES, MODIFIED_OPTION, NAME, SIZE } from '../parse-return';
import { units } from '../utf8';
import { put8, put32, put64 } from './cells';
import { copy, copyExactly } from './copy';

// A map of seven; keys with the type byte of their value, little-endian. Those that are shorter than a word are written as a whole
// word, and what comes behind them is written over the rest.
const ENTRY: u64 = 0xce7972746e65a587; // map of 7, 'entry', uint 32
const NAME_KEY: u64 = 0xdb656d616ea4; // 'name', str 32
const SIZE_KEY: u64 = 0xcf657a6973a4; // 'size', uint 64
const CREATED_KEY: u64 = 0x64657461657263a7; // 'created'
const MODIFIED_KEY: u64 = 0x65696669646f6da8; // 'modifie'
const MESSAGES_KEY: u64 = 0x6567617373656da8; // 'message'
const DATA_KEY: u64 = 0xc661746164a4; // 'data', bin 32
const D: u32 = 0x64;
const S: u32 = 0x73;
const NIL: u32 = 0xc0;
const STR_32: u32 = 0xdb;
const UINT_64: u32 = 0xcf;
const ARRAY_32: u32 = 0xdd;

/**
 * Writes the attachment of a record, for row `entry`, at `to`, where there are as many bytes as `attachmentCost` says; returns where
 * it ends, or 0 when its text is not UTF-8.
 */
export function transferAttachment(record: usize, entry: u32, to: usize): usize {
  const from = attachmentOf(record);
  put64(to, ENTRY);
  put32(to + 8, bswap<u32>(entry));
  put64(to + 12, NAME_KEY);
  to = text(to + 18, from + NAME);
  if (to == 0) return 0;
  put64(to, SIZE_KEY);
  put64(to + 6, bswap<u64>(load<u64>(from, SIZE)));
  put64(to + 14, CREATED_KEY);
  to = date(to + 22, from + CREATED_OPTION);
  if (to == 0) return 0;
  put64(to, MODIFIED_KEY);
  put8(to + 8, D);
  to = date(to + 9, from + MODIFIED_OPTION);
  if (to == 0) return 0;
  put64(to, MESSAGES_KEY);
  put8(to + 8, S);
  to = indexes(to + 9, load<u32>(from, MESSAGES), load<u32>(from + MESSAGES, 4));
  put64(to, DATA_KEY);
  const bytes = load<u32>(from + DATA, 4);
  put32(to + 6, bswap<u32>(bytes));
  copyExactly(to + 10, load<u32>(from, DATA), bytes);
  return to + 10 + bytes;
}

/** A length, and the text whose pointer and length stand at `from`; returns where it ends, or 0 when it is not UTF-8. */
function text(to: usize, from: usize): usize {
  const bytes = load<u32>(from, 4);
  put32(to, bswap<u32>(bytes));
  // What is written past its end belongs to the keys behind it, which take more.
  const seen = copy(to + 4, load<u32>(from), bytes);
  if (i8x16.bitmask(seen) != 0 && units(to + 4, bytes) < 0) return 0;
  return to + 4 + bytes;
}

function date(to: usize, option: usize): usize {
  if (load<u8>(option) == 0) {
    put8(to, NIL);
    return to + 1;
  }
  put8(to, STR_32);
  return text(to + 1, option + 4);
}

function indexes(to: usize, from: usize, count: u32): usize {
  put8(to, ARRAY_32);
  put32(to + 1, bswap<u32>(count));
  to += 5;
  const end = from + <usize>count * INDEX_BYTES;
  for (; from != end; from += INDEX_BYTES) {
    put8(to, UINT_64);
    put64(to + 1, bswap<u64>(load<u64>(from)));
    to += 9;
  }
  return to;
}
