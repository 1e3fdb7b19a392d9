/** Which items of a session are delivered. */
export interface SelectOptions {
  /**
   * A regular expression, or several that must all be found, in the text of an item: its line, or its columns with a tab between them; of
   * an attachment alone, nothing. The syntax is RE2's: no look-around and no back-references; the time that it takes grows with the text
   * alone. Letters of the other case are other letters: `(?i)` in front makes them the same.
   */
  readonly match?: string | readonly string[] | undefined;
  /**
   * Conditions on single columns, which must all hold: `COLUMN=VALUE` when the column is VALUE, `COLUMN~REGEX` when REGEX is found in it.
   * COLUMN is a caption of the render options, also one with `=` or `~` in it, or `#N` for number N, from 1 on; of a line, `#1` is the
   * line. An item without the column is not selected.
   */
  readonly where?: string | readonly string[] | undefined;
  /** Delivers the items that `match` and `where` would leave out, instead of the others. Default: false. */
  readonly invert?: boolean | undefined;
  /**
   * Leaves out items whose time is before this. An item without a time is left out, too, also by `until`. The parser must be one that gives
   * times. ISO 8601: a date (its midnight), or a date and time, with up to nine digits of a second; without a zone it is UTC. Or `@` and
   * seconds since 1970-01-01 UTC; or, as a bigint, nanoseconds, as `item.time` has them. `invert` does not change it. Default: no bound.
   */
  readonly since?: string | bigint | undefined;
  /** Leaves out items whose time is this or behind it, so that ranges which follow each other share no item. Default: no bound. */
  readonly until?: string | bigint | undefined;
  /** How many of the items that are left are left out, too, from the first one on. Default 0. */
  readonly skip?: number | undefined;
  /** How many items are delivered at most; behind the last one the session ends. Default Infinity; with 0 nothing is read. */
  readonly limit?: number | undefined;
  /** Position in the input, which is a file, of the first byte that is read. An item should begin there. Default 0. */
  readonly fromOffset?: number | undefined;
}
