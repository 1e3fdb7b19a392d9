/** What an embedder writes who keeps spools and searches them, and the mistakes that the compiler finds in it. */
import type { IngestSession, StreamElement } from '@chipmunk-host/manager';
import {
  RowSet,
  type SearchSummary,
  type SpoolReader,
  type SpoolSearch,
  searchSession,
  searchSpool,
} from '@chipmunk-host/spool';
import { expectTrue, type Same } from './expect.js';

export async function searches(spool: SpoolReader, session: IngestSession, signal: AbortSignal): Promise<RowSet> {
  await using search = await searchSpool(
    spool,
    [
      { pattern: 'a', column: '#1' },
      { pattern: 'b', fixed: true },
    ],
    {
      signal,
      limit: Number.POSITIVE_INFINITY,
      fromRow: 7,
    },
  );
  expectTrue<Same<typeof search, SpoolSearch>>();
  for await (const rows of search.hits(1)) expectTrue<Same<typeof rows, readonly number[]>>();
  expectTrue<Same<Awaited<typeof search.ended>, SearchSummary>>();
  const live = await searchSession(
    session,
    { pattern: 'a' },
    {
      onElement: (element, firstRow) => {
        expectTrue<Same<typeof element, StreamElement>>();
        expectTrue<Same<typeof firstRow, number>>();
      },
    },
  );
  // @ts-expect-error: it has no pattern.
  await searchSpool(spool, { fixed: true });
  // @ts-expect-error: a session that is searched has no rows to begin at.
  await searchSession(session, { pattern: 'a' }, { fromRow: 7 });
  return live.rows[0]?.union(search.rows[0] ?? new RowSet()) ?? new RowSet();
}
