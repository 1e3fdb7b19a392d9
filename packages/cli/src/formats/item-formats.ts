/** The formats in which items are written. README.md defines them. */
import type { Batch } from '@chipmunk-host/manager';
import type { FormatName } from '../ingest/ingest-arguments.js';
import { ndjsonChunks } from './ndjson-format.js';
import { textChunks } from './text-format.js';

/**
 * The bytes of a batch in one of the forms, in pieces that stay valid when the batch is released.
 * @param source name of the input, where each item is to tell it
 */
export type ItemFormat = (batch: Batch, source: string | undefined) => Iterable<Uint8Array>;

export function itemFormat(name: FormatName, separator: string): ItemFormat {
  switch (name) {
    case 'text':
      return (batch, source) => textChunks(batch, separator, source);
    case 'ndjson':
      return ndjsonChunks;
    case 'msgpack':
      // A copy: the batch's own bytes are reused as soon as the next one is asked for.
      return (batch) => [Uint8Array.from(batch.bytes)];
    case 'none':
      return () => [];
  }
}
