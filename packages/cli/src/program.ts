/** The commands and their options. Their work is loaded when it is asked for, so that help and mistakes answer at once. */
import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { ExitCode } from './exit-code.js';
import { FORMATS, type FormatName, type IngestArguments, SUMMARIES, type SummaryForm } from './ingest-arguments.js';

interface IngestOptions {
  readonly parser?: string;
  readonly config?: readonly (readonly [string, string])[];
  readonly configFile?: string;
  readonly pluginsDir?: string;
  readonly format: FormatName;
  readonly output?: string;
  readonly summary?: SummaryForm;
  readonly separator: string;
  readonly verbose?: boolean;
}

const EXAMPLES = `
Examples:
  chipmunk-host ingest trace.log --parser string-parser
  chipmunk-host ingest a.log b.log --parser ./my-parser.wasm --config level=3 --format ndjson --output items.ndjson
  chipmunk-host ingest trace.log --parser string-parser --format none --summary json

Exit codes: 0 done, 1 a session failed, 2 wrong usage, 130 or 143 ended by SIGINT or SIGTERM.`;

/** @param done gets the exit code of the command that was run */
export function createProgram(done: (exitCode: ExitCode) => void): Command {
  const program = new Command('chipmunk-host')
    .description('Runs Chipmunk plugins over log files.')
    .version(ownVersion())
    .exitOverride()
    .showHelpAfterError('(--help shows the options)');

  const ingest = program
    .command('ingest')
    .description('Read log files through a parser plugin and write the items.')
    .argument('<file...>', 'log files, read one after the other')
    .option('-p, --parser <plugin>', 'name of a plugin, or path of a .wasm file')
    .option('-c, --config <id=value>', 'a value for the plugin, typed by its schema; once for each value', addPair)
    .option('--config-file <file>', "values from a TOML file in the form of Chipmunk's plugin benchmarks")
    .option('--plugins-dir <directory>', 'where plugins are installed (default: ~/.chipmunk/plugins)')
    .addOption(new Option('-f, --format <format>', 'how items are written').choices(FORMATS).default('text'))
    .option('-o, --output <file>', 'write items to a file, replacing it, instead of stdout')
    .addOption(new Option('--summary <form>', 'print the account of the run on stderr at its end').choices(SUMMARIES))
    .addOption(new Option('--separator <text>', 'between columns in the text format').default('\t', 'a tab'))
    .option('-v, --verbose', "show the plugin's log, gaps and restarts, warnings, and stacks of errors")
    .addHelpText('after', EXAMPLES)
    .action(async (files: readonly string[], options: IngestOptions) => {
      if (options.parser === undefined && options.configFile === undefined)
        ingest.error("error: name a plugin with '--parser', or a '--config-file' that has a binary_path");
      const { runIngest } = await import('./ingest-command.js');
      done(await runIngest(ingestArguments(files, options)));
    });

  const plugins = program.command('plugins').description('Show what plugins there are.');
  plugins
    .command('list')
    .description('List the plugins that can be used by name.')
    .option('--plugins-dir <directory>', 'where plugins are installed (default: ~/.chipmunk/plugins)')
    .option('--json', 'as a JSON array')
    .action(async (options: { readonly pluginsDir?: string; readonly json?: boolean }) => {
      const { runPluginsList } = await import('./plugins-command.js');
      done(await runPluginsList({ pluginsDirectory: options.pluginsDir, json: options.json ?? false }));
    });
  return program;
}

function ingestArguments(files: readonly string[], options: IngestOptions): IngestArguments {
  return {
    files,
    parser: options.parser,
    config: options.config ?? [],
    configFile: options.configFile,
    pluginsDirectory: options.pluginsDir,
    format: options.format,
    output: options.output,
    summary: options.summary,
    separator: options.separator,
    verbose: options.verbose ?? false,
  };
}

function addPair(text: string, before: readonly (readonly [string, string])[] = []) {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError("Expected 'id=value'.");
  return [...before, [text.slice(0, at), text.slice(at + 1)] as const];
}

function ownVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return manifest.version;
}
