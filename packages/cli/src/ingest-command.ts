/** `ingest`: one session for each input, their items to one output, one account of all. */
import { basename } from 'node:path';
import {
  type ConfigFile,
  type ConfigSource,
  configFromStrings,
  type IngestRequest,
  type IngestSession,
  type ParserUse,
  PluginsManager,
  readConfigFile,
  type StreamRecord,
} from '@chipmunk-host/manager';
import { UsageError } from './command-error.js';
import { reportError } from './error-report.js';
import { ExitCode } from './exit-code.js';
import type { IngestArguments } from './ingest-arguments.js';
import { callLimits, type IngestInput, inputsOf, pluginLimits, STANDARD_INPUT } from './ingest-inputs.js';
import { Interruption } from './interruption.js';
import { type ItemFormat, itemFormat } from './item-formats.js';
import { ItemOutput } from './item-output.js';
import { requireDistinct } from './output-path.js';
import { formatCount } from './quantities.js';
import { RunAccount, summaryJson, summaryText } from './run-account.js';
import { SessionProgress } from './session-progress.js';

export async function runIngest(args: IngestArguments): Promise<ExitCode> {
  using interruption = new Interruption();
  const run = new IngestRun(args, interruption);
  try {
    await run.ingestAll();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    run.fail(error);
  }
  return run.conclude();
}

class IngestRun {
  readonly #args: IngestArguments;
  readonly #interruption: Interruption;
  readonly #account = new RunAccount();
  readonly #format: ItemFormat;
  #output: ItemOutput | undefined;
  #endSession: () => void = () => {};

  constructor(args: IngestArguments, interruption: Interruption) {
    this.#args = args;
    this.#interruption = interruption;
    this.#format = itemFormat(args.format, args.separator);
  }

  async ingestAll(): Promise<void> {
    const { configFile, pluginsDirectory, verbose, limits } = this.#args;
    const file = configFile === undefined ? undefined : await readConfigFile(configFile);
    const plugin = this.#args.parser ?? file?.binaryPath;
    if (plugin === undefined)
      throw new UsageError(`the configuration file '${configFile}' has no binary_path; name a plugin with '--parser'`);
    await this.#requireOutputOfItsOwn(plugin);
    await using manager = await PluginsManager.open({
      // Only the plugins that are used are looked into.
      load: 'lazy',
      ...(pluginsDirectory === undefined ? {} : { directory: pluginsDirectory }),
      ...(verbose ? { onWarning: (message: string) => void process.stderr.write(`warning: ${message}\n`) } : {}),
    });
    const { profile } = this.#args;
    const named = profile === undefined ? {} : { profile };
    const parser = { plugin, ...named, config: this.#config(file), ...pluginLimits(limits) };
    for (const input of inputsOf(this.#args)) {
      if (this.#stopped) break;
      await this.#ingest(manager, input, parser);
    }
    await this.#output?.end(this.#interruption.signal);
    if (this.#stopped) this.#account.stop();
  }

  /** Counts and shows an error. */
  fail(error: unknown, input?: IngestInput): void {
    this.#account.addError(error);
    this.#report(error, input);
  }

  /** Shows the account, and says how to exit. */
  conclude(): ExitCode {
    const summary = this.#account.summary();
    // What was given up is never passed over in silence.
    const form = this.#args.summary ?? (summary.gaps > 0 ? 'text' : this.#defaultSummary);
    if (form === 'json') process.stderr.write(summaryJson(summary));
    else if (form === 'text') process.stderr.write(summaryText(summary));
    if (this.#interruption.exitCode !== undefined) return this.#interruption.exitCode;
    const failed = summary.status === 'failed' || (this.#args.failOnGap && summary.gaps > 0);
    return failed ? ExitCode.failed : ExitCode.ok;
  }

  /**
   * What is wrong with one input does not keep the next one from being read. What is wrong with a plugin or its configuration
   * would be wrong with all of them: that is thrown.
   */
  async #ingest(manager: PluginsManager, input: IngestInput, parser: ParserUse): Promise<void> {
    const { signal } = this.#interruption;
    const visible = SessionProgress.visible(this.#itemsOnStdout);
    using progress = visible ? new SessionProgress(basename(input.name), input.sized) : undefined;
    let session: IngestSession;
    try {
      session = await manager.ingest({
        ...this.#request(input, parser),
        signal,
        ...(progress === undefined ? {} : { onProgress: progress.update }),
      });
    } catch (error) {
      if (signal.aborted) return;
      if (!isAboutSource(error)) throw error;
      this.fail(error, input);
      return;
    }
    await this.#writeItems(session, input, progress);
  }

  #request(input: IngestInput, parser: ParserUse): IngestRequest {
    const { limits, parallel, quarantineDirectory, verbose } = this.#args;
    const source = input.open();
    const { maxRestarts } = limits;
    return {
      source: 'plugin' in source && verbose ? { ...source, ...logging('source') } : source,
      parser,
      ...callLimits(limits),
      ...(parallel === undefined ? {} : { parallel }),
      ...(maxRestarts === undefined ? {} : { recovery: { maxRestarts } }),
      ...(quarantineDirectory === undefined ? {} : { quarantineDirectory }),
      ...(verbose ? logging('plugin') : {}),
    };
  }

  async #writeItems(session: IngestSession, input: IngestInput, progress: SessionProgress | undefined): Promise<void> {
    const { signal } = this.#interruption;
    try {
      const output = await this.#openOutput();
      this.#endSession = () => void session.close();
      for await (const batch of session) {
        if (batch.record !== undefined && this.#args.verbose)
          process.stderr.write(recordText(batch.record, input.name));
        for (const chunk of this.#format(batch)) await output?.write(chunk, signal);
        if (this.#stopped) break;
      }
    } catch (error) {
      await session.close();
      if (session.summary.status === 'failed') {
        progress?.[Symbol.dispose]();
        this.#report(error, input);
      } else if (!signal.aborted || error !== signal.reason) throw error;
    } finally {
      await session.close();
      this.#account.addSession(session.summary);
    }
  }

  /** The output is made when the first session has started, so that a mistake does not cost the file that is there. */
  async #openOutput(): Promise<ItemOutput | undefined> {
    const { format, output } = this.#args;
    if (format === 'none') return undefined;
    // A source that has nothing to say for long would keep a session whose output nobody reads.
    const whenClosed = () => this.#endSession();
    this.#output ??=
      output === undefined || output === '-'
        ? ItemOutput.stdout(whenClosed)
        : await ItemOutput.file(output, whenClosed);
    return this.#output;
  }

  async #requireOutputOfItsOwn(plugin: string): Promise<void> {
    const { output, source, configFile } = this.#args;
    if (output === undefined || output === '-') return;
    const files = this.#args.files.filter((file) => file !== STANDARD_INPUT);
    const others = [source, configFile].filter((path) => path !== undefined);
    await requireDistinct(output, [...files, plugin, ...others]);
  }

  /** Values of the command line win over those of the file. */
  #config(file: ConfigFile | undefined): ConfigSource {
    const pairs = this.#args.config;
    return (schemas) => ({ ...file?.values, ...configFromStrings(schemas, pairs) });
  }

  get #stopped(): boolean {
    return this.#interruption.signal.aborted || this.#output?.closed === true;
  }

  get #itemsOnStdout(): boolean {
    const { format, output } = this.#args;
    return format !== 'none' && (output === undefined || output === '-');
  }

  /** A pipe or a log gets no account that nobody asked for, unless it is all that there is. */
  get #defaultSummary(): 'text' | undefined {
    return process.stderr.isTTY === true || this.#args.format === 'none' ? 'text' : undefined;
  }

  #report(error: unknown, input: IngestInput | undefined): void {
    reportError(error, { verbose: this.#args.verbose, ...(input === undefined ? {} : { input: input.name }) });
  }
}

function logging(who: string): Pick<IngestRequest, 'logLevel' | 'onLog'> {
  return {
    logLevel: 'debug',
    onLog: ({ level, message }) => void process.stderr.write(`${who} ${level}: ${message}\n`),
  };
}

function recordText(record: StreamRecord, input: string): string {
  const { offset, error } = record;
  const why = error === undefined ? 'its memory had grown' : `${error.code ?? error.name}: ${error.message}`;
  return `${recordName(record)} at ${input}:${offset}: ${why}\n`;
}

function recordName(record: StreamRecord): string {
  if (record.type === 'gap') return `gap of ${formatCount(record.length, 'byte')}`;
  if (record.reason === 'recycled') return 'fresh instance';
  return record.side === 'source' ? 'restart of the source' : 'restart';
}

function isAboutSource(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  return code === 'ERR_SOURCE_OPEN' || code === 'ERR_SOURCE_READ';
}
