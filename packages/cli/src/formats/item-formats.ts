/** The formats in which items are written. README.md defines them. */
import type {
  EncodedElement,
  EncodedFormat,
  EncodingOptions,
  IngestSession,
  StreamElement,
} from '@chipmunk-host/manager';
import type { FieldName, FormatName } from './format-names.js';

/** The input that something comes from. */
export interface FormatSource {
  /** Its place among all inputs, from 0. */
  readonly number: number;
  /** Its name, where each item is to tell it. */
  readonly name: string | undefined;
}

/** How items are written. */
export interface FormatArguments {
  readonly format: FormatName;
  /** Between the columns of `text`. */
  readonly separator: string;
  /** Between the fields of `csv`. Undefined: a comma. */
  readonly delimiter: string | undefined;
  /** Whether `csv` has nothing that spreadsheets take for formulas. */
  readonly guardFormulas: boolean;
  /** Whether `csv` begins with captions. */
  readonly header: boolean;
  /** Undefined: all of them. */
  readonly columns: readonly string[] | undefined;
  /** Undefined: those that the format has by default. */
  readonly fields: readonly FieldName[] | undefined;
}

/** What a session delivers, and what is written of each of it, in chunks of whole rows that stay valid when the next is asked for. */
export interface FormattedItems {
  readonly elements: AsyncIterable<StreamElement | EncodedElement>;
  chunks(element: StreamElement | EncodedElement): readonly Uint8Array[];
}

/**
 * To be called as soon as the session is open: its workers then make the output.
 * @param isFirst whether nothing was written of other sessions before
 * @throws HostError `ERR_INVALID_OPTION`, of what the parser does not have
 */
export function formattedItems(
  session: IngestSession,
  args: FormatArguments,
  source: FormatSource,
  isFirst: boolean,
): FormattedItems {
  const { format } = args;
  switch (format) {
    case 'msgpack':
      return { elements: session, chunks: (element) => (element.type === 'encoded' ? [] : stored(element, source)) };
    case 'none':
      return { elements: session, chunks: () => [] };
    default:
      return {
        elements: session.encoded(format, encodingOptions(format, args, source, isFirst)),
        // The memory is the next element's when that is asked for.
        chunks: (element) =>
          element.type === 'encoded' && element.bytes.length > 0 ? [Uint8Array.from(element.bytes)] : [],
      };
  }
}

function encodingOptions(
  format: EncodedFormat,
  { separator, delimiter, guardFormulas, header, columns, fields }: FormatArguments,
  { name }: FormatSource,
  isFirst: boolean,
): Omit<EncodingOptions, 'format'> {
  return {
    ...(format === 'text' ? { separator } : {}),
    ...(format === 'csv' ? { guardFormulas, header: header && isFirst } : {}),
    ...(format === 'csv' && delimiter !== undefined ? { delimiter } : {}),
    ...(columns === undefined ? {} : { columns }),
    ...(fields === undefined ? {} : { fields }),
    ...(name === undefined ? {} : { source: name }),
  };
}

function stored(element: StreamElement, { number }: FormatSource): Uint8Array[] {
  // Each session calls its input number 0.
  if (number === 0) return [Uint8Array.from(element.bytes)];
  const own = element.sources.find((source) => source.number === element.source);
  return [Buffer.concat(element.withHeader({}, { name: '', ...own, number }))];
}
