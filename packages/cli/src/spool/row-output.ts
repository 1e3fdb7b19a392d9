/** Writes the batches of a spool in a format: rows of several inputs to one output. */
import { ArrowOutput, type Batch, BatchEncoder, type RenderOptions } from '@chipmunk-host/manager';
import { type FormatName, isArrow, isBinary } from '../formats/format-names.js';
import { encodingOptions, type FormatArguments } from '../formats/item-formats.js';
import { ItemOutput } from '../formats/item-output.js';
import { isStandardOutput } from '../ingest/input-names.js';
import { AttachmentFiles } from '../output/attachment-files.js';
import { printWarning } from '../plugins/command-output.js';

export interface RowOutputArguments extends FormatArguments {
  readonly output: string | undefined;
  readonly withFilename: boolean | undefined;
  readonly follow: boolean;
  readonly quiet: boolean;
  readonly raw: boolean;
}

/** With several inputs, each item says which one it is from. */
const NAMED_FORMATS: readonly FormatName[] = ['ndjson', 'csv', 'arrow', 'arrow-file'];

export class RowOutput {
  readonly #args: RowOutputArguments;
  readonly #renderOptions: RenderOptions;
  readonly #isNamed: boolean;
  readonly #signal: AbortSignal;
  readonly #items: ItemOutput | undefined;
  readonly #attachments: AttachmentFiles | undefined;
  readonly #arrow: ArrowOutput | undefined;
  /** One for each name of an input. */
  readonly #encoders = new Map<string | undefined, BatchEncoder>();
  #row = 0;
  #hasIndex = false;

  private constructor(
    args: RowOutputArguments,
    renderOptions: RenderOptions,
    isNamed: boolean,
    signal: AbortSignal,
    items: ItemOutput | undefined,
    attachments: AttachmentFiles | undefined,
  ) {
    this.#args = args;
    this.#renderOptions = renderOptions;
    this.#isNamed = isNamed;
    this.#signal = signal;
    this.#items = items;
    this.#attachments = attachments;
    this.#arrow = isArrow(args.format) ? new ArrowOutput(args.format) : undefined;
  }

  /**
   * @param hasInputs whether the rows are of several inputs
   * @param whenClosed called when the reader of the items turns out to have gone away
   * @throws HostError `ERR_INVALID_OPTION`, of what the rows do not have; CommandError when it cannot be made
   */
  static async open(
    args: RowOutputArguments,
    renderOptions: RenderOptions,
    hasInputs: boolean,
    signal: AbortSignal,
    whenClosed: () => void,
  ): Promise<RowOutput> {
    const { format, withFilename, attachmentsDirectory } = args;
    const isNamed = withFilename ?? (hasInputs && NAMED_FORMATS.includes(format));
    // What is wrong with the options does not cost the file that is there.
    if (format !== 'msgpack' && format !== 'none' && format !== 'raw')
      new BatchEncoder({ format, ...encodingOptions(format, args, sourceOf(undefined), FIRST) }, renderOptions);
    const attachments =
      attachmentsDirectory === undefined ? undefined : await AttachmentFiles.open(attachmentsDirectory);
    const items = format === 'none' ? undefined : await itemOutput(args, signal, whenClosed);
    const output = new RowOutput(args, renderOptions, isNamed, signal, items, attachments);
    if (!isNamed && format !== 'none') await output.#begin();
    return output;
  }

  /** Whether its reader has gone away. */
  get closed(): boolean {
    return this.#items?.closed === true;
  }

  async add(batch: Batch): Promise<void> {
    await this.#keepAttachments(batch);
    const { format } = this.#args;
    if (format === 'none' || format === 'raw') return;
    if (format === 'msgpack') return this.write(batch.bytes);
    const name = this.#isNamed ? (batch.sourceName ?? '') : undefined;
    for (const chunk of (await this.#encoder(name)).encode(batch)) await this.write(chunk);
  }

  /** What is no batch, which only msgpack has. */
  async record({ bytes }: { readonly bytes: Uint8Array }): Promise<void> {
    if (this.#args.format === 'msgpack') await this.write(bytes);
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (chunk.length > 0) await this.#items?.write(chunk, this.#signal);
  }

  async flush(): Promise<void> {
    await this.#items?.flush(this.#signal);
  }

  /** Puts files in their places. @throws CommandError when not all could be written */
  async finish(): Promise<void> {
    await this.#attachments?.finish();
    this.#hasIndex = true;
    if (this.#arrow !== undefined) {
      if (this.#encoders.size === 0) await this.#encoder(this.#isNamed ? '' : undefined);
      await this.write(this.#arrow.end());
    }
    await this.#items?.finish(this.#signal);
  }

  /** @returns where the items are, as a sentence */
  async abandon(): Promise<string | undefined> {
    const attachments = this.#hasIndex ? undefined : await this.#attachments?.abandon();
    const sentences = [await this.#items?.abandon(), attachments].filter((sentence) => sentence !== undefined);
    return sentences.length === 0 ? undefined : sentences.join('\n');
  }

  async #begin(): Promise<void> {
    if (this.#args.format !== 'msgpack' && this.#args.format !== 'raw') await this.#encoder(undefined);
  }

  async #encoder(name: string | undefined): Promise<BatchEncoder> {
    const there = this.#encoders.get(name);
    if (there !== undefined) return there;
    const format = this.#args.format as Exclude<FormatName, 'msgpack' | 'none'>;
    const output = { isFirst: this.#encoders.size === 0, arrow: this.#arrow };
    const options = encodingOptions(format, this.#args, sourceOf(name), output);
    const made = new BatchEncoder({ format, ...options }, this.#renderOptions);
    this.#encoders.set(name, made);
    await this.write(made.header);
    return made;
  }

  async #keepAttachments(batch: Batch): Promise<void> {
    if (this.#attachments === undefined) return;
    for (const { attachment, offset } of batch) {
      const source = batch.sourceName ?? '';
      if (attachment !== undefined) await this.#attachments.add(attachment, { source, row: this.#row, offset });
      this.#row++;
    }
  }
}

const FIRST = { isFirst: true, arrow: undefined };

function sourceOf(name: string | undefined) {
  return { number: 0, name };
}

async function itemOutput(
  { output, follow, quiet, raw, format }: RowOutputArguments,
  signal: AbortSignal,
  whenClosed: () => void,
): Promise<ItemOutput> {
  if (output === undefined || isStandardOutput(output)) return ItemOutput.stdout(whenClosed);
  const warn = quiet ? () => {} : printWarning;
  const showControls = !raw && !isBinary(format);
  return ItemOutput.file(
    output,
    { endless: follow, signal, warn, showControls, rotation: undefined, headed: false },
    whenClosed,
  );
}
