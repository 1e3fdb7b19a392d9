/** The commands and their options. Their work is loaded when it is asked for, so that help and mistakes answer at once. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Argument, Command, Option } from 'commander';
import { SHELLS, type ShellName } from './completion/shell-scripts.js';
import { addFilesOptions, type FilesCommandOptions, filesArguments, filesFault } from './files-program.js';
import { checkpointFault, followStart } from './follow-program.js';
import { addItemOptions, type ItemCommandOptions, itemArguments, misplacedOption } from './format-program.js';
import { FORMATS, type FormatName, isArrow } from './formats/format-names.js';
import { type IngestArguments, SUMMARIES, type SummaryForm } from './ingest/ingest-arguments.js';
import { isStandardInput, isStandardOutput } from './ingest/input-names.js';
import type { Rotation } from './output/rotated-files.js';
import { standardError, standardOutput } from './output/standard-streams.js';
import { addPluginsCommands, pluginsDirectoryOption } from './plugins-program.js';
import { addSearchCommand } from './search-program.js';
import { addSelectOptions, type SelectCommandOptions, selectArguments, selectFault } from './select-program.js';
import { recordFault, recordOf, type SourceCommandOptions, sourceArguments } from './source-program.js';
import {
  addShowCommand,
  addSpoolOptions,
  type SpoolCommandOptions,
  spoolArguments,
  spoolFault,
} from './spool-program.js';
import type { ExitCode } from './terminal/exit-code.js';
import {
  addPair,
  addVariable,
  byteSize,
  type ConfigPair,
  directoryPath,
  duration,
  limit,
  share,
  type Variables,
  wholeNumber,
} from './terminal/option-values.js';

/** The host's timers take no more. */
const MOST = 0x7fff_ffff;
/** What a manager runs at once by default; usage.test.ts compares them. */
const MOST_INSTANCES = Math.max(8, 4 * availableParallelism());
/** Of an output that is rotated by size, in bytes: batches stay whole, and they are shorter. */
const LEAST_FILE = 256 * 1024;
/** What the format of plugins can address. */
const MOST_MIB = 4096;

interface IngestCommandOptions
  extends FilesCommandOptions,
    SelectCommandOptions,
    ItemCommandOptions,
    SpoolCommandOptions,
    SourceCommandOptions {
  readonly source?: string;
  readonly sourceConfig?: readonly ConfigPair[];
  readonly sourceProfile?: string;
  readonly follow?: boolean;
  readonly followFrom?: 'beginning' | 'end' | number;
  readonly followIdle?: number;
  readonly checkpoint?: string;
  readonly startOver?: boolean;
  readonly maxLatency?: number;
  readonly parser?: string;
  readonly config?: readonly ConfigPair[];
  readonly profile?: string;
  readonly configFile?: string;
  readonly pluginsDir?: string;
  readonly format: FormatName;
  readonly output?: string;
  readonly attachments?: string;
  readonly rotateSize?: number;
  readonly rotateEvery?: number;
  readonly summary?: SummaryForm;
  /** False with `--no-split-columns`. */
  readonly splitColumns: boolean;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
  readonly raw?: boolean;
  /** False with `--no-excerpts`. */
  readonly excerpts: boolean;
  readonly failOnGap?: boolean;
  readonly failOnSkip?: number;
  readonly quarantine?: string;
  readonly cpuProfile?: string;
  readonly deadline?: number;
  readonly parallel?: number;
  readonly memory?: number;
  readonly maxRestarts?: number;
  readonly maxGaps?: number;
  readonly env?: Variables;
}

const EXAMPLES = `
Examples:
  chipmunk-host ingest trace.log --parser string-parser
  chipmunk-host ingest a.log b.log --parser ./my-parser.wasm --config level=3 --format ndjson --output items.ndjson
  chipmunk-host ingest trace.log --parser string-parser --format none --summary json
  chipmunk-host ingest trace.log --parser string-parser --match 'timeout|refused' --limit 20
  chipmunk-host ingest --concat --oldest-first app.log* --parser string-parser
  chipmunk-host ingest --glob 'logs/**/*.log.gz' --parser string-parser
  chipmunk-host ingest --follow /var/log/app.log --checkpoint app.checkpoint -o app.txt --parser string-parser
  journalctl --follow | chipmunk-host ingest - --parser string-parser
  chipmunk-host ingest --source ./my-source.wasm --source-config address=10.0.0.1 --parser string-parser

Sources, by their URLs; ./NAME is always a file:
  chipmunk-host ingest tcp://192.168.0.10:3490 --parser dlt-parser
  chipmunk-host ingest tcp-listen://:3490 --parser dlt-parser
  chipmunk-host ingest 'udp://239.255.42.99:3490?interface=eth0' --parser dlt-parser
  chipmunk-host ingest unix:///run/log.sock --parser string-parser
  chipmunk-host ingest unix-listen:///run/log.sock --parser string-parser
  chipmunk-host ingest 'exec:adb logcat' --parser string-parser
  chipmunk-host ingest 'serial:///dev/ttyUSB0?baudRate=115200' --parser string-parser
  chipmunk-host ingest follow:/var/log/syslog --parser string-parser
  chipmunk-host ingest pcap:trace.pcapng --parser dlt-parser

Exit codes: 0 done, 1 a session failed, 2 wrong usage, 129, 130 or 143 ended by SIGHUP,
SIGINT or SIGTERM.`;

/** @param done gets the exit code of the command that was run */
export function createProgram(done: (exitCode: ExitCode) => void): Command {
  const program = new Command('chipmunk-host')
    .description('Runs Chipmunk plugins on log files.')
    .version(ownVersion())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => standardOutput.print(text),
      writeErr: (text) => standardError.print(text),
    })
    .showHelpAfterError('(--help shows the options)');

  const ingest = program
    .command('ingest')
    .description(
      'Read log files, standard input, connections, commands or a byte-source plugin through a parser plugin and write the items.',
    )
    .argument(
      '[file...]',
      "files, FIFOs, devices or URLs of sources (below), read one after the other; '-' is standard input",
    )
    .option('-s, --source <plugin>', 'instead of files: name of a byte-source plugin, or path of a .wasm file')
    .option('--source-config <id=value>', 'a value for the source, as with --config', addPair)
    .option('--source-profile <profile>', 'a saved configuration of the source, as with --profile')
    .option('--follow', 'go on with what is appended to the files, also when they are rotated; ask a source again')
    .option(
      '--follow-from <place>',
      'where to begin in files that are followed: beginning, end, or so many lines before the end (default: beginning)',
      followStart,
    )
    .option('--follow-idle <time>', 'end when nothing was appended for this time, as 30s or 1h', duration(1000, MOST))
    .option('--checkpoint <file>', 'keep in this file where the run is, and go on there when it is started again')
    .option('--start-over', 'read an input from its start that is another one than at the checkpoint')
    .option('--shell', 'have a shell run the commands of exec:, which are split into words otherwise')
    .option('--with-stderr', 'read the error output of the commands of exec:, too')
    .option(
      '--max-latency <ms>',
      'how long an item may wait for others where the input comes slowly; 0: not at all (default: 50)',
      wholeNumber(MOST),
    )
    .option(
      '--record <file>',
      'keep what the source delivers, to read it again: streams as they are, datagrams as pcapng',
    )
    .option(
      '--record-size <size>',
      'begin another file of the record before one becomes larger, as 100MB',
      byteSize(LEAST_FILE),
    )
    .option('--record-files <n>', 'how many files of the record are kept (default: all)', wholeNumber(MOST, 1))
    .option(
      '-p, --parser <plugin>',
      "name of a plugin, path of a .wasm file, or 'detect' (default: the only one that is installed)",
    )
    .option('-c, --config <id=value>', 'a value for the plugin, typed by its schema; once for each value', addPair)
    .option('--profile <profile>', 'a saved configuration of the parser (`plugins config`); other values override it')
    .option('--config-file <file>', "values from a .json file, or TOML in the form of Chipmunk's plugin benchmarks")
    .addOption(pluginsDirectoryOption())
    .addOption(
      new Option('-f, --format <format>', 'how to write items')
        .choices(FORMATS)
        .default('text')
        .env('CHIPMUNK_HOST_FORMAT'),
    )
    .option(
      '-o, --output <file>',
      'write items to a file, which is replaced at the end of the run, instead of to stdout; .gz and .zst are compressed',
    )
    .option(
      '--rotate-size <size>',
      'begin another output file before one becomes larger, as 100MB or 1GiB: -o x.log writes x-000001.log and so on',
      byteSize(LEAST_FILE),
    )
    .option('--rotate-every <time>', 'begin another output file after this time, as 30s or 1h', duration(1000, MOST))
    .option('--attachments <directory>', 'write attachments as files, with an index of them', directoryPath)
    .addOption(new Option('--summary <form>', 'print a summary of the run on stderr at its end').choices(SUMMARIES));
  addItemOptions(ingest).option(
    '--no-split-columns',
    'keep a line in which the parser joined columns with U+0004 as one text',
  );
  addSpoolOptions(addSelectOptions(addFilesOptions(ingest)))
    .option('-v, --verbose', "show the plugin's log, gaps and restarts, warnings, and stacks of errors")
    .addOption(
      new Option('-q, --quiet', 'write only errors to stderr, and a summary only with --summary').conflicts('verbose'),
    )
    .option('--raw', 'send control characters to a terminal unchanged, instead of as ^[ or \\u009b')
    .option('--deadline <ms>', "time limit on one call of a plugin, or 'none' (default: 10000)", limit(MOST, 1))
    .option('--memory <mib>', "most memory of a plugin, or 'none' (default: 512)", limit(MOST_MIB, 1))
    .option(
      '--max-restarts <n>',
      "fresh instances of a plugin in a minute before the session fails, or 'none' for no limit (default: 1000)",
      limit(MOST, 0),
    )
    .option(
      '--max-gaps <n>',
      "gaps without an item between them before the session fails, or 'none' for no limit (default: 10)",
      limit(MOST, 1),
    )
    .option(
      '--parallel <n>',
      'instances of the parser that share each file, if its metadata allow it (default: 1)',
      wholeNumber(MOST_INSTANCES, 1),
    )
    .option('--env <name[=value]>', 'an environment variable for the plugins; once for each variable', addVariable)
    .option('--quarantine <directory>', 'keep input on which the plugin fails for `replay`, a file for each gap')
    .option(
      '--cpu-profile <directory>',
      "write a CPU profile of each plugin's thread, for the developer tools of Chrome",
    )
    .option('--no-excerpts', 'leave the first bytes of the input on which the plugin fails out of errors')
    .option('--fail-on-gap', 'exit with 1 when input was given up because the plugin failed on it')
    .option(
      '--fail-on-skip [share]',
      'exit with 1 when more than this share of an input is in no item: =0.01 or =1% (default: any byte)',
      share,
    )
    .addHelpText('after', EXAMPLES)
    .action(async (files: readonly string[], options: IngestCommandOptions) => {
      const fault = inputFault(files, options);
      const misplaced = misplacedOption(options);
      if (misplaced !== undefined) ingest.error(`error: ${misplaced}`);
      if (fault !== undefined) ingest.error(`error: ${fault}`);
      const outputFault = rotationFault(options);
      if (outputFault !== undefined) ingest.error(`error: ${outputFault}`);
      const goingOnFault = checkpointFault(options);
      if (goingOnFault !== undefined) ingest.error(`error: ${goingOnFault}`);
      const selectionFault = selectFault(files, options);
      if (selectionFault !== undefined) ingest.error(`error: ${selectionFault}`);
      const noRecord = recordFault(files, options);
      if (noRecord !== undefined) ingest.error(`error: ${noRecord}`);
      const noSpool = spoolFault(options);
      if (noSpool !== undefined) ingest.error(`error: ${noSpool}`);
      const { sourceFault } = await import('./ingest/input-sources.js');
      const noSource = sourceFault(files, sourceArguments(options));
      if (noSource !== undefined) ingest.error(`error: ${noSource}`);
      const { runIngest } = await import('./ingest/ingest-command.js');
      // A spool that is asked for alone is written in place of the items.
      const isSilent = options.spool !== undefined && !['format', 'output'].some((name) => isGiven(ingest, name));
      done(await runIngest(ingestArguments(files, isSilent ? { ...options, format: 'none' } : options)));
    });

  program
    .command('replay')
    .description('Pass input that `ingest --quarantine` kept to the plugin again, and show how it fails.')
    .argument('<file>', 'a .quarantine file')
    .option('-p, --parser <plugin>', 'name of a plugin, or path of a .wasm file (default: the one that failed)')
    .addOption(pluginsDirectoryOption())
    .action(async (file: string, options: { readonly parser?: string; readonly pluginsDir?: string }) => {
      const { runReplay } = await import('./ingest/replay-command.js');
      done(await runReplay({ file, parser: options.parser, pluginsDirectory: options.pluginsDir }));
    });

  addShowCommand(program, done);
  addSearchCommand(program, done);
  addPluginsCommands(program, done);

  program
    .command('completion')
    .description('Print the completion script for a shell; its first line says where to put it.')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action(async (shell: ShellName) => {
      const { runCompletion } = await import('./completion/completion-command.js');
      done(runCompletion(shell));
    });
  program
    .command('__complete', { hidden: true })
    .argument('[word...]')
    .action(async (words: readonly string[]) => {
      const { runComplete } = await import('./completion/completion-command.js');
      done(await runComplete(program, words));
    });
  return program;
}

/** Why the output cannot be several files. */
function rotationFault({ format, output, rotateSize, rotateEvery }: IngestCommandOptions): string | undefined {
  if (format === 'none') return undefined;
  const name = rotateSize !== undefined ? '--rotate-size' : rotateEvery !== undefined ? '--rotate-every' : undefined;
  if (name === undefined) return undefined;
  if (format === 'arrow-file')
    return `'${name}' works with each format but arrow-file; write the stream, '--format arrow'`;
  if (output !== undefined && !isStandardOutput(output)) return undefined;
  return `'${name}' needs a file; name one with '--output'`;
}

/** What is wrong with what is to be read. */
function inputFault(files: readonly string[], options: IngestCommandOptions): string | undefined {
  const { source, sourceConfig, sourceProfile, follow, format } = options;
  if (source === undefined) {
    if (sourceProfile !== undefined) return "'--source-profile' needs a source; name one with '--source'";
    if (follow === true && files.length === 0) return "'--follow' needs files or a source; name a file to follow";
    if (follow === true && files.length > 1 && isArrow(format))
      return `'--follow' of several files works with each format but ${format}`;
    if (follow === true && files.some(isStandardInput))
      return "standard input, '-', cannot be followed; it is read to its end";
    if (follow === true && options.concat === true)
      return "'--follow' reads each file on its own: leave '--concat' out";
    if (sourceConfig !== undefined) return "'--source-config' needs a source; name one with '--source'";
    if (files.length === 0) return "name a file to read, '-' for standard input, or a plugin with '--source'";
    if (files.filter(isStandardInput).length > 1) return "standard input, '-', can be read only once";
    return filesFault(files, options);
  }
  return files.length > 0 ? "name files or a '--source', not both" : undefined;
}

function ingestArguments(files: readonly string[], options: IngestCommandOptions): IngestArguments {
  return {
    files,
    filesAs: filesArguments(options),
    source: options.source,
    sourceConfig: options.sourceConfig ?? [],
    sourceProfile: options.sourceProfile,
    follow: options.follow ?? false,
    followFrom: options.followFrom,
    followIdleMs: options.followIdle,
    checkpoint: options.checkpoint,
    startOver: options.startOver ?? false,
    ...sourceArguments(options),
    maxLatencyMs: options.maxLatency,
    record: recordOf(options),
    parser: options.parser,
    config: options.config ?? [],
    profile: options.profile,
    configFile: options.configFile,
    pluginsDirectory: options.pluginsDir,
    output: options.output,
    attachmentsDirectory: options.attachments,
    rotation: rotationOf(options),
    summary: options.summary,
    ...itemArguments(options),
    spool: spoolArguments(options),
    splitColumns: options.splitColumns,
    ...selectArguments(options),
    verbose: options.verbose ?? false,
    quiet: options.quiet ?? false,
    raw: options.raw ?? false,
    excerpts: options.excerpts,
    failOnGap: options.failOnGap ?? false,
    failOnSkip: options.failOnSkip,
    parallel: options.parallel,
    quarantineDirectory: options.quarantine,
    cpuProfileDirectory: options.cpuProfile,
    limits: {
      deadlineMs: options.deadline,
      memoryBytes: options.memory === undefined ? undefined : options.memory * 1024 * 1024,
      maxRestarts: options.maxRestarts,
      maxGaps: options.maxGaps,
      environment: options.env,
    },
  };
}

function isGiven(command: Command, name: string): boolean {
  return command.getOptionValueSource(name) !== 'default' && command.getOptionValue(name) !== undefined;
}

function rotationOf({ rotateSize, rotateEvery }: IngestCommandOptions): Rotation | undefined {
  if (rotateSize === undefined && rotateEvery === undefined) return undefined;
  return { bytes: rotateSize ?? Number.POSITIVE_INFINITY, everyMs: rotateEvery ?? Number.POSITIVE_INFINITY };
}

function ownVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return manifest.version;
}
