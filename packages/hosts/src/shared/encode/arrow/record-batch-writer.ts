/**
 * Writes the rows that are chosen in the wasm module as one record batch, with the dictionaries of its columns before it. How much room that takes
 * at most is known before, so that nothing is written that does not fit.
 */

import { u32 } from '../../wasm-global.js';
import { dictionaryTemplate, type MessageTemplate, recordBatchTemplate } from './arrow-messages.js';
import type { SchemaColumn } from './arrow-plan.js';
import { AttachmentString, type ColumnExports } from './column-module.js';

/** What is overwritten behind the end of a text, and the ends of the regions of memory, which begin at multiples of 8. */
const SLACK_BYTES = 128;
/** A buffer begins at a multiple of 8; offsets are one more than there are values. */
const BUFFER_BYTES = 16;
/**
 * What a row takes in the table of values, which are as many as there are rows at most (4), in the table that finds them (less than 12), and of
 * the memory for short values that came last, where there are rows enough for it (4).
 */
export const VALUE_TABLE_BYTES = 20;
const RECENT_BYTES = 1024;
const LEAST_ROWS_WITH_RECENT = RECENT_BYTES / 4;

const NODES = { attachments: 9 } as const;
const BUFFERS = { number: 2, indexes: 2, text: 3, attachments: 21 } as const;

export class RecordBatchWriter {
  /** Bytes that a row takes at most, besides its texts and its attachment, and those that all rows together take. */
  readonly rowBytes: number;
  readonly batchBytes: number;
  /** How often a text is written at most. */
  readonly copies: number;
  readonly #columns: readonly SchemaColumn[];
  readonly #batch: MessageTemplate;
  readonly #dictionaries: ReadonlyMap<number, MessageTemplate>;

  /** @param sourceBytes of the source's name */
  constructor(columns: readonly SchemaColumn[], sourceBytes: number) {
    this.#columns = columns;
    const buffers = columns.reduce((sum, column) => sum + buffersOf(column), 0);
    const nodes = columns.reduce((sum, { kind }) => sum + (kind === 'attachments' ? NODES.attachments : 1), 0);
    this.#batch = recordBatchTemplate(nodes, buffers);
    const ids = columns.flatMap(({ dictionary }) => (dictionary === undefined ? [] : [dictionary]));
    this.#dictionaries = new Map(ids.map((id) => [id, dictionaryTemplate(id)]));
    const messages = [...this.#dictionaries.values()].reduce(
      (sum, { bytes }) => sum + bytes.length + 3 * BUFFER_BYTES,
      this.#batch.bytes.length + buffers * BUFFER_BYTES,
    );
    this.batchBytes = messages + sourceBytes + (ids.length + 1) * SLACK_BYTES;
    const finds = columns.some(({ kind, dictionary }) => kind === 'text' && dictionary !== undefined);
    const rows = columns.map((column) => rowBytesOf(column, sourceBytes));
    this.rowBytes = rows.reduce((sum, bytes) => sum + bytes, finds ? VALUE_TABLE_BYTES : 0);
    const rest = columns.find(({ withRest }) => withRest);
    this.copies = rest !== undefined && columns.some(({ string }) => string > rest.string) ? 2 : 1;
  }

  /**
   * Writes from `out`, which is a multiple of 8, up to `end`.
   * @param source where the source's name is, and its bytes
   * @returns the bytes that were written
   */
  write(place: WritePlace, out: number, end: number): number {
    return new OneBatch(place, this.#columns, out, end).write(this.#batch, this.#dictionaries) - out;
  }
}

/** Where the module writes, and what it does not know. */
export interface WritePlace {
  readonly wasm: ColumnExports;
  readonly memory: WebAssembly.Memory;
  /** Where the name of the source is, and its bytes. */
  readonly sourceAt: number;
  readonly sourceBytes: number;
}

class OneBatch {
  readonly #place: WritePlace;
  readonly #wasm: ColumnExports;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #columns: readonly SchemaColumn[];
  readonly #rows: number;
  /** Where the next buffer begins. */
  #at: number;
  /** What is used behind it: the indexes of the dictionaries, which are known before the record batch begins. */
  #free: number;
  // Where the body under way begins, and where the next node and buffer are noted.
  #bodyAt = 0;
  #nodeAt = 0;
  #bufferAt = 0;

  constructor(place: WritePlace, columns: readonly SchemaColumn[], out: number, end: number) {
    this.#place = place;
    this.#wasm = place.wasm;
    this.#bytes = new Uint8Array(place.memory.buffer);
    this.#view = new DataView(place.memory.buffer);
    this.#columns = columns;
    this.#rows = u32(place.wasm.chosen);
    this.#at = out;
    this.#free = Math.floor(end / 8) * 8;
  }

  /** @returns where it ends */
  write(batch: MessageTemplate, dictionaries: ReadonlyMap<number, MessageTemplate>): number {
    const indexes = new Map<number, number>();
    for (const { dictionary, kind, string } of this.#columns) {
      const template = dictionary === undefined ? undefined : dictionaries.get(dictionary);
      if (dictionary === undefined || template === undefined) continue;
      if (kind === 'source') this.#writeSourceDictionary(template);
      else {
        this.#free -= aligned(this.#rows * 4);
        indexes.set(dictionary, this.#free);
        this.#writeDictionary(template, string, this.#free);
      }
    }
    this.#begin(batch, this.#rows);
    for (const column of this.#columns) this.#writeColumn(column, indexes);
    this.#end(batch);
    return this.#at;
  }

  #writeSourceDictionary(template: MessageTemplate): void {
    const { sourceAt, sourceBytes } = this.#place;
    this.#begin(template, 1);
    this.#node(1, 0);
    this.#buffer(this.#at);
    this.#view.setInt32(this.#at, 0, true);
    this.#view.setInt32(this.#at + 4, sourceBytes, true);
    this.#buffer(this.#at + 8);
    this.#wasm.move(sourceAt, this.#at, sourceBytes);
    this.#buffer(this.#at + sourceBytes);
    this.#end(template);
  }

  #writeDictionary(template: MessageTemplate, string: number, indexesAt: number): void {
    const slots = tableSlots(this.#rows);
    const tableAt = indexesAt - slots * 4;
    const valuesAt = tableAt - aligned(this.#rows * 4);
    const recentAt = this.#rows < LEAST_ROWS_WITH_RECENT ? 0 : valuesAt - RECENT_BYTES;
    const count = this.#wasm.findValues(string, indexesAt, valuesAt, tableAt, slots, recentAt);
    this.#begin(template, count);
    this.#node(count, 0);
    this.#buffer(this.#at);
    this.#strings(count, (endsAt, out) => this.#wasm.writeValues(valuesAt, count, endsAt, out));
    this.#end(template);
  }

  #writeColumn(column: SchemaColumn, indexes: ReadonlyMap<number, number>): void {
    const rows = this.#rows;
    const wasm = this.#wasm;
    switch (column.kind) {
      case 'source':
        this.#writeSource(column);
        break;
      case 'offset':
        this.#numbers(rows, 8, (out) => wasm.offsets(out));
        break;
      case 'length':
        this.#numbers(rows, 4, (out) => wasm.lengths(out));
        break;
      case 'time':
        this.#writeTimes();
        break;
      case 'text':
        this.#writeTexts(column, indexes);
        break;
      case 'attachments':
        this.#writeAttachments();
    }
  }

  #writeSource({ dictionary }: SchemaColumn): void {
    const rows = this.#rows;
    const { sourceAt, sourceBytes } = this.#place;
    if (dictionary !== undefined) this.#numbers(rows, 4, (out) => this.#wasm.zero(out, out + rows * 4));
    else {
      this.#node(rows, 0);
      this.#buffer(this.#at);
      this.#strings(rows, (endsAt, out) => this.#wasm.sameTexts(sourceAt, sourceBytes, endsAt, out));
    }
  }

  #writeTimes(): void {
    const rows = this.#rows;
    // The times say how many are missing: they are written where they stand if none is.
    const nulls = this.#wasm.rowTimes(this.#at);
    this.#node(rows, nulls);
    this.#validity(nulls, rows, (out) => this.#wasm.timeValidity(out));
    if (nulls > 0) this.#wasm.rowTimes(this.#at);
    this.#buffer(this.#at + rows * 8);
  }

  #writeTexts({ string, withRest, dictionary }: SchemaColumn, indexes: ReadonlyMap<number, number>): void {
    const rows = this.#rows;
    const nulls = this.#wasm.columnsMissing(string) >>> 0;
    this.#node(rows, nulls);
    this.#validity(nulls, rows, (out) => this.#wasm.columnValidity(string, out));
    const indexesAt = dictionary === undefined ? undefined : indexes.get(dictionary);
    if (indexesAt === undefined)
      this.#strings(rows, (endsAt, out) => this.#wasm.columnTexts(string, withRest, endsAt, out));
    else {
      this.#wasm.move(indexesAt, this.#at, rows * 4);
      this.#buffer(this.#at + rows * 4);
    }
  }

  #writeAttachments(): void {
    const wasm = this.#wasm;
    const rows = this.#rows;
    const count = u32(wasm.chosenAttachments);
    const strings = (which: number) =>
      this.#strings(count, (endsAt, out) => wasm.attachmentStrings(which, endsAt, out));
    const plain = (length: number) => {
      this.#node(length, 0);
      this.#buffer(this.#at);
    };
    const date = (which: number) => {
      const nulls = wasm.attachmentDatesMissing(which) >>> 0;
      this.#node(count, nulls);
      this.#validity(nulls, count, (out) => wasm.attachmentDateValidity(which, out));
      strings(which);
    };
    // The lists, and the structures in them.
    plain(rows);
    wasm.attachmentsEnds(this.#at);
    this.#buffer(this.#at + (rows + 1) * 4);
    plain(count);
    plain(count);
    strings(AttachmentString.name);
    this.#numbers(count, 8, (out) => wasm.attachmentSizes(out));
    date(AttachmentString.created);
    date(AttachmentString.modified);
    plain(count);
    const messages = wasm.attachmentMessageEnds(this.#at) >>> 0;
    this.#buffer(this.#at + (count + 1) * 4);
    this.#numbers(messages, 8, (out) => wasm.attachmentMessages(out));
    plain(count);
    strings(AttachmentString.data);
  }

  /** A column of numbers, none of which is missing. */
  #numbers(count: number, bytes: number, write: (out: number) => void): void {
    this.#node(count, 0);
    this.#buffer(this.#at);
    write(this.#at);
    this.#buffer(this.#at + count * bytes);
  }

  /** Offsets and bytes. @param write returns where the bytes end */
  #strings(count: number, write: (endsAt: number, out: number) => number): void {
    const endsAt = this.#at;
    const out = aligned(endsAt + (count + 1) * 4);
    const end = write(endsAt, out) >>> 0;
    this.#buffer(endsAt + (count + 1) * 4);
    this.#buffer(end);
  }

  #validity(nulls: number, count: number, write: (out: number) => void): void {
    const end = nulls === 0 ? this.#at : this.#at + Math.ceil(count / 8);
    if (nulls > 0) {
      this.#wasm.zero(this.#at, end);
      write(this.#at);
    }
    this.#buffer(end);
  }

  #begin({ bytes, lengthAt, nodesAt, buffersAt }: MessageTemplate, length: number): void {
    this.#bytes.set(bytes, this.#at);
    this.#view.setUint32(this.#at + lengthAt, length, true);
    this.#nodeAt = this.#at + nodesAt;
    this.#bufferAt = this.#at + buffersAt;
    this.#at += bytes.length;
    this.#bodyAt = this.#at;
  }

  #end({ bytes, bodyLengthAt }: MessageTemplate): void {
    this.#view.setUint32(this.#bodyAt - bytes.length + bodyLengthAt, this.#at - this.#bodyAt, true);
  }

  #node(length: number, nulls: number): void {
    this.#view.setUint32(this.#nodeAt, length, true);
    this.#view.setUint32(this.#nodeAt + 8, nulls, true);
    this.#nodeAt += 16;
  }

  /** Notes the buffer that begins where the next one does, and goes on behind it. */
  #buffer(end: number): void {
    this.#view.setUint32(this.#bufferAt, this.#at - this.#bodyAt, true);
    this.#view.setUint32(this.#bufferAt + 8, end - this.#at, true);
    this.#bufferAt += 16;
    this.#at = aligned(end);
    this.#wasm.zero(end, this.#at);
  }
}

/** Of the table by which values are found: a power of two, half as many again as there are rows, or more, and less than three times as many. */
export function tableSlots(rows: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(2, rows * 1.5)));
}

export function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

function buffersOf({ kind, dictionary }: SchemaColumn): number {
  if (kind === 'attachments') return BUFFERS.attachments;
  if (kind === 'text' || kind === 'source') return dictionary === undefined ? BUFFERS.text : BUFFERS.indexes;
  return BUFFERS.number;
}

function rowBytesOf({ kind, dictionary }: SchemaColumn, sourceBytes: number): number {
  switch (kind) {
    case 'source':
      return dictionary === undefined ? 4 + sourceBytes : 4;
    case 'offset':
      return 8;
    case 'length':
    case 'attachments':
      return 4;
    case 'time':
      return 8 + 1;
    case 'text':
      // The indexes stand in memory twice, and each may be that of a value of its own.
      return 4 + 1 + (dictionary === undefined ? 0 : 8);
  }
}
