/** The members of a line that no column shows, as one object of JSON. */
import { TextWriter } from '@chipmunk-host/sdk/assembly';

const SPAN_BYTES: usize = 8;
/** What is read and written beyond the end of a text at most. */
const SLACK: usize = 16;

export class Rest {
  /** Where the text of the last `write` ends. */
  end: usize = 0;
  private spans: StaticArray<usize> = new StaticArray<usize>(64);
  private count: i32 = 0;

  clear(): void {
    this.count = 0;
  }

  /** Adds the text from `start` up to `end`: a member, or several with commas between them. `before` is where the member before it ends, 0 for the first one. */
  // @ts-ignore: decorator
  @inline
  add(start: usize, end: usize, before: usize): void {
    const count = this.count;
    if ((count + 1) << 1 > this.spans.length) this.grow();
    const entry = changetype<usize>(this.spans) + <usize>count * SPAN_BYTES;
    if (count != 0 && load<usize>(entry - 4) == before) {
      store<usize>(entry - 4, end);
      return;
    }
    store<usize>(entry, start);
    store<usize>(entry, end, 4);
    this.count = count + 1;
  }

  /** Whether a member that begins at `start` is among them. */
  has(start: usize): bool {
    for (let i = 0; i < this.count; i++) {
      if (this.spans[i << 1] <= start && start < this.spans[(i << 1) + 1]) return true;
    }
    return false;
  }

  /**
   * Makes the object, which ends at `end`; returns where it begins, 0 where there is nothing. The members of the line lie from `first` up to
   * `last`, between braces.
   */
  write(writer: TextWriter, open: usize, first: usize, last: usize, close: usize): usize {
    const count = this.count;
    const spans = changetype<usize>(this.spans);
    if (count == 0) {
      this.end = 0;
      return 0;
    }
    if (count == 1 && load<usize>(spans) == first && load<usize>(spans, 4) == last) {
      this.end = close;
      return open;
    }
    let bytes: usize = 2 + <usize>count + SLACK;
    for (let i = 0; i < count; i++) bytes += load<usize>(spans + <usize>i * SPAN_BYTES, 4) - load<usize>(spans + <usize>i * SPAN_BYTES);
    let target = writer.begin(bytes);
    const start = target;
    store<u8>(target++, 123);
    for (let i = 0; i < count; i++) {
      if (i != 0) store<u8>(target++, 44);
      const from = load<usize>(spans + <usize>i * SPAN_BYTES);
      const length = load<usize>(spans + <usize>i * SPAN_BYTES, 4) - from;
      copy(target, from, length);
      target += length;
    }
    store<u8>(target++, 125);
    writer.end(target);
    this.end = target;
    return start;
  }

  private grow(): void {
    const grown = new StaticArray<usize>(this.spans.length << 1);
    memory.copy(changetype<usize>(grown), changetype<usize>(this.spans), (<usize>this.count) * SPAN_BYTES);
    this.spans = grown;
  }
}

/** Copies text; up to 15 bytes behind it are read and written, too. */
// @ts-ignore: decorator
@inline
function copy(target: usize, source: usize, length: usize): void {
  for (let done: usize = 0; done < length; done += 16) v128.store(target + done, v128.load(source + done));
}
