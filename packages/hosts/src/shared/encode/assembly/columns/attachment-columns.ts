/** The columns of attachments. There is a value for each attachment of a chosen row. */
import {
  createdAt,
  createdBytes,
  dataAt,
  dataBytes,
  messageCount,
  messagesAt,
  modifiedAt,
  modifiedBytes,
  nameAt,
  nameBytes,
  openAttachment,
  size,
} from '../attachment';
import { attachment, chosen, chosenAttachments, hasFile, isChosen, row, rowEnd } from './chosen-rows';
import { copied } from './copied';

const NAME: u32 = 0;
const CREATED: u32 = 1;
const MODIFIED: u32 = 2;

/** The next attachment that `opened` looks at, and the entry that it may belong to. */
let nextAttachment: usize = 0;
let nextEntry: u32 = 0;

function begin(): void {
  nextAttachment = attachment;
  nextEntry = chosenAttachments == 0 ? rowEnd : row;
}

/** Opens the next attachment of a chosen row. @returns false behind the last one */
function opened(): bool {
  while (nextEntry < rowEnd) {
    const entry = nextEntry++;
    if (!hasFile(entry)) continue;
    nextAttachment = openAttachment(nextAttachment);
    if (isChosen(entry)) return true;
  }
  return false;
}

/** i32 a row and one before: where its list of attachments ends. */
export function attachmentsEnds(out: usize): void {
  if (chosenAttachments == 0) {
    memory.fill(out, 0, (<usize>(chosen + 1)) << 2);
    return;
  }
  let at = out;
  let count: i32 = 0;
  store<i32>(at, 0);
  for (let entry = row; entry < rowEnd; entry++) {
    if (!isChosen(entry)) continue;
    if (hasFile(entry)) count++;
    at += 4;
    store<i32>(at, count);
  }
}

export function attachmentSizes(out: usize): void {
  let at = out;
  for (begin(); opened(); at += 8) store<u64>(at, size);
}

/** @param which 0 the name, 1 the date of creation, 2 that of the last change, 3 the content. @returns where the bytes end */
export function attachmentStrings(which: u32, endsAt: usize, out: usize): usize {
  let ends = endsAt;
  let at = out;
  store<i32>(ends, 0);
  begin();
  while (opened()) {
    const from = which == NAME ? nameAt : which == CREATED ? createdAt : which == MODIFIED ? modifiedAt : dataAt;
    const length =
      which == NAME ? nameBytes : which == CREATED ? createdBytes : which == MODIFIED ? modifiedBytes : dataBytes;
    at = copied(from, from + length, at);
    ends += 4;
    store<i32>(ends, <i32>(at - out));
  }
  return at;
}

/** How many do not have the date. @param which see `attachmentStrings` */
export function attachmentDatesMissing(which: u32): u32 {
  let missing: u32 = 0;
  begin();
  while (opened()) missing += <u32>((which == CREATED ? createdAt : modifiedAt) == 0);
  return missing;
}

/** A bit for each: whether it has the date. The memory is zero. */
export function attachmentDateValidity(which: u32, out: usize): void {
  let bit: u32 = 0;
  for (begin(); opened(); bit++) {
    if ((which == CREATED ? createdAt : modifiedAt) == 0) continue;
    const at = out + (bit >> 3);
    store<u8>(at, load<u8>(at) | <u8>((<u32>1) << (bit & 7)));
  }
}

/** @returns how many indexes of messages there are in all */
export function attachmentMessageEnds(out: usize): u32 {
  let at = out;
  let count: u32 = 0;
  store<i32>(at, 0);
  begin();
  while (opened()) {
    count += messageCount;
    at += 4;
    store<i32>(at, count);
  }
  return count;
}

export function attachmentMessages(out: usize): void {
  let at = out;
  begin();
  while (opened())
    for (let index: usize = 0; index < messageCount; index++) {
      store<u64>(at, bswap<u64>(load<u64>(messagesAt + index * 9 + 1)));
      at += 8;
    }
}
