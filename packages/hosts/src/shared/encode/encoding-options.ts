/** In which form items are written, and what of them. */
import type { ArrowOutput } from './arrow/arrow-output.js';

/** `raw`: the bytes of the input that items were made of. `arrow` is the stream of Arrow's IPC format, `arrow-file` the file. */
export const ENCODED_FORMATS = ['text', 'ndjson', 'csv', 'arrow', 'arrow-file', 'raw'] as const;
/** How items are written; `raw` is the bytes of the input that they were made of. */
export type EncodedFormat = (typeof ENCODED_FORMATS)[number];

/** The parts of an item that `ndjson`, `csv` and Arrow can have. `text` stands for the text or the columns. */
export const ITEM_FIELDS = ['source', 'offset', 'length', 'time', 'text', 'attachment'] as const;
/** A part of an item in `ndjson`, `csv` or Arrow. */
export type ItemField = (typeof ITEM_FIELDS)[number];

/** How items are written, and what of them. */
export interface EncodingOptions {
  readonly format: EncodedFormat;
  /** Between the columns of an item in `text`. Default: a tab. At most 1,024 bytes of UTF-8. */
  readonly separator?: string | undefined;
  /** Between fields in `csv`: one ASCII character, but no quote and no end of a line. Default: a comma. */
  readonly delimiter?: string | undefined;
  /**
   * Whether fields of `csv` that begin with `=`, `+`, `-`, `@`, a tab or a carriage return get an apostrophe in front, so that spreadsheets do
   * not take them for formulas. Default false: texts stay as they are.
   */
  readonly guardFormulas?: boolean | undefined;
  /** Whether `csv` begins with a line of captions. Default true. */
  readonly header?: boolean | undefined;
  /**
   * The columns to write, in this order: captions of the render options, or `#N` for number N, from 1 on. Lines, which have no columns,
   * are written whole. Default: all columns.
   */
  readonly columns?: readonly string[] | undefined;
  /**
   * The parts of an item to write, in this order. `ndjson`: any; default `source` where there is one, `offset`, `length`, `time`, `text`,
   * `attachment`. `csv`: any but `attachment`; default `source` where there is one, and `text`. Arrow: any; the default is that of `ndjson`, but
   * `time` only when the parser can give times, or, of a `BatchEncoder`, when the first batch has some. Other formats have none of them.
   */
  readonly fields?: readonly ItemField[] | undefined;
  /** What each item says that it is from: in `text` before each line, with the separator. Default: nothing. */
  readonly source?: string | undefined;
  /**
   * Whether `arrow` writes columns with a dictionary that have few values in the first batch. The last column of the parser never has one, nor has
   * any of a file, where dictionaries cannot be replaced. Default true.
   */
  readonly dictionaries?: boolean | undefined;
  /**
   * Rows in a record batch of Arrow, at most; at least 1. Default and Infinity: as many as have room in a slot of the ring (`ring.slotBytes`), or in
   * a piece of a `BatchEncoder`.
   */
  readonly batchRows?: number | undefined;
  /** What Arrow is written to by several sessions, one behind the other. Default: one of its own, which ends with the session. */
  readonly output?: ArrowOutput | undefined;
}
