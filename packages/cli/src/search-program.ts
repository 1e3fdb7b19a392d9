/** The command `search` and its options. Its work is loaded when it is asked for. */
import type { Command } from 'commander';
import type { ExitCode } from './terminal/exit-code.js';
import { wholeNumber } from './terminal/option-values.js';

interface SearchCommandOptions {
  readonly regexp?: readonly string[];
  readonly fixed?: boolean;
  readonly ignoreCase?: boolean;
  readonly word?: boolean;
  readonly column?: string;
  readonly context?: number;
  readonly before?: number;
  readonly after?: number;
  readonly count?: boolean;
  readonly json?: boolean;
  readonly limit?: number;
  readonly rowNumbers?: boolean;
  readonly fromRow?: number;
  readonly follow?: boolean;
  readonly raw?: boolean;
}

const MOST = Number.MAX_SAFE_INTEGER;
const MOST_CONTEXT = 10_000;

const NOTES = `
A row is a line, or columns with a tab between them. Patterns have the syntax of RE2. Attachments are not searched.

Examples:
  chipmunk-host search ./spool 'timeout after \\d+ ms' -C 2 -n
  chipmunk-host search ./spool -F -e timeout -e refused --count
  chipmunk-host search ./spool ERROR --column 'Log Level' --json --limit 10

Exit codes: 0 rows were found, 3 none was, 1 something failed, also when rows are damaged, 2 wrong usage,
129, 130 or 143 ended by SIGHUP, SIGINT or SIGTERM.`;

/** @param done gets the exit code of the command that was run */
export function addSearchCommand(program: Command, done: (exitCode: ExitCode) => void): void {
  const command = program
    .command('search')
    .description('Print the rows of a spool in which a pattern is found.')
    .argument('<spool>', 'the directory of the spool')
    .argument('[pattern]', 'a regular expression, or a text with --fixed')
    .option('-e, --regexp <pattern>', 'a pattern; several times: rows in which any of them is found', added)
    .option('-F, --fixed', 'patterns are texts, in which no character means anything else')
    .option('-i, --ignore-case', 'letters of the other case are the same')
    .option('-w, --word', 'only where no letter, digit or underscore stands beside what is found')
    .option('--column <name>', 'look in one column alone: a caption, or #1 for the first one')
    .option('-C, --context <n>', 'rows before and behind each row that is found', wholeNumber(MOST_CONTEXT))
    .option('-B, --before <n>', 'rows before it', wholeNumber(MOST_CONTEXT))
    .option('-A, --after <n>', 'rows behind it', wholeNumber(MOST_CONTEXT))
    .option('-n, --row-numbers', 'put the number of the row, counted from 0, before it')
    .option('-c, --count', 'print how many rows were found, instead of them')
    .option('--json', 'print each row as a JSON object')
    .option('--limit <n>', 'end behind so many rows that were found', wholeNumber(MOST, 1))
    .option('--from-row <n>', 'begin at this row (default: the first one)', wholeNumber(MOST))
    .option('--follow', 'go on with what is appended, until the run is interrupted')
    .option('--raw', 'send control characters to a terminal unchanged, instead of as ^[ or \\u009b')
    .addHelpText('after', NOTES);
  command.action(async (spool: string, pattern: string | undefined, options: SearchCommandOptions) => {
    const given = options.regexp ?? [];
    if (pattern === undefined && given.length === 0) command.error("error: name a pattern, or several with '-e'");
    // As with grep: where there is -e, the operand would be one more place to search.
    if (pattern !== undefined && given.length > 0)
      command.error(`error: name patterns with '-e', or '${pattern}' alone, not both`);
    if (options.count === true && options.follow === true)
      command.error("error: '--count' needs an end; leave '--follow' out");
    const { runSearch } = await import('./search/search-command.js');
    done(
      await runSearch({
        spool,
        patterns: pattern === undefined ? given : [pattern],
        fixed: options.fixed ?? false,
        ignoreCase: options.ignoreCase ?? false,
        wholeWord: options.word ?? false,
        column: options.column,
        before: options.before ?? options.context ?? 0,
        after: options.after ?? options.context ?? 0,
        rowNumbers: options.rowNumbers ?? false,
        output: options.count === true ? 'count' : options.json === true ? 'json' : 'text',
        isJson: options.json ?? false,
        limit: options.limit ?? Number.POSITIVE_INFINITY,
        fromRow: options.fromRow,
        follow: options.follow ?? false,
        raw: options.raw ?? false,
      }),
    );
  });
}

function added(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
