/** Encodes batches wherever they lie: they are copied into a memory of the encoder's own. */
import { createWasmMemory } from '@chipmunk-host/runtime/internal/shared';
import type { RowCounts } from './row-counts.js';
import { ENCODER_SLACK } from './row-encoder.js';

const PAGE_BYTES = 65_536;
const MOST_PAGES = 65_536;
/** Memory for batches that is kept for the next one. */
const KEPT_BYTES = 8 * 1024 * 1024;
/** Nothing lies at address 0. */
const PROGRAM_AT = 64;

/** What writes the rows. */
export interface Rows {
  readonly isOpen: boolean;
  open(at: number, byteLength: number, selectionAt?: number, end?: number): void;
  fill(out: number, end: number): number;
  takeCounts(): RowCounts;
}

/** A memory with the program, room for output, and room for a batch. */
interface Workplace {
  readonly memory: WebAssembly.Memory;
  readonly rows: Rows;
  readonly outputAt: number;
  readonly batchAt: number;
  readonly batchBytes: number;
}

export interface EncodedPiece {
  /** A copy. */
  readonly bytes: Uint8Array;
  /** Of the rows that end in it, and of what lies between and behind them. */
  readonly counts: RowCounts;
}

export class OwnMemoryEncoder {
  readonly #program: Uint8Array;
  readonly #pieceBytes: number;
  readonly #rowsOver: (memory: WebAssembly.Memory, programAt: number) => Rows;
  #place: Workplace | undefined;

  /**
   * @param pieceBytes of output, at most
   * @param rowsOver makes what writes the rows of batches in the memory, which has the program
   */
  constructor(
    program: Uint8Array,
    pieceBytes: number,
    rowsOver: (memory: WebAssembly.Memory, programAt: number) => Rows,
  ) {
    this.#program = program;
    this.#pieceBytes = pieceBytes;
    this.#rowsOver = rowsOver;
  }

  /**
   * @param selection a bit for each entry, the lowest of a byte first: 1 for those that are written. Default: all are
   * @param end entries from here on are not looked at. Default: all are
   * @throws BatchError `ERR_BATCH_FORMAT`; EnvironmentError when there is not enough memory
   */
  *encode(bytes: Uint8Array, selection?: Uint8Array, end?: number): Generator<EncodedPiece, void, undefined> {
    const selectionAt = aligned(bytes.length + ENCODER_SLACK);
    const { memory, rows, outputAt, batchAt } = this.#placeFor(selectionAt + (selection?.length ?? 0));
    const all = new Uint8Array(memory.buffer);
    all.set(bytes, batchAt);
    if (selection !== undefined) all.set(selection, batchAt + selectionAt);
    rows.open(batchAt, bytes.length, selection === undefined ? 0 : batchAt + selectionAt, end);
    while (rows.isOpen) {
      const written = rows.fill(outputAt, outputAt + this.#pieceBytes);
      yield { bytes: all.slice(outputAt, outputAt + written), counts: rows.takeCounts() };
    }
    if ((this.#place?.batchBytes ?? 0) > KEPT_BYTES) this.#place = undefined;
  }

  #placeFor(batchBytes: number): Workplace {
    if (this.#place !== undefined && this.#place.batchBytes >= batchBytes) return this.#place;
    const outputAt = aligned(PROGRAM_AT + this.#program.length);
    const batchAt = aligned(outputAt + this.#pieceBytes + ENCODER_SLACK);
    const room = batchBytes > KEPT_BYTES ? batchBytes : Math.min(batchBytes * 2, KEPT_BYTES);
    const initial = Math.ceil((batchAt + room + ENCODER_SLACK) / PAGE_BYTES);
    const descriptor = { initial, maximum: MOST_PAGES, shared: true };
    const memory = createWasmMemory(descriptor, 'a batch that is encoded') as WebAssembly.Memory;
    new Uint8Array(memory.buffer).set(this.#program, PROGRAM_AT);
    const batchRoom = initial * PAGE_BYTES - batchAt - ENCODER_SLACK;
    const rows = this.#rowsOver(memory, PROGRAM_AT);
    this.#place = { memory, rows, outputAt, batchAt, batchBytes: batchRoom };
    return this.#place;
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
