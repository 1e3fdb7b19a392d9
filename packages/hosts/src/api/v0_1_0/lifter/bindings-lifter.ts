/** Turns the items that jco's bindings made of one `parse` result into the same batches that the lifter makes. */
import { EntryCode } from '@chipmunk-host/batch/internal';
import { type Frame, FrameBuilder } from '../../../worker/output/frame-builder.js';
import type { FrameSource } from '../../../worker/output/frame-source.js';
import type { BindingsAttachment, BindingsMessage, BindingsParseReturn } from '../common/bindings.js';
import { requireTexts } from '../common/bindings-bounds.js';
import { columnsOf, type MessageCode, WITH_ATTACHMENT } from './joined-columns.js';
import { tooMuchConsumed } from './record-reader.js';

const NO_TIMES: BigInt64Array = new BigInt64Array(0);

export class BindingsLifter {
  readonly #items: readonly BindingsParseReturn[];
  readonly #given: number;
  readonly #mostColumns: number;
  readonly #hasOversized: boolean;
  readonly #times: BigInt64Array;
  readonly #builder = new FrameBuilder();
  #next = 0;
  #consumed = 0;

  /**
   * @param given how many bytes of input `parse` was given
   * @param mostColumns into how many columns lines that hold separators are split at most; 0: into none
   * @param hasOversized whether a text in the items was too large. Default false.
   * @param times of the items, one for each; empty, the default, when they have none
   */
  constructor(
    items: readonly BindingsParseReturn[],
    given: number,
    mostColumns = 0,
    hasOversized = false,
    times: BigInt64Array = NO_TIMES,
  ) {
    this.#items = items;
    this.#given = given;
    this.#mostColumns = mostColumns;
    this.#hasOversized = hasOversized;
    this.#times = times;
  }

  /** Bytes of input that the batches handed out so far account for. */
  get consumed(): number {
    return this.#consumed;
  }

  /** The next batch, of about `mostBytes`; undefined when all items were handed out. */
  next(mostBytes: number, offset: number, source?: FrameSource): ({ readonly kind: 'segments' } & Frame) | undefined {
    while (this.#next < this.#items.length && (this.#builder.isEmpty || this.#builder.byteLength < mostBytes)) {
      if (!this.#tryItem(this.#builder)) break;
    }
    return this.#builder.isEmpty ? undefined : { kind: 'segments', ...this.#builder.finish(offset, source) };
  }

  /** Adds all items to a builder that other calls' results go into as well. */
  readInto(builder: FrameBuilder): void {
    while (this.#next < this.#items.length) this.#addItem(builder);
  }

  /** False when the item is at fault, but others before it are still to be handed out. */
  #tryItem(builder: FrameBuilder): boolean {
    try {
      this.#addItem(builder);
      return true;
    } catch (error) {
      if (builder.isEmpty) throw error;
      return false;
    }
  }

  #addItem(builder: FrameBuilder): void {
    const item = this.#items[this.#next] as BindingsParseReturn;
    if (item.consumed > BigInt(this.#given - this.#consumed)) throw tooMuchConsumed(this.#next, item.consumed);
    if (this.#hasOversized) requireTexts('parse', item, `item ${this.#next}`);
    const consumed = Number(item.consumed);
    const time = this.#times[this.#next];
    const { value } = item;
    if (value === undefined) {
      builder.addSkipped(consumed);
    } else if (value.tag === 'message') {
      builder.endEntry(addMessage(builder, value.val, this.#mostColumns), consumed, time);
    } else if (value.tag === 'attachment') {
      addAttachment(builder, value.val);
      builder.endEntry(EntryCode.attachment, consumed, time);
    } else {
      const [message, attachment] = value.val;
      const code = addMessage(builder, message, this.#mostColumns);
      addAttachment(builder, attachment);
      builder.endEntry(WITH_ATTACHMENT[code], consumed, time);
    }
    this.#next++;
    this.#consumed += consumed;
  }
}

function addMessage(builder: FrameBuilder, message: BindingsMessage, mostColumns: number): MessageCode {
  const columns = message.tag === 'line' ? columnsOf(message.val, mostColumns) : message.val;
  for (const column of columns) builder.addString(column);
  if (message.tag !== 'line') return EntryCode.columns;
  return columns.length === 1 ? EntryCode.line : EntryCode.joinedColumns;
}

function addAttachment(builder: FrameBuilder, attachment: BindingsAttachment): void {
  const { name, size, createdDate, modifiedDate, messages, data } = attachment;
  builder.addAttachment({
    name: Buffer.from(name),
    size,
    created: createdDate === undefined ? undefined : Buffer.from(createdDate),
    modified: modifiedDate === undefined ? undefined : Buffer.from(modifiedDate),
    messages: new Uint8Array(messages.buffer, messages.byteOffset, messages.byteLength),
    data,
  });
}
