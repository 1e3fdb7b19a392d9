/** One item of a batch: what a parser plugin made of one stretch of input. */

import type { Attachment, AttachmentJson } from './attachment.js';
import { EntryKind } from './batch-format.js';
import { INSPECT, type Inspect, inspected } from './inspect-symbol.js';
import { timeText } from './time-text.js';

/** What an item is: a line, columns, an attachment, or one of the first two with an attachment. */
export type ItemKind = Exclude<EntryKind, typeof EntryKind.skipped | typeof EntryKind.filtered>;

/** What an item asks its batch for. */
export interface ItemSource {
  text(entry: number): string;
  columnsOf(entry: number): readonly string[];
  wasJoined(entry: number): boolean;
  encodedColumnsOf(entry: number): readonly Uint8Array[];
  attachmentOf(entry: number): Attachment | undefined;
}

/** An item as JSON can keep it, and as `--format ndjson` writes it: a line has `text`, other items that have text `columns`. */
export interface ItemJson {
  readonly offset: number;
  readonly length: number;
  readonly text?: string;
  readonly columns?: readonly string[];
  /** ISO 8601 in UTC with nine digits of nanoseconds (`timeText`); missing where the item has no time. */
  readonly time?: string;
  readonly attachment?: AttachmentJson;
}

/**
 * Text and attachment are decoded when they are first asked for, which must be before the batch is released; from then on they
 * are the item's own. A string keeps some 32 KiB of its neighbours in memory as long as it is held.
 */
export class Item {
  readonly kind: ItemKind;
  /** Row of the batch; skipped stretches of input have rows, too. */
  readonly entry: number;
  /** Position in the input of the first byte that it was made of. */
  readonly offset: number;
  /** Bytes of the input that it was made of. */
  readonly length: number;
  /** When what it tells of happened: nanoseconds since 1970-01-01 UTC. Undefined where that is not known. */
  readonly time: bigint | undefined;
  readonly #source: ItemSource;
  #text: string | undefined;
  #columns: readonly string[] | undefined;
  #attachment: Attachment | undefined;

  constructor(
    source: ItemSource,
    entry: number,
    kind: ItemKind,
    offset: number,
    length: number,
    time: bigint | undefined,
  ) {
    this.#source = source;
    this.entry = entry;
    this.kind = kind;
    this.offset = offset;
    this.length = length;
    this.time = time;
  }

  /** The line, or the columns joined by U+0004; empty for an attachment alone. */
  get text(): string {
    this.#text ??= this.#source.text(this.entry);
    return this.#text;
  }

  /** A line is one column; an attachment alone has none. */
  get columns(): readonly string[] {
    this.#columns ??= this.#source.columnsOf(this.entry);
    return this.#columns;
  }

  /** The columns as UTF-8, without decoding them: views of the batch, which are valid as long as it is. */
  get encodedColumns(): readonly Uint8Array[] {
    return this.#source.encodedColumnsOf(this.entry);
  }

  /** Whether the plugin delivered the columns joined into one line, with U+0004 between them, which the host split. */
  get wasJoined(): boolean {
    return this.#source.wasJoined(this.entry);
  }

  /** The file that the item carries, decoded when it is first asked for; undefined when it has none. */
  get attachment(): Attachment | undefined {
    if (this.kind < EntryKind.attachment) return undefined;
    this.#attachment ??= this.#source.attachmentOf(this.entry);
    return this.#attachment;
  }

  /** What `JSON.stringify` makes of it. @throws BatchError `ERR_BATCH_RELEASED` when that is not there any more */
  toJSON(): ItemJson {
    const { offset, length, time, attachment } = this;
    return {
      offset,
      length,
      ...(time === undefined ? {} : { time: timeText(time) }),
      ...this.#content(),
      ...(attachment === undefined ? {} : { attachment: attachment.toJSON() }),
    };
  }

  /** @internal What `console.log` shows. */
  [INSPECT](depth: number, options: object, inspect: Inspect): string {
    const { offset, length, time } = this;
    const timed = time === undefined ? {} : { time };
    return inspected('Item', { offset, length, ...timed, ...this.#shown() }, depth, options, inspect);
  }

  #content(): Pick<ItemJson, 'text' | 'columns'> {
    if (this.kind === EntryKind.attachment) return {};
    const isLine = this.kind === EntryKind.line || this.kind === EntryKind.lineAndAttachment;
    return isLine ? { text: this.text } : { columns: this.columns };
  }

  /** Looking at an item never fails: one whose batch was released says so. */
  #shown(): object {
    try {
      const { attachment } = this;
      return { ...this.#content(), ...(attachment === undefined ? {} : { attachment }) };
    } catch (error) {
      return { unreadable: (error as { code?: unknown }).code ?? error };
    }
  }
}
