/** `text`: one line for each item that has text. Columns stand behind one another with a separator between them. */
import { type Batch, EntryKind } from '@chipmunk-host/manager';
import { ChunkBuilder } from './chunk-builder.js';

export function* textChunks(batch: Batch, separator: string): Generator<Uint8Array, void, undefined> {
  const chunk = new ChunkBuilder();
  for (const item of batch) {
    // An attachment alone has no text, and an empty line would look like an item with an empty one.
    if (item.kind === EntryKind.attachment) continue;
    const { columns } = item;
    chunk.add(columns.length === 1 ? `${columns[0]}\n` : `${columns.join(separator)}\n`);
    if (chunk.full) yield* chunk.take();
  }
  yield* chunk.take();
}
