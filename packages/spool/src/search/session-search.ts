/** Searches what a session delivers, while it does. */
import type { StreamElement } from '@chipmunk-host/batch';
import { type OptionTable, option, requireOptions } from '@chipmunk-host/runtime/internal/options';
import { captionsOf } from './captions.js';
import { type PartSource, RunningSearch, SEARCH } from './search.js';
import { searchPlans } from './search-query.js';
import type { SearchPart } from './search-task.js';
import type { SearchOptions, SearchQuery, SpoolSearch } from './search-types.js';

/** What is searched: an `IngestSession`, or anything that delivers batches, gaps and restarts. */
export interface SearchedSession extends AsyncIterable<StreamElement> {
  /** Its render options name the columns. */
  readonly info?: { readonly renderOptions?: unknown } | undefined;
}

/** How a session is searched. */
export interface SessionSearchOptions extends SearchOptions {
  /**
   * Gets each element in its order, with the number of its first row, before the next one is asked for: a batch is valid as long as this
   * runs. It gets those behind the end of the search, too, unless that was its signal or `close`. Default: nobody.
   */
  readonly onElement?: ((element: StreamElement, firstRow: number) => void | Promise<void>) | undefined;
}

export const SESSION_SEARCH: OptionTable<SessionSearchOptions> = { ...SEARCH, onElement: option.callback };

/**
 * Searches a session for one or several queries in one pass, in threads of its own. It takes what the session delivers. Rows are the items, from
 * 0 on, as in a spool of it. The search ends with the session. When it ends before, it leaves the session as `break` leaves a loop over it.
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
  return new RunningSearch(plans, new SessionParts(session, options.onElement), options);
}

class SessionParts implements PartSource {
  readonly goesOn: boolean;
  readonly #session: SearchedSession;
  readonly #onElement: SessionSearchOptions['onElement'];

  constructor(session: SearchedSession, onElement: SessionSearchOptions['onElement']) {
    this.goesOn = onElement !== undefined;
    this.#session = session;
    this.#onElement = onElement;
  }

  async *parts(): AsyncGenerator<SearchPart, void, undefined> {
    let firstRow = 0;
    for await (const element of this.#session) {
      const rows = element.type === 'batch' ? element.count : 0;
      if (element.type === 'batch') {
        const bytes = element.bytes.slice();
        yield { rows, bytes: bytes.length, part: { kind: 'elements', elements: [{ bytes, firstRow }] } };
      }
      await this.#onElement?.(element, firstRow);
      firstRow += rows;
    }
  }
}
