/** Searches what a session delivers, while it does. */
import type { Batch } from '@chipmunk-host/batch';
import { type OptionTable, option, requireOptions } from '@chipmunk-host/runtime/internal/options';
import { captionsOf } from './captions.js';
import { type PartSource, RunningSearch, SEARCH } from './search.js';
import { searchPlans } from './search-query.js';
import type { SearchPart } from './search-task.js';
import type { SearchOptions, SearchQuery, SpoolSearch } from './search-types.js';

/** What is searched: an `IngestSession`, or anything that delivers batches. */
export interface SearchedSession {
  /** Its batches in their order, each valid until the next one is asked for. */
  batches(): AsyncIterable<Batch>;
  /** Its render options name the columns. */
  readonly info?: { readonly renderOptions?: unknown } | undefined;
}

/** How a session is searched. */
export interface SessionSearchOptions extends SearchOptions {
  /** Gets each batch, in its order, before the next one is asked for: it is valid as long as this runs. Default: nobody. */
  readonly onBatch?: ((batch: Batch, firstRow: number) => void | Promise<void>) | undefined;
}

export const SESSION_SEARCH: OptionTable<SessionSearchOptions> = { ...SEARCH, onBatch: option.callback };

/**
 * Searches a session for one or several queries in one pass, in threads of its own. It takes the session's batches. Rows are the items, from 0
 * on, as in a spool of it. The search ends with the session. When it ends before, by its signal or `limit`, it leaves the batches as `break`
 * leaves a loop over them.
 * @throws HostError `ERR_INVALID_OPTION` for a query or an option that is wrong
 */
export async function searchSession(
  session: SearchedSession,
  queries: SearchQuery | readonly SearchQuery[],
  options: SessionSearchOptions = {},
): Promise<SpoolSearch> {
  requireOptions('The options of the search', options, SESSION_SEARCH);
  const list = Array.isArray(queries) ? (queries as readonly SearchQuery[]) : [queries as SearchQuery];
  const plans = await searchPlans(list, captionsOf(session.info?.renderOptions));
  return new RunningSearch(plans, new SessionParts(session, options.onBatch), options);
}

class SessionParts implements PartSource {
  readonly #session: SearchedSession;
  readonly #onBatch: SessionSearchOptions['onBatch'];

  constructor(session: SearchedSession, onBatch: SessionSearchOptions['onBatch']) {
    this.#session = session;
    this.#onBatch = onBatch;
  }

  async *parts(): AsyncGenerator<SearchPart, void, undefined> {
    let firstRow = 0;
    for await (const batch of this.#session.batches()) {
      const bytes = batch.bytes.slice();
      const rows = batch.count;
      yield { rows, bytes: bytes.length, part: { kind: 'elements', elements: [{ bytes, firstRow }] } };
      await this.#onBatch?.(batch, firstRow);
      firstRow += rows;
    }
  }
}
