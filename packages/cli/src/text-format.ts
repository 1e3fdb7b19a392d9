/** `text`: one line for each item that has text. Columns stand behind one another with a separator between them. */
import type { Batch } from '@chipmunk-host/manager';

export function textChunks(batch: Batch, separator: string): Iterable<Uint8Array> {
  return batch.encodedLines(separator);
}
