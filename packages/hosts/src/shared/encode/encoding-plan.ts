/** What the encoder does for each row, for each format, as a program (encoding-program.ts): made once for a session, and passed to its workers. */
import { HostError } from '@chipmunk-host/runtime/internal/shared';
import type { RenderOptions } from '../plugin-info.js';
import { type ArrowFormat, type ArrowPlan, arrowColumns } from './arrow/arrow-plan.js';
import type { ArrowFrame } from './arrow/arrow-sink.js';
import type { EncodedFormat, EncodingOptions, ItemField } from './encoding-options.js';
import { Condition, Mode, ProgramBuilder, Step } from './encoding-program.js';

/** All that the encoder needs to know. */
export interface EncodingPlan {
  readonly format: EncodedFormat;
  /** The program; empty for `raw`, which is not encoded from batches. Of Arrow the name of the source. */
  readonly program: Uint8Array;
  /** What the output begins with, before all items. */
  readonly header: Uint8Array;
  /** Undefined for other formats. */
  readonly arrow?: ArrowPlan;
}

const JSON_GROWTH = 6;
const CSV_GROWTH = 2;
const MOST_SEPARATOR_BYTES = 1024;
const MOST_COLUMNS = 4096;
/** What texts of times consist of. */
const TIME_CHARACTER = /[-0-9T:.Z]/;

const utf8 = new TextEncoder();

/**
 * @param captions of the columns that the parser's render options name; none of a parser of lines
 * @param frame of Arrow
 */
export function encodingPlan(
  options: EncodingOptions,
  captions: readonly string[],
  frame: ArrowFrame | undefined,
): EncodingPlan {
  const { format } = options;
  const columns = chosenColumns(options.columns, captions);
  requireFields(options);
  const none = new Uint8Array(0);
  switch (format) {
    case 'text':
      return { format, program: textProgram(options, columns), header: none };
    case 'ndjson':
      return { format, program: ndjsonProgram(options, columns), header: none };
    case 'csv':
      return csvPlan(options, columns, captions);
    case 'arrow':
    case 'arrow-file':
      return arrowEncodingPlan(format, options, captions, columns, frame);
    case 'raw':
      return { format, program: none, header: none };
  }
}

function arrowEncodingPlan(
  format: ArrowFormat,
  options: EncodingOptions,
  captions: readonly string[],
  chosen: readonly number[] | undefined,
  frame: ArrowFrame | undefined,
): EncodingPlan {
  if (frame === undefined) throw new HostError('ERR_INTERNAL', 'Arrow output has nothing that frames it.');
  const { source = '', batchRows = Number.POSITIVE_INFINITY } = options;
  const { sink, givesTimes } = frame;
  const columns = arrowColumns(format, options, captions, chosen, givesTimes);
  sink.use(format, columns);
  const program = utf8.encode(source);
  const needsText = !columns.some(({ kind }) => kind === 'attachments');
  const arrow = { columns, batchRows, needsText, sourceBytes: program.length, traits: sink.traits };
  return { format, program, header: new Uint8Array(0), arrow };
}

/** Of the columns that a parser names; none of a parser of lines. */
export function captionsOf(renderOptions: RenderOptions | undefined): readonly string[] {
  return renderOptions?.columns?.columns.map(({ caption }) => caption) ?? [];
}

function textProgram(
  { separator = '\t', source }: EncodingOptions,
  columns: readonly number[] | undefined,
): Uint8Array {
  const program = new ProgramBuilder();
  program.needsText = true;
  const [at, bytes] = separatorOf(program, separator);
  program.perString = bytes + 2;
  if (source !== undefined) program.literal(source + separator);
  if (columns === undefined) program.step(Step.strings, at, bytes, Mode.plain);
  else {
    program.only(Condition.isLine, () => program.step(Step.strings, at, bytes, Mode.plain));
    program.only(Condition.isColumns, () => {
      for (const [index, column] of columns.entries()) {
        if (index > 0) program.literal(separator);
        program.step(Step.column, column, Mode.plain);
      }
    });
  }
  program.literal('\n');
  return program.finish();
}

function separatorOf(program: ProgramBuilder, separator: string): [at: number, bytes: number] {
  const [at, bytes] = program.place(separator);
  if (bytes > MOST_SEPARATOR_BYTES)
    throw refused('separator', `a text of ${bytes} bytes`, `a text of at most ${MOST_SEPARATOR_BYTES} bytes of UTF-8`);
  return [at, bytes];
}

function ndjsonProgram({ fields, source }: EncodingOptions, columns: readonly number[] | undefined): Uint8Array {
  const program = new ProgramBuilder();
  program.growth = JSON_GROWTH;
  // Quotes and a comma.
  program.perString = 4;
  program.literal('{');
  for (const field of fields ?? ['source', 'offset', 'length', 'time', 'text', 'attachment'])
    addMember(program, field, source, columns);
  program.literal('}\n');
  return program.finish();
}

function addMember(
  program: ProgramBuilder,
  field: ItemField,
  source: string | undefined,
  columns: readonly number[] | undefined,
): void {
  const member = (text: string) => program.literal(text, Step.member);
  switch (field) {
    case 'source':
      if (source !== undefined) member(`,"source":${JSON.stringify(source)}`);
      break;
    case 'offset':
      member(',"offset":');
      program.step(Step.offset);
      break;
    case 'length':
      member(',"length":');
      program.step(Step.length);
      break;
    case 'time':
      program.only(Condition.hasTime, () => {
        member(',"time":"');
        program.step(Step.time);
        program.literal('"');
      });
      break;
    case 'text':
      program.only(Condition.isLine, () => {
        member(',"text":');
        program.step(Step.strings, ...program.place(','), Mode.json);
      });
      program.only(Condition.isColumns, () => addColumns(program, columns));
      break;
    case 'attachment':
      program.only(Condition.hasAttachment, () => addAttachment(program));
  }
}

function addColumns(program: ProgramBuilder, columns: readonly number[] | undefined): void {
  program.literal(',"columns":[', Step.member);
  if (columns === undefined) program.step(Step.strings, ...program.place(','), Mode.json);
  else
    for (const [index, column] of columns.entries()) {
      if (index > 0) program.literal(',');
      program.step(Step.column, column, Mode.json);
    }
  program.literal(']');
}

function addAttachment(program: ProgramBuilder): void {
  program.literal(',"attachment":{"name":', Step.member);
  program.step(Step.attachmentText, 0);
  program.literal(',"size":');
  program.step(Step.size);
  program.literal(',"created":');
  program.step(Step.attachmentText, 1);
  program.literal(',"modified":');
  program.step(Step.attachmentText, 2);
  program.literal(',"messages":[');
  program.step(Step.messages);
  program.literal('],"data":"');
  program.step(Step.data);
  program.literal('"}');
}

function csvPlan(
  options: EncodingOptions,
  columns: readonly number[] | undefined,
  captions: readonly string[],
): EncodingPlan {
  const { delimiter = ',', guardFormulas = false, header = true, source } = options;
  if (!/^[\0-\x7f]$/.test(delimiter) || /["\r\n]/.test(delimiter))
    throw refused('delimiter', JSON.stringify(delimiter), 'one ASCII character other than a quote, CR and LF');
  const names = captions.length === 0 ? ['text'] : captions;
  const chosen = columns ?? names.map((_, index) => index);
  const fields = options.fields ?? (source === undefined ? (['text'] as const) : (['source', 'text'] as const));
  const style = { delimiter, isGuarded: guardFormulas };
  const program = new ProgramBuilder();
  program.growth = CSV_GROWTH;
  program.perString = 4;
  program.needsText = true;
  program.delimiter = delimiter.charCodeAt(0);
  const titles: string[] = [];
  const begin = (title: string) => {
    if (titles.length > 0) program.literal(delimiter);
    titles.push(csvField(title, style));
  };
  for (const field of fields) {
    switch (field) {
      case 'source':
        begin(field);
        program.literal(csvField(source ?? '', style));
        break;
      case 'offset':
      case 'length':
        begin(field);
        program.step(Step[field]);
        break;
      case 'time':
        begin(field);
        program.only(Condition.hasTime, () => {
          const quote = TIME_CHARACTER.test(delimiter) ? '"' : '';
          program.literal(quote);
          program.step(Step.time);
          program.literal(quote);
        });
        break;
      default:
        for (const column of chosen) {
          begin(names[column] ?? `#${column + 1}`);
          // An item may have more columns than the header: the last one has the rest of them.
          const hasRest = column === names.length - 1;
          program.step(Step.column, column, guardFormulas ? Mode.csvGuarded : Mode.csv, hasRest ? 1 : 0);
        }
    }
  }
  program.literal('\r\n');
  return {
    format: 'csv',
    program: program.finish(),
    header: utf8.encode(header ? `${titles.join(delimiter)}\r\n` : ''),
  };
}

/** A text as a field of CSV (RFC 4180). */
export function csvField(text: string, { delimiter, isGuarded }: { delimiter: string; isGuarded: boolean }): string {
  const guarded = isGuarded && /^[=+\-@\t\r]/.test(text);
  const mustBeQuoted = guarded || text.includes(delimiter) || /["\r\n]/.test(text);
  return mustBeQuoted ? `"${guarded ? "'" : ''}${text.replaceAll('"', '""')}"` : text;
}

/** @returns their numbers, from 0 */
function chosenColumns(
  columns: readonly string[] | undefined,
  captions: readonly string[],
): readonly number[] | undefined {
  if (columns === undefined) return undefined;
  const chosen = columns.map((name) => columnNumber(name, captions));
  for (const [index, number] of chosen.entries())
    if (chosen.indexOf(number) !== index) throw refused('columns', `'${columns[index]}' twice`, 'each column once');
  if (chosen.length === 0) throw refused('columns', 'an empty list', 'one column or more');
  return chosen;
}

function columnNumber(name: string, captions: readonly string[]): number {
  const named = captions.indexOf(name);
  if (named !== -1) return named;
  const number = /^#([1-9]\d{0,3})$/.exec(name)?.[1];
  if (number !== undefined && Number(number) <= MOST_COLUMNS) return Number(number) - 1;
  const known = captions.length === 0 ? 'the parser names none' : `the parser has ${captions.join(', ')}`;
  throw refused('columns', `'${name}'`, `captions (${known}), or #1 for the first column`);
}

function requireFields({ fields, format }: EncodingOptions): void {
  if (fields === undefined) return;
  if (format === 'text' || format === 'raw') throw refused('fields', 'given', `nothing with the format ${format}`);
  if (fields.length === 0 || new Set(fields).size !== fields.length)
    throw refused('fields', `[${fields.join(', ')}]`, 'one field or more, each once');
  if (format === 'csv' && fields.includes('attachment'))
    throw refused('fields', "'attachment'", 'fields without it with the format csv, which has no place for files');
}

function refused(option: string, value: string, expected: string): HostError {
  return new HostError('ERR_INVALID_OPTION', `The option ${option} is ${value}; expected ${expected}.`);
}
