/** Where the items of a run and their attachments go: opened when the first session has started, so that a mistake does not cost the file that is there. */
import { ArrowOutput, type Batch, type RingShape } from '@chipmunk-host/manager';
import { isArrow, isBinary } from '../formats/format-names.js';
import { ItemOutput } from '../formats/item-output.js';
import { AttachmentFiles } from '../output/attachment-files.js';
import { standardError } from '../output/standard-streams.js';
import { printWarning } from '../plugins/command-output.js';
import type { IngestArguments } from './ingest-arguments.js';
import { itemsOnStdout } from './ingest-places.js';
import type { AttachmentSums } from './run-account.js';

/** Bytes of a file in which the usual batches would leave much room at the end. */
const SHORT_FILE = 16 * 1024 * 1024;
const BATCHES_IN_FILE = 8;
const SLOT_UNIT = 64 * 1024;

export class RunOutput {
  /** What all sessions write Arrow to; undefined with other formats. */
  readonly arrow: ArrowOutput | undefined;
  readonly #args: IngestArguments;
  readonly #signal: AbortSignal;
  readonly #whenClosed: () => void;
  #items: ItemOutput | undefined;
  #attachments: AttachmentFiles | undefined;
  #hasIndex = false;

  /** @param whenClosed called when the reader of the items turns out to have gone away */
  constructor(args: IngestArguments, signal: AbortSignal, whenClosed: () => void) {
    this.arrow = isArrow(args.format) ? new ArrowOutput(args.format) : undefined;
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

  /**
   * @param keepBytes of an output file that is there, behind which items are written. Undefined: it is replaced
   * @throws CommandError when it cannot be made or written; the signal's reason
   */
  async open(keepBytes?: number): Promise<ItemOutput | undefined> {
    const { attachmentsDirectory, format, output, follow, quiet, raw, rotation, header } = this.#args;
    if (attachmentsDirectory !== undefined) this.#attachments ??= await AttachmentFiles.open(attachmentsDirectory);
    if (format === 'none') return undefined;
    this.#items ??=
      output === undefined || itemsOnStdout(this.#args)
        ? ItemOutput.stdout(this.#whenClosed)
        : await ItemOutput.file(
            output,
            {
              endless: follow,
              keepBytes,
              signal: this.#signal,
              warn: quiet ? () => {} : printWarning,
              showControls: !raw && !isBinary(format),
              rotation,
              headed: (format === 'csv' && header) || format === 'arrow',
            },
            this.#whenClosed,
          );
    return this.#items;
  }

  /** What takes the attachments of an input, batch by batch. Undefined: they are not to be files. */
  attachmentsOf(source: string): ((batch: Batch) => Promise<void>) | undefined {
    const files = this.#attachments;
    if (files === undefined) return undefined;
    let row = 0;
    return async (batch) => {
      for (const { attachment, offset } of batch) {
        if (attachment !== undefined) await files.add(attachment, { source, row, offset });
        row++;
      }
    };
  }

  /** Undefined: they are not files. */
  get attachments(): AttachmentSums | undefined {
    const { attachmentsDirectory: directory } = this.#args;
    if (directory === undefined) return undefined;
    const { files = 0, bytes = 0 } = this.#attachments ?? {};
    return { files, bytes, directory };
  }

  /** Puts files in their places. @throws CommandError when not all could be written */
  async finish(): Promise<void> {
    await this.#attachments?.finish();
    this.#hasIndex = true;
    const items = this.#items;
    if (items === undefined) return;
    // Of several files only the last one could have it. A stream may end without.
    const isHeaded = this.#args.rotation !== undefined && items.acceptedBytes > 0;
    if (this.arrow !== undefined && !isHeaded) await items.write(this.arrow.end(), this.#signal);
    await items.finish(this.#signal);
  }

  /** The run has failed: says where what was written is. */
  async abandon(): Promise<void> {
    const attachments = this.#hasIndex ? undefined : await this.#attachments?.abandon();
    for (const sentence of [await this.#items?.abandon(), attachments])
      if (sentence !== undefined) standardError.print(`${sentence}\n`);
  }
}
