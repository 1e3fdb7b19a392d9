/** The formats in which items are written. README.md defines them. */
import type { Batch, StreamElement } from '@chipmunk-host/manager';
import type { FormatName } from './format-names.js';
import { ndjsonChunks } from './ndjson-format.js';

/** The input that something comes from. */
export interface FormatSource {
  /** Its place among all inputs, from 0. */
  readonly number: number;
  /** Its name, where each item is to tell it. */
  readonly name: string | undefined;
}

/** The bytes of a batch, a gap or a restart in one of the forms, in chunks that stay valid when the batch is released. */
export type ItemFormat = (element: StreamElement, source: FormatSource) => Iterable<Uint8Array>;

export function itemFormat(format: FormatName, separator: string): ItemFormat {
  switch (format) {
    case 'text':
      return (element, { name }) => (element.type === 'batch' ? textChunks(element, separator, name) : []);
    case 'ndjson':
      return (element, { name }) => (element.type === 'batch' ? ndjsonChunks(element, name) : []);
    case 'msgpack':
      return msgpackChunks;
    case 'none':
      return () => [];
  }
}

/** Copies: a batch's own bytes are reused as soon as the next one is asked for. */
function msgpackChunks(element: StreamElement, { number }: FormatSource): Uint8Array[] {
  // Each session calls its input number 0.
  if (number === 0) return [Uint8Array.from(element.bytes)];
  const own = element.sources.find((source) => source.number === element.source);
  return element.withHeader({}, { name: '', ...own, number }).map((part) => Uint8Array.from(part));
}

/**
 * `text`: one line for each item that has text. Columns stand behind one another with a separator between them.
 * @param source named in front of each line, as a column
 */
export function textChunks(batch: Batch, separator: string, source?: string): Iterable<Uint8Array> {
  return batch.encodedLines(separator, source === undefined ? '' : source + separator);
}
