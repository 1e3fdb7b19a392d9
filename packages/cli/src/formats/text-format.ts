/** `text`: one line for each item that has text. Columns stand behind one another with a separator between them. */
import type { Batch } from '@chipmunk-host/manager';

/** @param source named in front of each line, as a column */
export function textChunks(batch: Batch, separator: string, source?: string): Iterable<Uint8Array> {
  return batch.encodedLines(separator, source === undefined ? '' : source + separator);
}
