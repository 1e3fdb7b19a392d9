/** Encodes batches in the thread that has them. */
import type { Batch } from '@chipmunk-host/batch';
import { HostError } from '@chipmunk-host/runtime/internal/shared';
import type { RenderOptions } from '../plugin-info.js';
import type { EncodingOptions } from './encoding-options.js';
import { captionsOf, encodingPlan } from './encoding-plan.js';
import { OwnMemoryEncoder } from './own-memory-encoder.js';

/** Bytes of output that are made at once. */
const OUTPUT_BYTES = 1024 * 1024;

export interface BatchEncoderOptions extends EncodingOptions {
  /** Bytes of output in a piece, at most. Default 1 MiB; at least 4,096. */
  readonly pieceBytes?: number | undefined;
}

/** Writes batches in one of the formats of text, always the same bytes for the same items. */
export class BatchEncoder {
  /** What the output begins with: the captions of `csv`; empty for other formats. */
  readonly header: Uint8Array;
  readonly #encoder: OwnMemoryEncoder;

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
    const { program, header } = encodingPlan(options, captionsOf(renderOptions));
    this.header = header;
    this.#encoder = new OwnMemoryEncoder(program, pieceBytes);
  }

  /**
   * The items of a batch, in pieces that are copies. The batch must stay valid until all are taken, and another one is begun only then.
   * @param selection a bit for each entry, the lowest of a byte first: 1 for those that are written. Default: all are
   * @throws BatchError `ERR_BATCH_FORMAT`
   */
  *encode(batch: Batch, selection?: Uint8Array): Generator<Uint8Array, void, undefined> {
    for (const { bytes } of this.#encoder.encode(batch.bytes, selection)) if (bytes.length > 0) yield bytes;
  }
}
