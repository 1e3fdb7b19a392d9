/** Arrow output as plain rows, read by the library of the Arrow project, and the rows that items are to become. */
import { type Batch, COLUMN_SEPARATOR, EntryKind, type Item } from '@chipmunk-host/batch';
import { DataType, RecordBatchReader, type Schema, type Vector } from 'apache-arrow';
import type { EncodingOptions } from '#shared/encode/encoding-options.js';

/** Values by column; numbers of 64 bits are bigints, missing values null. */
export type Row = Readonly<Record<string, unknown>>;

export interface ArrowRead {
  readonly rows: readonly Row[];
  /** What each column is, as Arrow calls it. */
  readonly types: Readonly<Record<string, string>>;
  /** Rows of each record batch. */
  readonly batches: readonly number[];
}

/** Reads a stream or a file, which has to be whole. */
export function readArrow(output: Uint8Array): ArrowRead {
  const rows: Row[] = [];
  const batches: number[] = [];
  const reader = RecordBatchReader.from(Uint8Array.from(output)).open();
  const types = typesOf(reader.schema);
  for (const batch of reader) {
    batches.push(batch.numRows);
    const columns = batch.schema.fields.map(({ name }, index) => ({ name, vector: batch.getChildAt(index) }));
    for (let row = 0; row < batch.numRows; row++)
      rows.push(Object.fromEntries(columns.map(({ name, vector }) => [name, valueAt(vector, row)])));
  }
  return { rows, types, batches };
}

function valueAt(vector: Vector | null, row: number): unknown {
  const value = vector?.get(row);
  // The library makes milliseconds of times.
  if (value !== null && DataType.isTimestamp(vector?.type)) return vector?.data[0]?.values[row];
  return plain(value);
}

function typesOf({ fields }: Schema): Record<string, string> {
  return Object.fromEntries(fields.map(({ name, type }) => [name, String(type)]));
}

/** Vectors and structures as lists and objects. */
function plain(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (value instanceof BigUint64Array) return [...value];
  if ('toJSON' in value) {
    const json = (value as { toJSON(): unknown }).toJSON();
    return Array.isArray(json) ? json.map(plain) : plainMembers(json as object);
  }
  return plainMembers(value);
}

function plainMembers(value: object): unknown {
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

/**
 * The same rows, made item by item.
 * @param hasTimes whether there is a column of times
 */
export function referenceRows(
  batch: Batch,
  options: EncodingOptions,
  captions: readonly string[],
  hasTimes: boolean,
): readonly (Row | undefined)[] {
  return [...batch].map((item) => referenceRow(item, options, captions, hasTimes));
}

/** Undefined for an item that has no place in the output. */
function referenceRow(
  item: Item,
  { fields, source, columns }: EncodingOptions,
  captions: readonly string[],
  hasTimes: boolean,
): Row | undefined {
  const names = captions.length === 0 ? ['text'] : captions;
  const chosen =
    columns === undefined
      ? names.map((_, index) => index)
      : columns.map((name) => (captions.includes(name) ? captions.indexOf(name) : Number(name.slice(1)) - 1));
  const inOrder = fields ?? [
    ...(source === undefined ? [] : ['source']),
    'offset',
    'length',
    ...(hasTimes ? ['time'] : []),
    'text',
    'attachment',
  ];
  if (item.kind === EntryKind.attachment && !inOrder.includes('attachment')) return undefined;
  const row: Record<string, unknown> = {};
  const add = (name: string, value: unknown) => {
    let distinct = name;
    const isTaken = () => Object.keys(row).some((other) => other.toLowerCase() === distinct.toLowerCase());
    for (let number = 2; isTaken(); number++) distinct = `${name}_${number}`;
    row[distinct] = value;
  };
  const strings = item.kind === EntryKind.attachment ? [] : item.columns;
  for (const field of inOrder) {
    if (field === 'source') add(field, asRead(source ?? ''));
    if (field === 'offset') add(field, BigInt(item.offset));
    if (field === 'length') add(field, item.length);
    if (field === 'time') add(field, item.time ?? null);
    if (field === 'text')
      for (const column of chosen) {
        const all = strings.slice(column, column === names.length - 1 ? undefined : column + 1);
        add(names[column] ?? `#${column + 1}`, all.length === 0 ? null : asRead(all.join(COLUMN_SEPARATOR)));
      }
    if (field === 'attachment')
      add('attachments', item.attachment === undefined ? [] : [attachmentRow(item.attachment)]);
  }
  return row;
}

function attachmentRow({ name, size, created, modified, messages, data }: NonNullable<Item['attachment']>): Row {
  return {
    name: asRead(name),
    size: BigInt(size),
    created: created === undefined ? null : asRead(created),
    modified: modified === undefined ? null : asRead(modified),
    messages: [...messages],
    data: Buffer.from(data).toString('hex'),
  };
}

/** The library takes U+FEFF at the beginning of a text for a mark of its byte order, and drops it. */
function asRead(text: string): string {
  return text.replace(/^\ufeff/, '');
}
