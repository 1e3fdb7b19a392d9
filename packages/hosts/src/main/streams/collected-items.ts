/** All items of a session at once, for small inputs. */
import type { ItemJson } from '@chipmunk-host/batch';
import { requireCompleted, type StreamedSession, takeSession } from './chunk-reader.js';
import { type CollectOptions, collectLimits, tooMuch } from './stream-options.js';

export async function collectItems(session: StreamedSession, options: CollectOptions): Promise<ItemJson[]> {
  const { maxItems, maxBytes } = collectLimits(options);
  takeSession(session);
  const items: ItemJson[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await session.next();
      if (done === true) break;
      if (value.type !== 'batch') continue;
      bytes += value.bytes.length;
      if (items.length + value.count > maxItems) throw tooMuch('maxItems', maxItems, 'items');
      if (bytes > maxBytes) throw tooMuch('maxBytes', maxBytes, 'bytes of batches');
      for (const item of value) items.push(item.toJSON());
    }
    requireCompleted(session);
    return items;
  } finally {
    await session.close();
  }
}
