/** What searches are told, and what they give. */

import type { RowSet } from '../portable/row-set.js';
import type { DamagedStretch } from '../portable/spool-error.js';

/** What is looked for. */
export interface SearchQuery {
  /**
   * A regular expression of RE2's syntax, without look-around and back-references, or a text (`fixed`). It is looked for anywhere in the
   * text of a row: its line, or its columns with a tab between them; of an attachment alone, nothing. At most 16 KiB.
   */
  readonly pattern: string;
  /** Whether the pattern is a text, in which no character means anything else. Default: false. */
  readonly fixed?: boolean | undefined;
  /** Whether letters of the other case are the same, of all scripts. Default: false. */
  readonly ignoreCase?: boolean | undefined;
  /** Whether what is found may have no letter, digit, mark or underscore beside it. Default: false. */
  readonly wholeWord?: boolean | undefined;
  /**
   * Looks in one column alone: its caption, or `#N` for number N, from 1 on; of a line, `#1` is the line. Rows without that column are not
   * found. Default: all of the text.
   */
  readonly column?: string | undefined;
}

/** What a search has come to. */
export interface SearchSummary {
  /** Rows that were searched. */
  readonly rows: number;
  /** Bytes of batches that were searched, as they are stored. */
  readonly bytes: number;
  /** Rows that were found, by query. */
  readonly hits: readonly number[];
  /** Whether all rows were searched, but for what is damaged: false when it ended early, by `limit` or `close`. */
  readonly isComplete: boolean;
  /** What cannot be read, and was passed over. */
  readonly damage: readonly DamagedStretch[];
}

/** How a search runs. */
export interface SearchOptions {
  /** Ends it: `ended` and `hits` fail with the reason. */
  readonly signal?: AbortSignal | undefined;
  /** Rows of each query at most; when all queries have so many, the search ends. 1 or more. Default: Infinity. */
  readonly limit?: number | undefined;
  /** Threads that search at once: from 1 to 4. Default: one for each processor, up to 4. */
  readonly threads?: number | undefined;
}

/**
 * A search that runs in threads of its own, for one or several queries in one pass. It goes on by itself: what it finds stays in `rows`.
 * Several readers may walk through the hits at the same time, each at its own speed.
 */
export interface SpoolSearch extends AsyncDisposable {
  /** The rows that were found so far, by query; they grow while it runs. */
  readonly rows: readonly RowSet[];
  /** Resolves at the end. Fails with the signal's reason, or when a thread fails. */
  readonly ended: Promise<SearchSummary>;
  /** Rows that were searched so far. */
  readonly searchedRows: number;
  /** Bytes of batches that were searched so far. */
  readonly searchedBytes: number;
  /** What was passed over so far, since it cannot be read. */
  readonly damage: readonly DamagedStretch[];
  /**
   * Rows in rising order, as they are found: a list of up to 4,096 at a time, until the search ends.
   * @param query number of the query, from 0. Default 0
   * @throws what `ended` fails with, behind the rows that were found before
   */
  hits(query?: number): AsyncGenerator<readonly number[], void, undefined>;
  /**
   * The rows in which any of the queries was found, each once, as `hits` gives those of one.
   * @throws what `ended` fails with, behind the rows that were found before
   */
  hitsOfAny(): AsyncGenerator<readonly number[], void, undefined>;
  /** Ends the search where it is. What was found stays. */
  close(): Promise<void>;
}
