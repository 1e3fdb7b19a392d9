/** The options that say how items are written, of all commands that write items. */
import { type Command, Option } from 'commander';
import { FIELDS, type FieldName, FORMATS, type FormatName } from './formats/format-names.js';
import type { FormatArguments } from './formats/item-formats.js';
import { choices, list, wholeNumber } from './terminal/option-values.js';

/** Of rows in a record batch. */
const MOST = 0x7fff_ffff;

export interface ItemCommandOptions {
  readonly format: FormatName;
  readonly separator: string;
  readonly delimiter?: string;
  readonly guardFormulas?: boolean;
  /** False with `--no-header`. */
  readonly header: boolean;
  readonly columns?: readonly string[];
  readonly fields?: readonly FieldName[];
  readonly batchRows?: number;
  /** False with `--no-dictionaries`. */
  readonly dictionaries: boolean;
  readonly withFilename?: boolean;
}

/** Those behind the format itself. */
export function addItemOptions(command: Command): Command {
  return command
    .addOption(new Option('--separator <text>', 'between columns in the text format').default('\t', 'a tab'))
    .option('--delimiter <character>', 'between fields in the csv format (default: a comma)')
    .option('--guard-formulas', 'put an apostrophe before texts that spreadsheets take for formulas in the csv format')
    .option('--no-header', 'leave the line of captions out of the csv format')
    .option('--columns <names>', 'columns to write, in this order: captions, or #1 for the first; with commas', list)
    .option(
      '--fields <names>',
      `what items have in ndjson, csv and Arrow, in this order, with commas: ${FIELDS.join(', ')}`,
      (text) => choices(text, FIELDS),
    )
    .option(
      '--with-filename',
      'put the name of the input before each line; in ndjson, csv and Arrow as a member (default for several files)',
    )
    .option(
      '--batch-rows <n>',
      'most rows of a record batch of Arrow (default: as many as there is room for)',
      wholeNumber(MOST, 1),
    )
    .option('--no-dictionaries', 'write no column of Arrow with a dictionary');
}

export function itemArguments(
  options: ItemCommandOptions,
): Omit<FormatArguments, 'attachmentsDirectory'> & { readonly withFilename: boolean | undefined } {
  return {
    format: options.format,
    separator: options.separator,
    delimiter: options.delimiter,
    guardFormulas: options.guardFormulas ?? false,
    header: options.header,
    columns: options.columns,
    fields: options.fields,
    batchRows: options.batchRows,
    dictionaries: options.dictionaries,
    withFilename: options.withFilename,
  };
}

/** An option that the format has no use for. */
export function misplacedOption({
  format,
  ...options
}: ItemCommandOptions & { readonly attachments?: string }): string | undefined {
  const arrow = ['arrow', 'arrow-file'] as const;
  const formats: Readonly<Record<string, readonly FormatName[]>> = {
    '--with-filename': options.withFilename === true ? ['text', 'ndjson', 'csv', ...arrow] : FORMATS,
    '--columns': options.columns === undefined ? FORMATS : ['text', 'ndjson', 'csv', ...arrow],
    '--fields': options.fields === undefined ? FORMATS : ['ndjson', 'csv', ...arrow],
    '--batch-rows': options.batchRows === undefined ? FORMATS : arrow,
    '--no-dictionaries': options.dictionaries ? FORMATS : ['arrow'],
    '--delimiter': options.delimiter === undefined ? FORMATS : ['csv'],
    '--guard-formulas': options.guardFormulas === true ? ['csv'] : FORMATS,
    '--attachments':
      options.attachments === undefined ? FORMATS : ['text', 'ndjson', 'csv', ...arrow, 'msgpack', 'none'],
    '--no-header': options.header ? FORMATS : ['csv'],
  };
  // Nothing is written there, whatever is asked for.
  if (format === 'none') return undefined;
  for (const [name, fitting] of Object.entries(formats)) {
    const known = fitting.length === 1 ? `the format ${fitting[0]}` : `the formats ${fitting.join(', ')}`;
    if (!fitting.includes(format)) return `'${name}' works with ${known}, not with ${format}`;
  }
  return undefined;
}
