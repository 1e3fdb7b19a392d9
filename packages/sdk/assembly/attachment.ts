/** A file that was carried inside the log. */
import { reserve } from './arena';
import { storeOptionalText, storeText } from './text';

export class Attachment {
  /** When the file was made and changed, as text; null if not known. */
  createdDate: string | null = null;
  modifiedDate: string | null = null;
  /** The indexes of the messages that carried it. */
  messages: u64[] = [];
  /** The address of the content, in the input or in memory from `Items.reserve`. */
  data: usize = 0;
  /** Bytes of the content. */
  dataLength: usize = 0;

  constructor(
    readonly name: string,
    /** Bytes, as the log states it; the content may be shorter. */
    readonly size: u64,
  ) {}

  /** Points at the content. */
  content(at: usize, length: usize): Attachment {
    this.data = at;
    this.dataLength = length;
    return this;
  }

  /** Writes the attachment at `target`. */
  store(target: usize): void {
    storeText(target, this.name);
    store<u64>(target, this.size, 8);
    storeOptionalText(target + 16, this.createdDate);
    storeOptionalText(target + 28, this.modifiedDate);
    const count = this.messages.length;
    const list = reserve((<usize>count) << 3, 8);
    for (let i = 0; i < count; i++) store<u64>(list + ((<usize>i) << 3), this.messages[i]);
    store<usize>(target, list, 40);
    store<i32>(target, count, 44);
    store<usize>(target, this.data, 48);
    store<usize>(target, this.dataLength, 52);
  }
}
