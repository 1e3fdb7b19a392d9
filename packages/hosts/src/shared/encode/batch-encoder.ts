/** Encodes batches in the thread that has them. */
import type { Batch } from '@chipmunk-host/batch';
import { HostError } from '@chipmunk-host/runtime/internal/shared';
import type { RenderOptions } from '../plugin-info.js';
import { type ArrowOutput, arrowOutput, sinkOf } from './arrow/arrow-output.js';
import type { EncodingOptions } from './encoding-options.js';
import { captionsOf, encodingPlan } from './encoding-plan.js';
import { formatRows } from './format-rows.js';
import { OwnMemoryEncoder } from './own-memory-encoder.js';

/** Bytes of output that are made at once. */
const OUTPUT_BYTES = 1024 * 1024;

/** What a `BatchEncoder` writes, and in what pieces. */
export interface BatchEncoderOptions extends EncodingOptions {
  /** Bytes of output in a piece, at most. Default 1 MiB; at least 4,096. */
  readonly pieceBytes?: number | undefined;
}

/** Writes batches in one of the formats, always the same bytes for the same batches. */
export class BatchEncoder {
  /** What the output begins with: the captions of `csv`; empty for other formats. */
  readonly header: Uint8Array;
  readonly #encoder: OwnMemoryEncoder;
  /** Of Arrow. */
  readonly #output: ArrowOutput | undefined;

  /**
   * @param renderOptions of the parser, as in `session.info`: captions of columns. Default: the parser names no columns
   * @throws HostError `ERR_INVALID_OPTION`, also for `raw`, which is not in a batch: only a session can write it
   */
  constructor(options: BatchEncoderOptions, renderOptions?: RenderOptions) {
    const { pieceBytes = OUTPUT_BYTES } = options;
    if (options.format === 'raw')
      throw new HostError('ERR_INVALID_OPTION', 'The option format is raw, which batches do not have.', {
        help: "Call session.encoded('raw') as soon as the session is open.",
      });
    if (!(pieceBytes >= 4096))
      throw new HostError('ERR_INVALID_OPTION', `The option pieceBytes is ${pieceBytes}; expected 4096 or more.`);
    this.#output = arrowOutput(options);
    const frame = this.#output && { sink: sinkOf(this.#output), givesTimes: undefined };
    const plan = encodingPlan(options, captionsOf(renderOptions), frame);
    this.header = plan.header;
    this.#encoder = new OwnMemoryEncoder(plan.program, pieceBytes, (memory, at) => formatRows(plan, memory, at));
  }

  /**
   * The items of a batch, in pieces that are copies; of Arrow the first of all begins with the schema. The batch must stay valid until all are taken, and another one is begun only then.
   * @param selection a bit for each entry, the lowest of a byte first: 1 for those that are written. Default: all are
   * @throws BatchError `ERR_BATCH_FORMAT`; HostError `ERR_INVALID_OPTION` for a batch that Arrow output has no place for
   */
  *encode(batch: Batch, selection?: Uint8Array): Generator<Uint8Array, void, undefined> {
    const sink = this.#output && sinkOf(this.#output);
    for (const { bytes } of this.#encoder.encode(batch.bytes, selection)) {
      const before = sink?.before(bytes);
      if (before !== undefined && before.length > 0) yield before;
      if (bytes.length > 0) yield bytes;
    }
  }

  /** What the output ends with, behind all batches: see `ArrowOutput.end`. Empty for other formats, which have no end. */
  end(): Uint8Array {
    return this.#output?.end() ?? new Uint8Array(0);
  }
}
