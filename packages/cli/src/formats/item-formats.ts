/** The formats in which items are written. README.md defines them. */
import {
  type ArrowOutput,
  BatchEncoder,
  type EncodedElement,
  type EncodedFormat,
  type EncodingOptions,
  type IngestSession,
  type ItemCounts,
  type StreamElement,
} from '@chipmunk-host/manager';
import { type FieldName, type FormatName, isArrow } from './format-names.js';

/** The input that something comes from. */
export interface FormatSource {
  /** Its place among all inputs, from 0. */
  readonly number: number;
  /** Its name, where each item is to tell it. */
  readonly name: string | undefined;
}

/** How items are written. */
export interface FormatArguments {
  /** Where attachments are written as files. Undefined: nowhere. */
  readonly attachmentsDirectory: string | undefined;
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
  /** Rows in a record batch of Arrow. Undefined: as many as there is room for. */
  readonly batchRows: number | undefined;
  /** Whether Arrow may have dictionaries. */
  readonly dictionaries: boolean;
}

/** The output, to which several sessions may write. */
export interface FormatOutput {
  /** Whether nothing was written of other sessions before. */
  readonly isFirst: boolean;
  /** Of Arrow. */
  readonly arrow: ArrowOutput | undefined;
  /** Whether batches are needed beside the output, so that workers cannot make the output of them. */
  readonly needsBatches: boolean;
}

/**
 * What a session delivers, and what is written of each of it, in chunks of whole rows. A chunk is valid until the next one, or the next
 * element, is asked for.
 */
export interface FormattedItems {
  /** What stands before all of them; may be empty. */
  readonly header: Uint8Array;
  readonly elements: AsyncIterable<StreamElement | EncodedElement>;
  chunks(element: StreamElement | EncodedElement): Iterable<Uint8Array>;
}

/**
 * To be called as soon as the session is open: its workers then make the output.
 * @param counts what counts the items, in place of writing them
 * @throws HostError `ERR_INVALID_OPTION`, of what the parser does not have
 */
export function formattedItems(
  session: IngestSession,
  args: FormatArguments,
  source: FormatSource,
  output: FormatOutput,
  counts: ItemCounts | undefined,
): FormattedItems {
  const { format } = args;
  if (counts !== undefined) return counted(session, counts);
  switch (format) {
    case 'msgpack':
      return {
        header: NOTHING,
        elements: session,
        chunks: (element) => (element.type === 'encoded' ? [] : stored(element, source)),
      };
    case 'none':
      return { header: NOTHING, elements: session, chunks: () => [] };
    default: {
      const options = encodingOptions(format, args, source, output);
      // The workers' output has no attachments any more.
      if (args.attachmentsDirectory !== undefined || output.needsBatches)
        return encodedHere(session, { format, ...options });
      return {
        // The first of the elements.
        header: NOTHING,
        elements: session.encoded(format, options),
        chunks: (element) => (element.type === 'encoded' && element.bytes.length > 0 ? [element.bytes] : []),
      };
    }
  }
}

const NOTHING = new Uint8Array();

function counted(session: IngestSession, counts: ItemCounts): FormattedItems {
  const { renderOptions } = session.info;
  counts.requireColumn(renderOptions);
  const chunks = (element: StreamElement | EncodedElement) => {
    if (element.type === 'batch') counts.add(element, renderOptions);
    return [];
  };
  return { header: NOTHING, elements: session, chunks };
}

function encodedHere(session: IngestSession, options: EncodingOptions): FormattedItems {
  const encoder = new BatchEncoder(options, session.info.renderOptions);
  return {
    header: encoder.header,
    elements: session,
    chunks: (element) => (element.type === 'batch' ? encoder.encode(element) : []),
  };
}

export function encodingOptions(
  format: EncodedFormat,
  { separator, delimiter, guardFormulas, header, columns, fields, batchRows, dictionaries }: FormatArguments,
  { name }: FormatSource,
  { isFirst, arrow }: Pick<FormatOutput, 'isFirst' | 'arrow'>,
): Omit<EncodingOptions, 'format'> {
  return {
    ...(format === 'text' ? { separator } : {}),
    ...(format === 'csv' ? { guardFormulas, header: header && isFirst } : {}),
    ...(isArrow(format) ? { batchRows, dictionaries, output: arrow } : {}),
    ...(format === 'csv' && delimiter !== undefined ? { delimiter } : {}),
    ...(columns === undefined ? {} : { columns }),
    ...(fields === undefined ? {} : { fields }),
    ...(name === undefined ? {} : { source: name }),
  };
}

function stored(element: StreamElement, { number }: FormatSource): Uint8Array[] {
  // Each session calls its input number 0.
  if (number === 0) return [element.bytes];
  const own = element.sources.find((source) => source.number === element.source);
  return [Buffer.concat(element.withHeader({}, { name: '', ...own, number }))];
}
