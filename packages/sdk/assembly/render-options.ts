/** How a parser's items are to be shown: needed only when its messages are columns. */
import { reserve } from './arena';
import { storeText } from './text';

const COLUMN_BYTES: usize = 20;

/** The head of one column. */
export class Column {
  constructor(
    readonly caption: string,
    readonly description: string = '',
    /** Pixels; a negative width takes what is left. */
    readonly width: i16 = -1,
  ) {}
}

export class RenderOptions {
  constructor(
    readonly columns: Column[],
    /** Pixels that no column gets less than. */
    readonly minWidth: u16 = 30,
    /** Pixels that no column gets more than. */
    readonly maxWidth: u16 = 600,
  ) {}

  /** Writes options, or that there are none, at `target`. */
  static store(target: usize, options: RenderOptions | null): void {
    if (options === null) {
      store<u8>(target, 0);
      return;
    }
    const columns = options.columns;
    const list = reserve(<usize>columns.length * COLUMN_BYTES, 4);
    for (let i = 0; i < columns.length; i++) {
      const at = list + <usize>i * COLUMN_BYTES;
      storeText(at, columns[i].caption);
      storeText(at + 8, columns[i].description);
      store<i16>(at, columns[i].width, 16);
    }
    store<u8>(target, 1);
    store<usize>(target, list, 4);
    store<i32>(target, columns.length, 8);
    store<u16>(target, options.minWidth, 12);
    store<u16>(target, options.maxWidth, 14);
  }
}
