/** What a frame says of an element: from its head and its table of times, without decoding an item. */
import { readHead } from '@chipmunk-host/batch';
import { readBatchLayout } from '@chipmunk-host/batch/internal';
import { crc32 } from '../portable/crc32.js';
import type { FrameHeader } from '../portable/frame-header.js';
import { SpoolError } from '../portable/spool-error.js';
import { NO_TIME } from '../portable/spool-format.js';

/** Where the type of an element stands. */
const TYPE_PLACE = 4;

/** @throws SpoolError `ERR_SPOOL_ELEMENT` when these bytes are not one element of version 2 */
export function frameOf(element: Uint8Array, number: number, row: number): FrameHeader {
  try {
    const head = readHead(element);
    if (head.byteLength !== element.length)
      throw new Error(`it has ${element.length} bytes instead of ${head.byteLength}`);
    const { firstTime, lastTime } = head.type === 'batch' ? timeRange(element) : NO_TIMES;
    return {
      number,
      row,
      rows: head.count,
      type: element[TYPE_PLACE] as number,
      source: head.source,
      offset: head.offset,
      consumedBytes: head.consumedBytes,
      firstTime,
      lastTime,
      writtenAt: Date.now(),
      byteLength: element.length,
      crc: crc32(element),
    };
  } catch (cause) {
    throw new SpoolError('ERR_SPOOL_ELEMENT', `What is to be appended is no element: ${(cause as Error).message}`, {
      cause,
      help: 'Append the bytes of a batch, a gap or a restart of version 2, as sessions deliver them.',
    });
  }
}

const NO_TIMES = { firstTime: NO_TIME, lastTime: NO_TIME };

/** The earliest and the latest time of a batch. Numbers, not bigints: there is one for each row. */
function timeRange(element: Uint8Array): Pick<FrameHeader, 'firstTime' | 'lastTime'> {
  const { times, entries } = readBatchLayout(element);
  if (times === undefined || entries === 0) return NO_TIMES;
  const at = element.byteOffset + times;
  // Of a Buffer, `slice` would be a view.
  const aligned = at % 4 === 0 ? undefined : new Uint8Array(element.subarray(times, times + entries * 8)).buffer;
  const words = new Uint32Array(aligned ?? element.buffer, aligned === undefined ? at : 0, entries * 2);
  let [first, last] = [-1, -1];
  let [firstHigh, lastHigh] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [firstLow, lastLow] = [0, 0];
  for (let word = 0; word < words.length; word += 2) {
    const low = words[word] as number;
    const high = (words[word + 1] as number) | 0;
    if (high === NONE_HIGH && low === 0) continue;
    if (high < firstHigh || (high === firstHigh && low < firstLow)) {
      firstHigh = high;
      firstLow = low;
      first = word;
    }
    if (high > lastHigh || (high === lastHigh && low > lastLow)) {
      lastHigh = high;
      lastLow = low;
      last = word;
    }
  }
  if (first < 0 || last < 0) return NO_TIMES;
  return { firstTime: timeOf(firstHigh, firstLow), lastTime: timeOf(lastHigh, lastLow) };
}

/** The upper half of the time that an entry without one has. */
const NONE_HIGH = -(2 ** 31);

function timeOf(high: number, low: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}
