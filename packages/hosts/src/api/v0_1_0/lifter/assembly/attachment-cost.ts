/** What the attachment of a record in the plugin's memory takes in a batch. Its strings and lists are checked, but for the text: that is not read. */
import {
  ATTACHMENT_ALONE,
  ATTACHMENT_SECOND,
  CREATED_OPTION,
  DATA,
  INDEX_BYTES,
  MESSAGES,
  MODIFIED_OPTION,
  NAME,
  YIELD_ATTACHMENT,
  YIELD_CASE,
} from './parse-return';

/** The attachment breaks the contract. */
export const NO_COST: u64 = u64.MAX_VALUE;

/** Keys and heads of an attachment without dates: see docs/batch-format.md. */
const FIXED: u64 = 79;
/** What a date takes beside its text: the head of a `str 32`, in place of nil. */
const DATE: u64 = 4;
/** An index of a message: `uint 64` with its type byte. */
const INDEX: u64 = 9;

/** Where the attachment of a record lies that has one. */
export function attachmentOf(record: usize): usize {
  return record + (load<u8>(record, YIELD_CASE) == YIELD_ATTACHMENT ? ATTACHMENT_ALONE : ATTACHMENT_SECOND);
}

/** Bytes in the batch of the attachment of a record that has one. `memoryBytes`: of the plugin's memory. */
export function attachmentCost(record: usize, memoryBytes: u64): u64 {
  const at = attachmentOf(record);
  const name = listBytes(at + NAME, 1, memoryBytes);
  const created = dateCost(at + CREATED_OPTION, memoryBytes);
  const modified = dateCost(at + MODIFIED_OPTION, memoryBytes);
  const messages = listBytes(at + MESSAGES, INDEX_BYTES, memoryBytes);
  const data = listBytes(at + DATA, 1, memoryBytes);
  if (name == NO_COST || created == NO_COST || modified == NO_COST) return NO_COST;
  if (messages == NO_COST || data == NO_COST) return NO_COST;
  return FIXED + name + created + modified + (messages / INDEX_BYTES) * INDEX + data;
}

function dateCost(option: usize, memoryBytes: u64): u64 {
  const isSome = load<u8>(option);
  if (isSome == 0) return 0;
  if (isSome != 1) return NO_COST;
  const bytes = listBytes(option + 4, 1, memoryBytes);
  return bytes == NO_COST ? NO_COST : DATE + bytes;
}

/** Bytes of a string or list whose pointer and length stand at `at`; its elements are aligned to their size. */
function listBytes(at: usize, elementBytes: u64, memoryBytes: u64): u64 {
  const pointer: u64 = load<u32>(at);
  const bytes = <u64>load<u32>(at, 4) * elementBytes;
  if ((pointer & (elementBytes - 1)) != 0 || pointer + bytes > memoryBytes) return NO_COST;
  return bytes;
}
