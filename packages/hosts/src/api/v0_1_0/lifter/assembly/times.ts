/** The times of records: one i64 each, in a list of their own. */
import { RECORD_BYTES } from './parse-return';

/** Stands for the time of a record that has none. */
export const NO_TIME: i64 = i64.MIN_VALUE;

const TIME_BYTES: usize = 8;

/** Where the time of a record of `list` lies. */
export function timeAt(record: usize, list: usize, times: usize): usize {
  return times + (record - list) / (RECORD_BYTES / TIME_BYTES);
}
