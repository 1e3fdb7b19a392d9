/** The options of `ingest` that select items. */
import type { Command } from 'commander';
import type { FormatName } from './formats/format-names.js';
import type { SelectArguments } from './ingest/ingest-arguments.js';
import { isStandardInput } from './ingest/input-names.js';
import { limit, wholeNumber } from './terminal/option-values.js';

export interface SelectCommandOptions {
  readonly match?: readonly string[];
  readonly where?: readonly string[];
  readonly filterPreset?: string;
  readonly preset?: string;
  readonly invert?: boolean;
  readonly since?: string;
  readonly until?: string;
  readonly skip?: number;
  readonly limit?: number;
  readonly fromOffset?: number;
  readonly count?: boolean;
  readonly countBy?: string;
}

const MOST = Number.MAX_SAFE_INTEGER;
const COUNTED_FORMATS: readonly FormatName[] = ['text', 'ndjson', 'csv'];

export function addSelectOptions(command: Command): Command {
  return command
    .option('-m, --match <regex>', 'only items in whose text this is found; several times: all of them', added)
    .option(
      '-w, --where <condition>',
      "only items of which it holds: 'COLUMN=VALUE' or 'COLUMN~REGEX', with a caption, or #1 for the first column",
      added,
    )
    .option(
      '--filter-preset <file>',
      "only what an enabled filter of a preset that Chipmunk's application exported matches",
    )
    .option('--preset <name>', 'which preset of the file (default: the only one)')
    .option('--invert', 'the items that these would leave out, instead of the others')
    .option(
      '--since <time>',
      'only items of this time or later: 2024-02-20, 2024-02-20T13:17:26.5+01:00 (UTC without a zone), @1708435046',
    )
    .option('--until <time>', 'only items before this time')
    .option('--skip <n>', 'leave out so many of the items that are left of each input (default: 0)', wholeNumber(MOST))
    .option(
      '--limit <n>',
      "end each input behind so many items, or 'none' for no limit (default: none)",
      limit(MOST, 0),
    )
    .option('--from-offset <bytes>', 'begin to read the file at this position (default: 0)', wholeNumber(MOST))
    .option('--count', 'write how many items there are, instead of the items')
    .option('--count-by <column>', 'write how many items there are for each value of a column, instead of the items');
}

function added(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** What is wrong with them. */
export function selectFault(
  files: readonly string[],
  options: SelectCommandOptions & {
    readonly format: FormatName;
    readonly parallel?: number;
    readonly source?: string;
    readonly withFilename?: boolean;
    readonly attachments?: string;
  },
): string | undefined {
  const { match = [], where = [], invert, skip = 0, limit: most = MOST, fromOffset = 0, format } = options;
  if (options.preset !== undefined && options.filterPreset === undefined)
    return "'--preset' names a preset of '--filter-preset'";
  if (invert === true && match.length + where.length === 0 && options.filterPreset === undefined)
    return "'--invert' needs '--match', '--where' or '--filter-preset'";
  if ((options.parallel ?? 1) > 1) {
    const counting = skip > 0 ? '--skip' : most < MOST ? '--limit' : fromOffset > 0 ? '--from-offset' : undefined;
    if (counting !== undefined)
      return `'${counting}' needs one instance of the parser, which counts the items in their order; leave '--parallel' out`;
  }
  if (fromOffset > 0 && (options.source !== undefined || files.length !== 1 || files.some(isStandardInput)))
    return "'--from-offset' works with one file";
  if (options.count === true && options.countBy !== undefined) return "use '--count' or '--count-by', not both";
  const counts = options.count === true ? '--count' : options.countBy === undefined ? undefined : '--count-by';
  if (counts === undefined) return undefined;
  if (!COUNTED_FORMATS.includes(format))
    return `'${counts}' works with the formats ${COUNTED_FORMATS.join(', ')}, not with ${format}`;
  if (options.withFilename === true) return `'${counts}' counts all inputs together; leave '--with-filename' out`;
  return undefined;
}

export function selectArguments(options: SelectCommandOptions): SelectArguments {
  const { match, where, filterPreset, preset, invert, since, until, skip, limit: most, fromOffset } = options;
  const { count = false, countBy } = options;
  return {
    select: {
      ...(match === undefined ? {} : { match }),
      ...(where === undefined ? {} : { where }),
      ...(invert === undefined ? {} : { invert }),
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
      ...(skip === undefined ? {} : { skip }),
      ...(most === undefined ? {} : { limit: most }),
      ...(fromOffset === undefined ? {} : { fromOffset }),
    },
    preset: filterPreset === undefined ? undefined : { file: filterPreset, name: preset },
    count: countBy === undefined ? (count ? 'all' : undefined) : { column: countBy },
  };
}
