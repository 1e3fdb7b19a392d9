/** Finds rows by what is known of blocks, and then in the batches. */
import { Batch } from '@chipmunk-host/batch';
import type { SpoolFrame } from './block-content.js';
import type { SpoolReadOptions } from './reading.js';
import { NO_TIME } from './spool-format.js';

interface Frames {
  frames(options: SpoolReadOptions): AsyncIterable<SpoolFrame>;
}

/** The first row of the source that ends behind the position. */
export async function rowAtOffset(spool: Frames, offset: number, source: number): Promise<number | undefined> {
  const blocks: SpoolReadOptions['blocks'] = ({ entry }) =>
    entry.source === source && entry.endOffset > offset && entry.rows > 0;
  for await (const frame of spool.frames({ blocks })) {
    if (frame.source !== source || frame.rows === 0 || frame.offset + frame.consumedBytes <= offset) continue;
    let { row } = frame;
    for (const item of Batch.from(frame.bytes)) {
      if (item.offset + item.length > offset) return row;
      row++;
    }
  }
  return undefined;
}

/** The first row that has this time or a later one. */
export async function rowAtTime(spool: Frames, time: bigint): Promise<number | undefined> {
  for await (const frame of spool.frames({
    blocks: ({ entry }) => entry.lastTime >= time && entry.lastTime !== NO_TIME,
  })) {
    if (frame.lastTime < time || frame.lastTime === NO_TIME) continue;
    let { row } = frame;
    for (const item of Batch.from(frame.bytes)) {
      if (item.time !== undefined && item.time >= time) return row;
      row++;
    }
  }
  return undefined;
}
