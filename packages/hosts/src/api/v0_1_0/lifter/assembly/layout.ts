/**
 * Lays out a batch in the host's memory (docs/batch-format.md): writes its head, and the labels and heads of its tables, whose sizes
 * have been measured. What writes the batch fills the tables from their starts to their ends.
 */
import {
  attachmentsHead,
  CONSUMED_0,
  ENDS_1,
  head,
  inputLength,
  KINDS_0,
  STRING_COUNTS_0,
  STRING_COUNTS_1,
  TEXT_0,
  TEXT_ENDS_0,
  TIMES_0,
  table,
  tableLength,
  UNIT_ENDS_0,
} from './frame-header';

const SPACES: u64 = 0x2020202020202020;

// Written past the last byte of a batch at most, while labels and short strings are stored in whole words.
const SLACK: u64 = 32;
/** All labels with the heads of their tables, at most. */
const LABELS: u64 = 176;

export let frameStart: usize = 0;
export let isAscii: bool = false;
/** Whether entries differ in their number of strings. */
export let hasCounts: bool = false;
/** Whether some entry has a time. */
export let hasTimes: bool = false;

export let kindsStart: usize = 0;
export let kindsEnd: usize = 0;
export let consumedStart: usize = 0;
export let countsStart: usize = 0;
export let timesStart: usize = 0;
export let textEndsStart: usize = 0;
export let textEndsEnd: usize = 0;
/** From a text end to its unit end. */
export let unitEndsAway: usize = 0;
export let attachmentsStart: usize = 0;
export let attachmentsEnd: usize = 0;
export let textStart: usize = 0;
export let textLimit: usize = 0;

/**
 * Returns false when the batch does not fit into `slotBytes` bytes. `prefix`: bytes before the tables, a multiple of 8; what of it is
 * behind the head is the host's to write.
 */
export function lay(
  frame: usize,
  slotBytes: u32,
  prefix: u32,
  source: u32,
  ascii: bool,
  entries: u32,
  items: u32,
  strings: u32,
  textBytes: u32,
  attachments: u32,
  attachmentBytes: u32,
  offset: u64,
  bytes: u32,
  skippedBytes: u32,
  stringsPerEntry: u32,
  varying: bool,
  timed: bool,
): bool {
  const most: u64 =
    <u64>prefix +
    LABELS +
    SLACK +
    <u64>entries * (timed ? 17 : 9) +
    <u64>strings * 8 +
    <u64>textBytes +
    <u64>attachmentBytes;
  if (most > <u64>slotBytes) return false;
  frameStart = frame;
  isAscii = ascii;
  hasCounts = varying;
  hasTimes = timed;
  const perEntry = hasCounts ? 0xffffffff : stringsPerEntry;
  head(frame, isAscii, prefix, source, entries, items, offset, bytes, skippedBytes, perEntry);
  kindsStart = table(frame, frame + prefix, KINDS_0, SPACES, 5, entries);
  kindsEnd = kindsStart + entries;
  consumedStart = table(frame, kindsEnd, CONSUMED_0, SPACES, 8, entries * 4);
  const countsBytes = hasCounts ? entries * 4 : 0;
  countsStart = table(frame, consumedStart + entries * 4, STRING_COUNTS_0, STRING_COUNTS_1, 13, countsBytes);
  const timesBytes = hasTimes ? entries * 8 : 0;
  timesStart = table(frame, countsStart + countsBytes, TIMES_0, SPACES, 5, timesBytes);
  textEndsStart = table(frame, timesStart + timesBytes, TEXT_ENDS_0, ENDS_1, 9, strings * 4);
  textEndsEnd = textEndsStart + strings * 4;
  const unitEndsBytes = isAscii ? 0 : strings * 4;
  const unitEnds = table(frame, textEndsEnd, UNIT_ENDS_0, ENDS_1, 9, unitEndsBytes);
  unitEndsAway = unitEnds - textEndsStart;
  attachmentsStart = attachmentsHead(unitEnds + unitEndsBytes, attachments);
  attachmentsEnd = attachmentsStart + attachmentBytes;
  textStart = table(frame, attachmentsEnd, TEXT_0, SPACES, 4, textBytes);
  textLimit = textStart + textBytes;
  return true;
}

/** Corrects how much text the batch has, and how much input it is from, once its tables are filled. */
export function settle(textBytes: u32, bytes: u32): void {
  inputLength(frameStart, bytes);
  tableLength(textStart, textBytes);
  textLimit = textStart + textBytes;
}
