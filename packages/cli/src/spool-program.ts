/** The options of `ingest` that keep a spool, and the command `show`. */
import { type Command, Option } from 'commander';
import { addItemOptions, type ItemCommandOptions, itemArguments, misplacedOption } from './format-program.js';
import { FORMATS, type FormatName } from './formats/format-names.js';
import type { SpoolArguments } from './ingest/ingest-arguments.js';
import { addSelectOptions, type SelectCommandOptions, selectArguments, selectFault } from './select-program.js';
import type { ShowArguments } from './spool/show-command.js';
import type { ExitCode } from './terminal/exit-code.js';
import { byteSize, directoryPath, duration, wholeNumber } from './terminal/option-values.js';

export interface SpoolCommandOptions {
  readonly spool?: string;
  readonly spoolMaxSize?: number;
  readonly spoolMaxAge?: number;
  readonly spoolCompress?: boolean;
}

/** Least bytes of a bounded spool. */
const LEAST_BYTES = 256 * 1024;
const MOST_MS = 100 * 365 * 24 * 3600 * 1000;

export function addSpoolOptions(command: Command): Command {
  return command
    .option(
      '--spool <directory>',
      'keep what the parser delivers in a spool, for `show`; without --format and --output in place of the items',
      directoryPath,
    )
    .option(
      '--spool-max-size <size>',
      'remove the oldest rows when the spool would be larger, as 10GB (default: no limit)',
      byteSize(LEAST_BYTES),
    )
    .option('--spool-max-age <time>', 'remove rows that are older, as 7d (default: no limit)', duration(1000, MOST_MS))
    .option('--spool-compress', 'compress what is finished of the spool with zstd (Node.js 22.15 or later)');
}

/** What is wrong with them. */
export function spoolFault(options: SpoolCommandOptions & { readonly format: FormatName }): string | undefined {
  const { spool, spoolMaxSize, spoolMaxAge, spoolCompress, format } = options;
  const lone =
    spoolMaxSize !== undefined
      ? '--spool-max-size'
      : spoolMaxAge !== undefined
        ? '--spool-max-age'
        : spoolCompress === true
          ? '--spool-compress'
          : undefined;
  if (spool === undefined && lone !== undefined) return `'${lone}' needs a spool; name one with '--spool'`;
  if (spool !== undefined && format === 'raw')
    return "'--spool' does not work with the format raw, which only a parser's worker can write; leave one of them out";
  return undefined;
}

export function spoolArguments(options: SpoolCommandOptions): SpoolArguments | undefined {
  const { spool, spoolMaxSize, spoolMaxAge, spoolCompress } = options;
  if (spool === undefined) return undefined;
  return {
    directory: spool,
    maxBytes: spoolMaxSize ?? Number.POSITIVE_INFINITY,
    maxAgeMs: spoolMaxAge ?? Number.POSITIVE_INFINITY,
    compression: spoolCompress === true ? 'zstd' : 'none',
  };
}

interface ShowCommandOptions extends SelectCommandOptions, ItemCommandOptions {
  readonly info?: boolean;
  readonly json?: boolean;
  readonly fromRow?: number;
  readonly input?: number;
  readonly follow?: boolean;
  readonly output?: string;
  readonly attachments?: string;
  readonly raw?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

const EXAMPLES = `
Examples:
  chipmunk-host ingest trace.log --parser string-parser --spool trace.spool
  chipmunk-host show trace.spool --from-row 1000000 --limit 50
  chipmunk-host show trace.spool --match timeout --format ndjson
  chipmunk-host show trace.spool --info`;

export function addShowCommand(program: Command, done: (exitCode: ExitCode) => void): void {
  const show = program
    .command('show')
    .description('Write rows of a spool that `ingest --spool` keeps, also while it is written.')
    .argument('<directory>', 'the directory of a spool')
    .option('--info', 'print what is in the spool, instead of its rows')
    .option('--json', 'print it as JSON')
    .option(
      '--from-row <n>',
      'begin with this row, counted from 0 through all of the spool',
      wholeNumber(Number.MAX_SAFE_INTEGER),
    )
    .option('--input <n>', 'only rows of the input with this number; --info lists the inputs', wholeNumber(0xffff_ffff))
    .option('--follow', 'go on with rows that are appended, until the run is interrupted')
    .addOption(
      new Option('-f, --format <format>', 'how to write items')
        .choices(FORMATS)
        .default('text')
        .env('CHIPMUNK_HOST_FORMAT'),
    )
    .option(
      '-o, --output <file>',
      'write items to a file, which is replaced at the end, instead of to stdout; .gz and .zst are compressed',
    )
    .option('--attachments <directory>', 'write attachments as files, with an index of them', directoryPath);
  addSelectOptions(addItemOptions(show))
    .option('-v, --verbose', 'show gaps and restarts, and stacks of errors')
    .addOption(new Option('-q, --quiet', 'write only errors to stderr').conflicts('verbose'))
    .option('--raw', 'send control characters to a terminal unchanged, instead of as ^[ or \\u009b')
    .addHelpText('after', EXAMPLES)
    .action(async (directory: string, options: ShowCommandOptions) => {
      const fault = showFault(options) ?? misplacedOption(options) ?? selectFault(['spool'], options);
      if (fault !== undefined) show.error(`error: ${fault}`);
      const { runShow } = await import('./spool/show-command.js');
      done(await runShow(showArguments(directory, options)));
    });
}

function showFault({ format, info, json, fromRow, fromOffset }: ShowCommandOptions): string | undefined {
  if (format === 'raw')
    return "a spool does not have the bytes of the input that the format raw writes: read the log itself with 'ingest'";
  if (json === true && info !== true) return "'--json' is for '--info'; write rows as JSON with '--format ndjson'";
  if (fromRow !== undefined && fromOffset !== undefined) return "use '--from-row' or '--from-offset', not both";
  return undefined;
}

function showArguments(directory: string, options: ShowCommandOptions): ShowArguments {
  return {
    directory,
    info: options.info === true ? (options.json === true ? 'json' : 'text') : undefined,
    fromRow: options.fromRow,
    input: options.input,
    follow: options.follow ?? false,
    output: options.output,
    attachmentsDirectory: options.attachments,
    ...itemArguments(options),
    ...selectArguments(options),
    verbose: options.verbose ?? false,
    quiet: options.quiet ?? false,
    raw: options.raw ?? false,
  };
}
