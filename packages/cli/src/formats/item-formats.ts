/** The formats in which items are written. README.md defines them. */
import { BatchEncoder, type EncodedFormat, type StreamElement } from '@chipmunk-host/manager';
import type { FormatName } from './format-names.js';

/** The input that something comes from. */
export interface FormatSource {
  /** Its place among all inputs, from 0. */
  readonly number: number;
  /** Its name, where each item is to tell it. */
  readonly name: string | undefined;
}

/** The bytes of a batch, a gap or a restart in one of the forms, in chunks that stay valid when the batch is released. */
export type ItemFormat = (element: StreamElement) => Iterable<Uint8Array>;

/** @param separator between the columns of `text` */
export function itemFormat(format: FormatName, separator: string, source: FormatSource): ItemFormat {
  switch (format) {
    case 'text':
    case 'ndjson':
      return encodedFormat(format, separator, source.name);
    case 'msgpack':
      return (element) => msgpackChunks(element, source);
    case 'none':
      return () => [];
  }
}

function encodedFormat(format: EncodedFormat, separator: string, source: string | undefined): ItemFormat {
  const encoder = new BatchEncoder({ format, separator, ...(source === undefined ? {} : { source }) });
  return (element) => (element.type === 'batch' ? encoder.encode(element) : []);
}

/** Copies: a batch's own bytes are reused as soon as the next one is asked for. */
function msgpackChunks(element: StreamElement, { number }: FormatSource): Uint8Array[] {
  // Each session calls its input number 0.
  if (number === 0) return [Uint8Array.from(element.bytes)];
  const own = element.sources.find((source) => source.number === element.source);
  return element.withHeader({}, { name: '', ...own, number }).map((part) => Uint8Array.from(part));
}
