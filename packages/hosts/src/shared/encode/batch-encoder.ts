/** Encodes batches wherever they lie, in the thread that has them: they are copied into a memory of the encoder's own. */
import type { Batch } from '@chipmunk-host/batch';
import { createWasmMemory, HostError } from '@chipmunk-host/runtime/internal/shared';
import type { RenderOptions } from '../plugin-info.js';
import type { EncodingOptions } from './encoding-options.js';
import { encodingPlan } from './encoding-plan.js';
import { ENCODER_SLACK, RowEncoder } from './row-encoder.js';

const PAGE_BYTES = 65_536;
const MOST_PAGES = 65_536;
/** Bytes of output that are made at once. */
const OUTPUT_BYTES = 1024 * 1024;
/** Memory for batches that is kept for the next one. */
const KEPT_BYTES = 8 * 1024 * 1024;
/** Nothing lies at address 0. */
const PROGRAM_AT = 64;

/** A memory with the program, room for output, and room for a batch. */
interface Workplace {
  readonly memory: WebAssembly.Memory;
  readonly rows: RowEncoder;
  readonly outputAt: number;
  readonly batchAt: number;
  readonly batchBytes: number;
}

export interface BatchEncoderOptions extends EncodingOptions {
  /** Bytes of output in a piece, at most. Default 1 MiB; at least 4,096. */
  readonly pieceBytes?: number;
}

/** Writes batches in one of the formats of text, always the same bytes for the same items. */
export class BatchEncoder {
  /** What the output begins with: the captions of `csv`; empty for other formats. */
  readonly header: Uint8Array;
  readonly #program: Uint8Array;
  readonly #pieceBytes: number;
  #place: Workplace | undefined;

  /**
   * @param renderOptions of the parser, as in `session.info`: captions of columns. Default: the parser names no columns
   * @throws HostError `ERR_INVALID_OPTION`, also for `raw`, which is not in a batch: only a session can write it
   */
  constructor(options: BatchEncoderOptions, renderOptions?: RenderOptions) {
    const { pieceBytes = OUTPUT_BYTES } = options;
    if (options.format === 'raw')
      throw new HostError(
        'ERR_INVALID_OPTION',
        'The option format is raw; expected a format that batches can be written in.',
      );
    const { program, header } = encodingPlan(options, captionsOf(renderOptions));
    this.header = header;
    this.#program = program;
    this.#pieceBytes = pieceBytes;
  }

  /**
   * The items of a batch, in pieces that are copies. The batch must stay valid until all are taken, and another one is begun only then.
   * @param selection a bit for each entry, the lowest of a byte first: 1 for those that are written. Default: all are
   * @throws BatchError `ERR_BATCH_FORMAT`
   */
  *encode(batch: Batch, selection?: Uint8Array): Generator<Uint8Array, void, undefined> {
    const { bytes } = batch;
    const selectionAt = aligned(bytes.length + ENCODER_SLACK);
    const { memory, rows, outputAt, batchAt } = this.#placeFor(selectionAt + (selection?.length ?? 0));
    const all = new Uint8Array(memory.buffer);
    all.set(bytes, batchAt);
    if (selection !== undefined) all.set(selection, batchAt + selectionAt);
    rows.open(batchAt, bytes.length, selection === undefined ? 0 : batchAt + selectionAt);
    while (rows.isOpen) {
      const written = rows.fill(outputAt, outputAt + this.#pieceBytes);
      if (written > 0) yield all.slice(outputAt, outputAt + written);
    }
    if ((this.#place?.batchBytes ?? 0) > KEPT_BYTES) this.#place = undefined;
  }

  #placeFor(batchBytes: number): Workplace {
    if (this.#place !== undefined && this.#place.batchBytes >= batchBytes) return this.#place;
    const outputAt = aligned(PROGRAM_AT + this.#program.length);
    const batchAt = aligned(outputAt + this.#pieceBytes + ENCODER_SLACK);
    const initial = Math.ceil((batchAt + batchBytes * (batchBytes > KEPT_BYTES ? 1 : 2) + ENCODER_SLACK) / PAGE_BYTES);
    const descriptor = { initial, maximum: MOST_PAGES, shared: true };
    const memory = createWasmMemory(descriptor, 'a batch that is encoded') as WebAssembly.Memory;
    new Uint8Array(memory.buffer).set(this.#program, PROGRAM_AT);
    const rows = new RowEncoder(memory, PROGRAM_AT);
    this.#place = { memory, rows, outputAt, batchAt, batchBytes: initial * PAGE_BYTES - batchAt - ENCODER_SLACK };
    return this.#place;
  }
}

export function captionsOf(renderOptions: RenderOptions | undefined): readonly string[] {
  return renderOptions?.columns?.columns.map(({ caption }) => caption) ?? [];
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
