/** `search`: looks for patterns in a spool, and prints the rows as they are found. */
import type { SearchQuery, SpoolReader, SpoolSearch } from '@chipmunk-host/spool';
import { loadSpoolPackage } from '../output/spool-package.js';
import { standardError, standardOutput } from '../output/standard-streams.js';
import { ExitCode } from '../terminal/exit-code.js';
import { Interruption } from '../terminal/interruption.js';
import { FoundOutput } from './found-output.js';
import { type RangesOf, RowText } from './row-text.js';

export interface SearchArguments {
  /** Directory of the spool. */
  readonly spool: string;
  readonly patterns: readonly string[];
  readonly fixed: boolean;
  readonly ignoreCase: boolean;
  readonly wholeWord: boolean;
  readonly column: string | undefined;
  /** Rows of context. */
  readonly before: number;
  readonly after: number;
  readonly rowNumbers: boolean;
  readonly output: 'text' | 'json' | 'count';
  /** Also of a count. */
  readonly isJson: boolean;
  readonly limit: number;
  readonly fromRow: number | undefined;
  readonly follow: boolean;
  readonly raw: boolean;
}

export async function runSearch(args: SearchArguments): Promise<ExitCode> {
  using interruption = new Interruption();
  if (args.raw) standardOutput.sendControls();
  const { signal } = interruption;
  const queries = args.patterns.map(
    (pattern): SearchQuery => ({
      pattern,
      fixed: args.fixed,
      ignoreCase: args.ignoreCase,
      wholeWord: args.wholeWord,
      column: args.column,
    }),
  );
  const { Spool, searchSpool } = await loadSpoolPackage();
  await using reader = await Spool.open(args.spool);
  // Each of them has as many rows as all together may have.
  const options = { signal, limit: args.limit, fromRow: args.fromRow, follow: args.follow };
  await using search = await searchSpool(reader, queries, options);
  try {
    const found = args.output === 'count' ? await count(search, args) : await print(search, reader, queries, args);
    await search.close();
    const isWhole = tellDamage(search);
    if (!isWhole) return ExitCode.failed;
    return found > 0 ? ExitCode.ok : ExitCode.nothingFound;
  } catch (error) {
    if (interruption.exitCode !== undefined) return interruption.exitCode;
    throw error;
  }
}

async function count(search: SpoolSearch, { limit, isJson }: SearchArguments): Promise<number> {
  let found = 0;
  for await (const rows of search.hitsOfAny()) {
    found = Math.min(limit, found + rows.length);
    if (found === limit) break;
  }
  standardOutput.print(isJson ? `${JSON.stringify({ count: found })}\n` : `${found}\n`);
  return found;
}

/** @returns how many rows were found */
async function print(
  search: SpoolSearch,
  reader: SpoolReader,
  queries: readonly SearchQuery[],
  args: SearchArguments,
): Promise<number> {
  const { columnNumber, searchRanges } = await loadSpoolPackage();
  const isStyled = args.output === 'text' && standardOutput.hasColours;
  const ranges: RangesOf[] = isStyled ? await Promise.all(queries.map((query) => searchRanges(query))) : [];
  const column = args.column === undefined ? undefined : columnNumber(args.column, reader.about.renderOptions);
  const text = new RowText({ ranges, column, rowNumbers: args.rowNumbers, isJson: args.output === 'json' });
  const output = new FoundOutput(reader, text, args);
  let found = 0;
  for await (const rows of search.hitsOfAny()) {
    for (const row of rows) {
      if (!(await output.found(row))) return found;
      if (++found === args.limit) break;
    }
    if (!(await output.flush())) return found;
    if (found === args.limit) break;
  }
  await output.end();
  return found;
}

/** @returns whether all rows could be searched */
function tellDamage({ damage }: SpoolSearch): boolean {
  for (const { file, position, firstRow, endRow, why } of damage) {
    standardError.print('warning', 'warning');
    standardError.print(
      `: rows ${firstRow} to ${endRow - 1} were not searched: ${why}, at byte ${position} of '${file}'.\n`,
    );
  }
  return damage.length === 0;
}
