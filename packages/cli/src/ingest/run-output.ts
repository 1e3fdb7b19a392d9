/** Where the items of a run go: opened when the first session has started, so that a mistake does not cost the file that is there. */
import type { RingShape } from '@chipmunk-host/manager';
import { isBinary } from '../formats/format-names.js';
import { ItemOutput } from '../formats/item-output.js';
import { standardError } from '../output/standard-streams.js';
import { printWarning } from '../plugins/command-output.js';
import type { IngestArguments } from './ingest-arguments.js';
import { itemsOnStdout } from './ingest-places.js';

/** Bytes of a file in which the usual batches would leave much room at the end. */
const SHORT_FILE = 16 * 1024 * 1024;
const BATCHES_IN_FILE = 8;
const SLOT_UNIT = 64 * 1024;

export class RunOutput {
  readonly #args: IngestArguments;
  readonly #signal: AbortSignal;
  readonly #whenClosed: () => void;
  #items: ItemOutput | undefined;

  /** @param whenClosed called when the reader of the items turns out to have gone away */
  constructor(args: IngestArguments, signal: AbortSignal, whenClosed: () => void) {
    this.#args = args;
    this.#signal = signal;
    this.#whenClosed = whenClosed;
  }

  /** Undefined before it is opened, and where no items are written. */
  get items(): ItemOutput | undefined {
    return this.#items;
  }

  /** For sessions: shorter batches where files are short. Undefined: the usual ones. */
  get ring(): RingShape | undefined {
    const { rotation, parallel } = this.#args;
    if (rotation === undefined || rotation.bytes >= SHORT_FILE || parallel !== undefined) return undefined;
    const slotBytes = Math.max(1, Math.floor(rotation.bytes / BATCHES_IN_FILE / SLOT_UNIT)) * SLOT_UNIT;
    return { slots: 4, slotBytes };
  }

  /** @throws CommandError when it cannot be made or written; the signal's reason */
  async open(): Promise<ItemOutput | undefined> {
    const { format, output, follow, quiet, raw, rotation, header } = this.#args;
    if (format === 'none') return undefined;
    this.#items ??=
      output === undefined || itemsOnStdout(this.#args)
        ? ItemOutput.stdout(this.#whenClosed)
        : await ItemOutput.file(
            output,
            {
              endless: follow,
              signal: this.#signal,
              warn: quiet ? () => {} : printWarning,
              showControls: !raw && !isBinary(format),
              rotation,
              headed: format === 'csv' && header,
            },
            this.#whenClosed,
          );
    return this.#items;
  }

  /** Puts files in their places. @throws CommandError when not all could be written */
  async finish(): Promise<void> {
    await this.#items?.finish(this.#signal);
  }

  /** The run has failed: says where what was written is. */
  async abandon(): Promise<void> {
    const left = await this.#items?.abandon();
    if (left !== undefined) standardError.print(`${left}\n`);
  }
}
