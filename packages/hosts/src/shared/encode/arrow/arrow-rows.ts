/** Writes the rows of batches as Arrow's record batches, each with its dictionaries, in the memory that has the batches. */
import { type BatchLayout, formatError, readBatchLayout, VARYING_STRINGS } from '@chipmunk-host/batch/internal';
import { createWasmMemory, HostError } from '@chipmunk-host/runtime/internal/shared';
import { u32 } from '../../wasm-global.js';
import { CountedRows } from '../counted-rows.js';
import { NO_ROWS, type RowCounts } from '../row-counts.js';
import { ENCODER_SLACK } from '../row-encoder.js';
import { type ArrowPlan, ArrowTraits, schemaColumns, traitBit } from './arrow-plan.js';
import { type ColumnExports, instantiateColumns } from './column-module.js';
import { aligned, RecordBatchWriter, tableSlots, VALUE_TABLE_BYTES, type WritePlace } from './record-batch-writer.js';

/** Of a record batch: its offsets are i32. */
const MOST_BYTES = 2 ** 31 - 65_536;
const ANY_ROOM = Number.MAX_SAFE_INTEGER;
/** A column gets a dictionary when the first batch has so many rows, and each of its values so often on average. */
const LEAST_ROWS = 64;
const LEAST_REPEATS = 4;
const PAGE_BYTES = 65_536;
const MOST_PAGES = 65_536;

export class ArrowRows {
  readonly #memory: WebAssembly.Memory;
  readonly #wasm: ColumnExports;
  readonly #counted: CountedRows;
  readonly #plan: ArrowPlan;
  readonly #place: WritePlace;
  readonly #traits: ArrowTraits;
  #writer: RecordBatchWriter | undefined;
  #layout: BatchLayout | undefined;
  #batchAt = 0;
  #batchBytes = 0;
  /** What is not handed out yet of a row that has no room by itself. */
  #rest: Uint8Array | undefined;

  /** @param sourceAt where the name of the source lies, for as long as the encoder is used */
  constructor(memory: WebAssembly.Memory, plan: ArrowPlan, sourceAt: number) {
    this.#memory = memory;
    this.#wasm = instantiateColumns(memory);
    this.#counted = new CountedRows(this.#wasm);
    this.#plan = plan;
    this.#place = { wasm: this.#wasm, memory, sourceAt, sourceBytes: plan.sourceBytes };
    this.#traits = new ArrowTraits(plan.traits);
  }

  /** Whether rows of the batch are left. */
  get isOpen(): boolean {
    return this.#layout !== undefined || this.isInRow;
  }

  /** Whether the output stopped in the middle of a record batch, which is of one row. */
  get isInRow(): boolean {
    return this.#rest !== undefined;
  }

  /**
   * Begins a batch, which lies at a multiple of 8 and stays there until all its rows are written.
   * @param selectionAt a bit for each entry, the lowest of a byte first: 1 for those that are written. 0: all are
   * @param end entries from here on are not looked at. Default: all are
   * @throws BatchError `ERR_BATCH_FORMAT`; HostError `ERR_INVALID_OPTION` for times that have no place
   */
  open(at: number, byteLength: number, selectionAt = 0, end?: number): void {
    this.close();
    const layout = readBatchLayout(new Uint8Array(this.#memory.buffer, at, byteLength));
    this.#requirePlaceForTimes(layout);
    const { kinds, consumed, stringCounts, stringsPerEntry, times, textEnds, strings, text, textBytes } = layout;
    const inOrder = this.#wasm.open(
      at + kinds,
      at + consumed,
      stringsPerEntry === VARYING_STRINGS ? at + stringCounts : 0,
      stringsPerEntry,
      times === undefined ? 0 : at + times,
      at + textEnds,
      strings,
      at + text,
      textBytes,
      end ?? layout.entries,
      at + layout.attachments,
      layout.attachmentCount,
      layout.offset,
      selectionAt,
      this.#plan.needsText,
      this.#plan.columns.some(({ kind }) => kind === 'attachments'),
    );
    if (inOrder === 0) throw formatError('a string ends before it begins');
    this.#layout = layout;
    this.#batchAt = at;
    this.#batchBytes = byteLength;
    this.#counted.begin();
  }

  /**
   * Writes one record batch from `out`, a multiple of 8, up to `end`. Only one of a single row, which does not fit by itself, is written in parts
   * (`isInRow`).
   * @returns the bytes written
   * @throws BatchError `ERR_BATCH_FORMAT` when the tables contradict each other; HostError `ERR_INVALID_OPTION` for a row of more than 2 GiB;
   * EnvironmentError when there is not enough memory
   */
  fill(out: number, end: number): number {
    if (this.#rest !== undefined) return this.#handOut(this.#rest, out, end);
    // Skipped input says nothing of items.
    if (this.#layout?.items === 0) return this.#leaveOut();
    const writer = this.#writer ?? this.#decide(out, end);
    const room = Math.max(0, Math.min(end - out - writer.batchBytes, MOST_BYTES));
    this.#choose(this.#plan.batchRows, this.#share(writer, room), writer);
    if (u32(this.#wasm.chosen) === 0 && !this.#isAtEnd) return this.#handOut(this.#largeRow(writer), out, end);
    const written = u32(this.#wasm.chosen) === 0 ? 0 : writer.write(this.#place, out, end);
    this.#advance();
    return written;
  }

  /** What the rows account for that were finished since this was last asked. */
  takeCounts(): RowCounts {
    if (this.isInRow) return NO_ROWS;
    return this.#counted.take();
  }

  /** Forgets the batch. */
  close(): void {
    this.#layout = undefined;
    this.#rest = undefined;
  }

  /** Goes over a batch without items. */
  #leaveOut(): number {
    this.#choose(0, 0, { rowBytes: 0, copies: 1 });
    if (!this.#isAtEnd) throw formatError('its tables and totals disagree');
    this.#advance();
    return 0;
  }

  /** Whether no row is behind those that are chosen. */
  get #isAtEnd(): boolean {
    return u32(this.#wasm.rowEnd) === u32(this.#wasm.entries);
  }

  #choose(most: number, room: number, { rowBytes, copies }: { rowBytes: number; copies: number }): void {
    const rows = Math.min(most, 0xffff_ffff);
    if (this.#wasm.choose(rows, room, rowBytes, copies) === 0)
      throw formatError('a row or a string lies outside of the tables');
  }

  /** Rows that need several record batches are spread over them evenly. */
  #share({ rowBytes, copies }: RecordBatchWriter, room: number): number {
    const { entries, textEnds, textBytes, attachments, text } = this.#layout as BatchLayout;
    const first = u32(this.#wasm.first);
    const view = new DataView(this.#memory.buffer, this.#batchAt);
    const textLeft = textBytes - (first === 0 ? 0 : view.getUint32(textEnds + (first - 1) * 4, true));
    const rows = entries - u32(this.#wasm.row);
    const left = rows * rowBytes + copies * (textLeft + rows) + (text - attachments);
    return left <= room || room === 0 ? room : Math.min(room, Math.ceil(left / Math.ceil(left / room)) + rowBytes);
  }

  /** Goes on behind the rows that were written. */
  #advance(): void {
    const ended = this.#isAtEnd;
    this.#wasm.advance();
    if (ended) this.#finish();
  }

  #finish(): void {
    const layout = this.#layout as BatchLayout;
    this.#layout = undefined;
    if (u32(this.#wasm.entries) < layout.entries) return;
    this.#counted.requireAll(layout);
  }

  /** The rest of a record batch of one row. */
  #handOut(bytes: Uint8Array, out: number, end: number): number {
    const part = bytes.subarray(0, end - out);
    new Uint8Array(this.#memory.buffer, out, part.length).set(part);
    this.#rest = part.length < bytes.length ? bytes.subarray(part.length) : undefined;
    return part.length;
  }

  /** The record batch of the next row, made in a memory with room for it. */
  #largeRow(writer: RecordBatchWriter): Uint8Array {
    this.#wasm.advance();
    const needed = writer.batchBytes + writer.rowBytes + this.#wasm.nextRowBytes(writer.copies);
    if (needed > MOST_BYTES) throw tooLarge(u32(this.#wasm.row), needed);
    const sourceBytes = this.#plan.sourceBytes;
    const sourceAt = 64;
    const batchAt = aligned(sourceAt + sourceBytes + ENCODER_SLACK);
    const out = aligned(batchAt + this.#batchBytes + ENCODER_SLACK);
    const end = aligned(out + needed);
    const initial = Math.ceil((end + ENCODER_SLACK) / PAGE_BYTES);
    const descriptor = { initial, maximum: MOST_PAGES, shared: true };
    const memory = createWasmMemory(descriptor, 'an item that is encoded') as WebAssembly.Memory;
    const bytes = new Uint8Array(memory.buffer);
    bytes.set(new Uint8Array(this.#memory.buffer, this.#place.sourceAt, sourceBytes), sourceAt);
    bytes.set(new Uint8Array(this.#memory.buffer, this.#batchAt, this.#batchBytes), batchAt);
    const one = new ArrowRows(memory, this.#plan, sourceAt);
    one.open(batchAt, this.#batchBytes);
    const { row, first, attachment, attachmentsLeft, offset } = this.#wasm;
    const attachmentAt = u32(attachment) - this.#batchAt + batchAt;
    const start = Number(BigInt.asUintN(64, offset.value as bigint));
    one.#wasm.goTo(u32(row), u32(first), attachmentAt, u32(attachmentsLeft), start);
    one.#choose(1, ANY_ROOM, writer);
    const written = writer.write(one.#place, out, end);
    this.#choose(1, ANY_ROOM, writer);
    this.#advance();
    return bytes.slice(out, out + written);
  }

  /** What the first batch says of the data. */
  #decide(out: number, end: number): RecordBatchWriter {
    const traits = this.#traits.decided ?? this.#traits.decide(this.#proposed(out, end));
    this.#writer = new RecordBatchWriter(schemaColumns(this.#plan.columns, traits), this.#plan.sourceBytes);
    return this.#writer;
  }

  #proposed(out: number, end: number): bigint {
    let traits = 0n;
    for (const [index, { kind, trait, string }] of this.#plan.columns.entries()) {
      if (trait !== 'undecided') continue;
      const holds = kind === 'time' ? this.#layout?.times !== undefined : this.#repeats(string, out, end);
      if (holds) traits |= traitBit(index);
    }
    return traits;
  }

  /** Whether the column has few values in the rows that there is room to look at. */
  #repeats(string: number, out: number, end: number): boolean {
    const most = Math.floor((end - out - ENCODER_SLACK) / (VALUE_TABLE_BYTES + 4));
    this.#choose(Math.max(0, most), ANY_ROOM, { rowBytes: 0, copies: 1 });
    const rows = u32(this.#wasm.chosen);
    if (rows < LEAST_ROWS) return false;
    const valuesAt = aligned(out + rows * 4);
    const tableAt = aligned(valuesAt + rows * 4);
    const values = this.#wasm.findValues(string, out, valuesAt, tableAt, tableSlots(rows), 0) >>> 0;
    return values > 0 && values * LEAST_REPEATS <= rows;
  }

  #requirePlaceForTimes({ times, offset }: BatchLayout): void {
    const traits = this.#traits.decided;
    if (times === undefined || traits === undefined) return;
    const index = this.#plan.columns.findIndex(({ kind, trait }) => kind === 'time' && trait === 'undecided');
    if (index === -1 || (traits & traitBit(index)) !== 0n) return;
    throw new HostError(
      'ERR_INVALID_OPTION',
      `The batch at byte ${offset} has times, and the columns of the Arrow output, which its first batch decided, have none.`,
      { help: 'Name `time` among the fields.' },
    );
  }
}

function tooLarge(row: number, bytes: number): HostError {
  return new HostError(
    'ERR_INVALID_OPTION',
    `Entry ${row} of a batch becomes ${bytes} bytes; Arrow output has room for ${MOST_BYTES} bytes in one item.`,
    { help: 'Leave out what is so large with `fields` or `columns`, or choose another format.' },
  );
}
