/** `ingest`: one session for each input, their items to one output, one summary of all. */
import { basename } from 'node:path';
import {
  type ConfigFile,
  type ConfigSchema,
  type ConfigSource,
  configFromStrings,
  type Gap,
  type IngestSession,
  type IngestSource,
  ItemCounts,
  type ParserUse,
  PluginsManager,
  type Restart,
  readConfigFile,
  type SelectOptions,
  type SourceNotice,
} from '@chipmunk-host/manager';
import { countsText } from '../formats/counts-text.js';
import { type FormatName, isBinary } from '../formats/format-names.js';
import { type FormattedItems, formattedItems } from '../formats/item-formats.js';
import { lossWarning, skippedShare } from '../loss/loss-warning.js';
import { requireCompression } from '../output/compression.js';
import { InputGuard, type NamedPlace } from '../output/input-guard.js';
import { standardError, standardOutput } from '../output/standard-streams.js';
import { printWarning } from '../plugins/command-output.js';
import { UsageError } from '../terminal/command-error.js';
import { reportError } from '../terminal/error-report.js';
import { ExitCode } from '../terminal/exit-code.js';
import { Interruption } from '../terminal/interruption.js';
import { oneLine } from '../terminal/terminal-text.js';
import { allOf } from './all-of.js';
import { withFilterPreset } from './filter-preset.js';
import type { IngestArguments } from './ingest-arguments.js';
import { type IngestInput, inputsOf, meantFiles, pluginLimits } from './ingest-inputs.js';
import { configuredPlaces, inputPlaces, itemsOnStdout, outputPlaces, pluginPlaces } from './ingest-places.js';
import { DETECT, detectedParser, soleParser } from './parser-choice.js';
import { commandFailed, logging, recordText, tellOfSource } from './record-text.js';
import { RunAccount, summaryJson, summaryText } from './run-account.js';
import { RunCheckpoints } from './run-checkpoints.js';
import { RunOutput } from './run-output.js';
import { ingestRequest, profileValues, type Values } from './run-request.js';
import { RunSpool } from './run-spool.js';
import { isAboutSource, lossName, unreadBytes } from './session-input.js';
import { SessionProgress } from './session-progress.js';

import { WrittenCounts } from './written-counts.js';

/** With several inputs, each item says which one it is from. */
const NAMED_FORMATS: readonly FormatName[] = ['ndjson', 'csv', 'arrow', 'arrow-file'];

const STATUS_EMPHASIS = { completed: 'good', stopped: 'warning', failed: 'error' } as const;

export async function runIngest(args: IngestArguments): Promise<ExitCode> {
  if (args.raw) {
    standardOutput.sendControls();
    standardError.sendControls();
  }
  if (isBinary(args.format) && itemsOnStdout(args) && standardOutput.showsControls)
    throw new UsageError(
      `${args.format} is binary and not for a terminal; send it to a file or a program, or use '--raw'`,
    );
  if (args.format !== 'none' && args.output !== undefined) requireCompression(args.output);
  using interruption = new Interruption();
  let files: readonly string[] = args.files;
  let unmatched: { readonly error: unknown } | undefined;
  try {
    files = await meantFiles(args);
  } catch (error) {
    unmatched = { error };
  }
  const run = new IngestRun({ ...args, files }, interruption);
  try {
    if (unmatched !== undefined) throw unmatched.error;
    await run.ingestAll();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    run.fail(error);
  }
  await run.closeOutput();
  return run.conclude();
}

class IngestRun {
  readonly #args: IngestArguments;
  readonly #interruption: Interruption;
  readonly #account = new RunAccount();
  readonly #output: RunOutput;
  readonly #spool: RunSpool | undefined;
  /** What is written in place of items. */
  readonly #counts: ItemCounts | undefined;
  /** Sessions whose items are written, or were to be. */
  #sessions = 0;
  #guard: InputGuard | undefined;
  #select: SelectOptions = {};
  /** What the plugins' configurations let them read; known when a session has started. */
  readonly #configured: NamedPlace[] = [];
  /** Sessions that are under way: several where files are followed. */
  readonly #open = new Set<IngestSession>();
  #checkpoints: RunCheckpoints | undefined;
  /** What is made of elements is written one after the other, whichever session they are of. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Whether a command that was read has ended with an error. */
  #commandFailed = false;

  constructor(args: IngestArguments, interruption: Interruption) {
    this.#args = args;
    if (args.count !== undefined) this.#counts = new ItemCounts(args.count === 'all' ? undefined : args.count.column);
    this.#interruption = interruption;
    if (args.spool !== undefined) this.#spool = new RunSpool(args.spool);
    // A source that has nothing to say for long would keep a session whose output nobody reads.
    this.#output = new RunOutput(args, interruption.signal, () => {
      for (const session of this.#open) void session.close();
    });
  }

  async ingestAll(): Promise<void> {
    const { configFile, pluginsDirectory, verbose, limits } = this.#args;
    const file = configFile === undefined ? undefined : await readConfigFile(configFile);
    const asked = this.#args.parser ?? file?.binaryPath;
    const named = asked === DETECT ? undefined : asked;
    const { source, profile, sourceProfile, select, preset } = this.#args;
    this.#select = await withFilterPreset(select, preset);
    const { checkpoint } = this.#args;
    if (checkpoint !== undefined) this.#checkpoints = await RunCheckpoints.open(checkpoint);
    this.#guard = await InputGuard.of(outputPlaces(this.#args));
    await this.#guard.check(
      inputPlaces(
        this.#args,
        [named, source].filter((plugin) => plugin !== undefined),
      ),
    );
    await using manager = await PluginsManager.open({
      createDirectory: true,
      // Only the plugins that are used are looked into.
      load: 'lazy',
      ...(pluginsDirectory === undefined ? {} : { directory: pluginsDirectory }),
      ...(verbose ? { onWarning: printWarning } : {}),
    });
    const inputs = inputsOf(this.#args);
    const plugin = named ?? (await this.#chosenParser(manager, inputs, asked === DETECT));
    await this.#guard.check(pluginPlaces(manager, [plugin, ...(source === undefined ? [] : [source])]));
    const saved = {
      parser: await profileValues(manager, 'parser', plugin, profile),
      source: await profileValues(manager, 'bytesource', source ?? '', sourceProfile),
    };
    const chosen = profile === undefined ? {} : { profile };
    const config = this.#noting(this.#config(file), saved.parser);
    const parser = { plugin, ...chosen, config, ...pluginLimits(limits) };
    const ingest = async (input: IngestInput, index: number) =>
      this.#ingest(manager, input, parser, saved.source, { number: index + 1, of: inputs.length });
    // One that is followed may never end.
    if (this.#args.follow) await allOf(inputs.map(ingest));
    else
      for (const [index, input] of inputs.entries()) {
        if (this.#stopped) break;
        await ingest(input, index);
      }
    const { count } = this.#args;
    if (count !== undefined && this.#counts !== undefined && this.#sessions > 0 && !this.#account.failed)
      await this.#output.items?.write(countsText(this.#counts, count, this.#args), this.#interruption.signal);
    if (this.#stopped) this.#account.stop();
  }

  /** @throws UsageError when it is not clear which parser is meant; what `detectedParser` throws */
  async #chosenParser(manager: PluginsManager, inputs: readonly IngestInput[], detect: boolean): Promise<string> {
    const { name, why } = detect
      ? await detectedParser(manager, inputs, this.#interruption.signal)
      : soleParser(manager.plugins());
    if (!this.#args.quiet)
      standardError.print(`note: the parser is '${oneLine(name)}' (${why}); --parser chooses another\n`);
    return name;
  }

  /** Puts an output file in its place, unless the run has failed. */
  async closeOutput(): Promise<void> {
    try {
      await this.#spool?.close();
    } catch (error) {
      this.fail(error);
    }
    try {
      if (!this.#account.failed) {
        await this.#checkpoints?.finish();
        return await this.#output.finish();
      }
      await this.#checkpoints?.finish();
    } catch (error) {
      this.fail(error);
    }
    await this.#output.abandon();
  }

  /** Counts and shows an error. */
  fail(error: unknown, input?: IngestInput): void {
    this.#account.addError(error);
    this.#report(error, input);
  }

  /** Shows the account, and says how to exit. */
  conclude(): ExitCode {
    const summary = this.#account.summary(this.#output.attachments);
    // What was given up is never passed over in silence.
    const { quiet, summary: asked } = this.#args;
    const form = asked ?? (quiet ? undefined : summary.gaps > 0 ? 'text' : this.#defaultSummary);
    if (form === 'json') standardError.print(summaryJson(summary));
    else if (form === 'text') {
      const { status } = summary;
      standardError.print(status, STATUS_EMPHASIS[status]);
      standardError.print(summaryText(summary, this.#args.verbose, asked !== undefined).slice(status.length));
    }
    if (this.#interruption.exitCode !== undefined) return this.#interruption.exitCode;
    const unkept = (summary.quarantine?.failed ?? 0) > 0;
    const { failOnGap, failOnSkip = 1 } = this.#args;
    const lost = (failOnGap && summary.gaps > 0) || this.#account.largestSkippedShare > failOnSkip;
    const failed = summary.status === 'failed' || unkept || lost || this.#commandFailed;
    return failed ? ExitCode.failed : ExitCode.ok;
  }

  /**
   * What is wrong with one input does not keep the next one from being read. What is wrong with a plugin or its configuration
   * would be wrong with all of them: that is thrown.
   */
  async #ingest(
    manager: PluginsManager,
    input: IngestInput,
    parser: ParserUse,
    saved: Values,
    at: { readonly number: number; readonly of: number },
  ): Promise<void> {
    const { signal } = this.#interruption;
    const { follow, quiet, startOver } = this.#args;
    const from = this.#checkpoints?.of(input.label);
    const visible = !quiet && !(follow && at.of > 1) && SessionProgress.visible(itemsOnStdout(this.#args));
    using progress = visible ? new SessionProgress(basename(input.name), at) : undefined;
    let session: IngestSession;
    let items: FormattedItems;
    try {
      session = await manager.ingest({
        ...ingestRequest(this.#args, this.#source(input, saved), parser, this.#select, this.#output.ring),
        ...(from === undefined ? {} : { from, startOver }),
        signal: this.#sessionSignal,
        ...(progress === undefined ? {} : { onProgress: progress.update }),
      });
      this.#open.add(session);
      await this.#begun(session, input);
      items = await this.#format(session, input);
    } catch (error) {
      if (signal.aborted) return;
      if (!isAboutSource(error)) throw error;
      this.fail(error, input);
      return;
    }
    await this.#writeItems(session, items, input, String(parser.plugin), progress);
  }

  /** @throws HostError when the parser has not what is to be written: then it has no more of it for any other input */
  async #format(session: IngestSession, input: IngestInput): Promise<FormattedItems> {
    const source = { number: input.number, name: this.#namesInputs ? input.label : undefined };
    try {
      const needsBatches = this.#spool !== undefined;
      const isFirst = this.#sessions++ === 0 && this.#checkpoints?.resumes !== true;
      const output = { isFirst, arrow: this.#output.arrow, needsBatches };
      return formattedItems(session, this.#args, source, output, this.#counts);
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  #source(input: IngestInput, saved: Values): IngestSource {
    const source = input.open();
    if (!('plugin' in source)) return source;
    return { ...source, config: this.#noting(source.config, saved), ...(this.#args.verbose ? logging('source') : {}) };
  }

  async #writeItems(
    session: IngestSession,
    items: FormattedItems,
    input: IngestInput,
    parser: string,
    progress: SessionProgress | undefined,
  ): Promise<void> {
    const { signal } = this.#interruption;
    const counts = new WrittenCounts();
    try {
      await this.#guard?.check(this.#configured);
      await this.#spool?.open(parser, session.info.renderOptions);
      const output = await this.#inTurn(() => this.#output.open(this.#checkpoints?.outputBytes));
      const keepAttachments = this.#output.attachmentsOf(input.label);
      if (items.header.length > 0) await this.#inTurn(async () => output?.write(items.header, signal));
      for await (const element of items.elements) {
        await this.#inTurn(async () => {
          if (element.type === 'gap' || element.type === 'restart') this.#tell(element, input);
          if (element.type === 'source') this.#tellOfSource(element, input);
          if (element.type !== 'encoded') await this.#spool?.append(element, input.number);
          if (element.type === 'batch') await keepAttachments?.(element);
          for (const chunk of items.chunks(element)) await output?.write(chunk, signal);
          counts.accepted(session.summary, output?.acceptedBytes ?? 0, output?.writtenBytes ?? 0);
          this.#checkpoints?.passed(input.label, session, element, output);
        });
        if (this.#stopped) break;
      }
      await this.#checkpoints?.leave(input.label, session);
      await output?.flush(signal);
    } catch (error) {
      await session.close();
      if (session.summary.status === 'failed') {
        progress?.[Symbol.dispose]();
        this.#account.note(error);
        this.#report(error, input);
      } else if (!signal.aborted || error !== signal.reason) throw error;
    } finally {
      await session.close();
      this.#open.delete(session);
      const output = this.#output.items;
      const written = output === undefined || output.whole ? counts.all : counts.upTo(output.writtenBytes);
      const summary = { ...session.summary, ...written };
      this.#account.addSession(summary, session.metrics(), input.name, unreadBytes(session));
      progress?.[Symbol.dispose]();
      const loss = lossWarning(lossName(input), session.inputHead, summary);
      // A failure is never without a message.
      const fails = skippedShare(summary) > (this.#args.failOnSkip ?? 1);
      if (loss !== undefined && (fails || !this.#args.quiet)) printWarning(loss);
    }
  }

  async #begun(session: IngestSession, input: IngestInput): Promise<void> {
    try {
      await this.#checkpoints?.begin(input.label, session);
    } catch (error) {
      this.#open.delete(session);
      await session.close();
      throw error;
    }
  }

  async #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(action);
    this.#turn = done.catch(() => {});
    return done;
  }

  /** With checkpoints, an interruption has sessions deliver what they have read, so that the next run goes on behind it. */
  get #sessionSignal(): AbortSignal {
    const { signal } = this.#interruption;
    if (this.#checkpoints === undefined) return signal;
    const before = new AbortController();
    signal.addEventListener('abort', () => {
      if (this.#open.size === 0) before.abort(signal.reason);
      for (const session of this.#open) session.stop();
    });
    return before.signal;
  }

  #tell(record: Gap | Restart, input: IngestInput): void {
    if (record.error !== undefined) this.#account.note(record.error);
    if (this.#args.verbose) standardError.print(recordText(record, input.name));
  }

  #tellOfSource(notice: SourceNotice, input: IngestInput): void {
    if (commandFailed(notice)) this.#commandFailed = true;
    tellOfSource(notice, input.name, this.#args, printWarning);
  }

  /** Values of the command line win over those of the file. */
  #config(file: ConfigFile | undefined): (schemas: readonly ConfigSchema[]) => Values {
    const pairs = this.#args.config;
    return (schemas) => ({ ...file?.values, ...configFromStrings(schemas, pairs) });
  }

  /** A configuration whose files and directories are noted as what is read. @param saved values of a profile, which it wins over */
  #noting(config: ConfigSource | undefined, saved: Values): ConfigSource {
    return (schemas) => {
      const values = typeof config === 'function' ? config(schemas) : (config ?? {});
      this.#configured.push(...configuredPlaces(schemas, { ...saved, ...values }));
      return values;
    };
  }

  get #namesInputs(): boolean {
    const { files, format, withFilename } = this.#args;
    return withFilename ?? (NAMED_FORMATS.includes(format) && files.length > 1);
  }

  get #stopped(): boolean {
    return this.#interruption.signal.aborted || this.#output.items?.closed === true;
  }

  /** A pipe or a log gets no account that nobody asked for, unless it is all that there is. */
  get #defaultSummary(): 'text' | undefined {
    return process.stderr.isTTY === true || this.#args.format === 'none' ? 'text' : undefined;
  }

  #report(error: unknown, input: IngestInput | undefined): void {
    reportError(error, { verbose: this.#args.verbose, ...(input === undefined ? {} : { input: input.name }) });
  }
}
