/** Items that hold their own texts: the memory of their batch is used again. */
import { type Attachment, type Batch, COLUMN_SEPARATOR, Item, type ItemKind } from '@chipmunk-host/batch';

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** A copy of an item that does not need its batch. */
export function ownItem(batch: Batch, item: Item): Item {
  const { entry, kind, offset, length, time, attachment } = item;
  const columns = batch.encodedColumnsOf(entry).map((column) => new Uint8Array(column));
  return new Item(new OwnContent(columns, item.wasJoined, attachment), entry, kind as ItemKind, offset, length, time);
}

class OwnContent {
  readonly #columns: readonly Uint8Array[];
  readonly #wasJoined: boolean;
  readonly #attachment: Attachment | undefined;

  constructor(columns: readonly Uint8Array[], wasJoined: boolean, attachment: Attachment | undefined) {
    this.#columns = columns;
    this.#wasJoined = wasJoined;
    this.#attachment = attachment;
  }

  text(): string {
    return this.columnsOf().join(COLUMN_SEPARATOR);
  }

  columnsOf(): readonly string[] {
    return this.#columns.map((column) => utf8.decode(column));
  }

  wasJoined(): boolean {
    return this.#wasJoined;
  }

  encodedColumnsOf(): readonly Uint8Array[] {
    return this.#columns;
  }

  attachmentOf(): Attachment | undefined {
    return this.#attachment;
  }
}
