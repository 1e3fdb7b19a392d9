/** `show`: writes rows of a spool, as `ingest` writes items. */
import { BatchSelector, selects, timeRange } from '@chipmunk-host/hosts/internal/select';
import {
  ItemCounts,
  type RenderOptions,
  readElement,
  type SelectOptions,
  type StreamElement,
} from '@chipmunk-host/manager';
import type { SpoolError, SpoolFrame, SpoolReader, SpoolReadOptions } from '@chipmunk-host/spool';
import { countsText } from '../formats/counts-text.js';
import { isBinary } from '../formats/format-names.js';
import type { FormatArguments } from '../formats/item-formats.js';
import { withFilterPreset } from '../ingest/filter-preset.js';
import type { SelectArguments } from '../ingest/ingest-arguments.js';
import { isStandardOutput } from '../ingest/input-names.js';
import { onOwnLines, recordText } from '../ingest/record-text.js';
import { requireCompression } from '../output/compression.js';
import { InputGuard, pathPlace, STANDARD_OUTPUT } from '../output/input-guard.js';
import { loadSpoolPackage } from '../output/spool-package.js';
import { standardError, standardOutput } from '../output/standard-streams.js';
import { UsageError } from '../terminal/command-error.js';
import { reportError } from '../terminal/error-report.js';
import { ExitCode } from '../terminal/exit-code.js';
import { Interruption } from '../terminal/interruption.js';
import { RowOutput } from './row-output.js';
import { printSpoolInfo } from './spool-info.js';

export interface ShowArguments extends FormatArguments, SelectArguments {
  /** Of the spool. */
  readonly directory: string;
  /** In which form to print what is in the spool. Undefined: its rows are written. */
  readonly info: 'text' | 'json' | undefined;
  readonly fromRow: number | undefined;
  /** Number of the only input whose rows are written. Undefined: all. */
  readonly input: number | undefined;
  readonly follow: boolean;
  /** Undefined, or `-`: stdout. */
  readonly output: string | undefined;
  readonly withFilename: boolean | undefined;
  readonly verbose: boolean;
  readonly quiet: boolean;
  readonly raw: boolean;
}

/** Exit code: 0 when all was shown, 1 when some of it was damaged, or could not be read or written. */
export async function runShow(args: ShowArguments): Promise<ExitCode> {
  if (args.raw) {
    standardOutput.sendControls();
    standardError.sendControls();
  }
  const isOnStdout = args.format !== 'none' && (args.output === undefined || isStandardOutput(args.output));
  if (args.info === undefined && isBinary(args.format) && isOnStdout && standardOutput.showsControls)
    throw new UsageError(`${args.format} is binary and not for a terminal; send it to a file, or use '--raw'`);
  if (!isOnStdout && args.output !== undefined) requireCompression(args.output);
  using interruption = new Interruption();
  try {
    const { Spool } = await loadSpoolPackage();
    await using reader = await Spool.open(args.directory);
    if (args.info !== undefined) return await printSpoolInfo(reader, args.directory, args.info);
    const output = isOnStdout ? STANDARD_OUTPUT : { name: `'--output ${args.output}'`, at: args.output ?? '' };
    if (args.format !== 'none') await (await InputGuard.of([output])).check([pathPlace(args.directory)]);
    const damaged = await new ShowRun(args, reader, interruption.signal).writeAll();
    return interruption.exitCode ?? (damaged ? ExitCode.failed : ExitCode.ok);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (interruption.exitCode !== undefined && error === interruption.signal.reason) return interruption.exitCode;
    reportError(error, { verbose: args.verbose });
    return ExitCode.failed;
  }
}

class ShowRun {
  readonly #args: ShowArguments;
  readonly #reader: SpoolReader;
  readonly #signal: AbortSignal;
  readonly #renderOptions: RenderOptions;
  readonly #ending = new AbortController();
  #damaged = false;
  #warned = false;

  constructor(args: ShowArguments, reader: SpoolReader, signal: AbortSignal) {
    this.#args = args;
    this.#reader = reader;
    this.#signal = signal;
    this.#renderOptions = (reader.about.renderOptions as RenderOptions | undefined) ?? { columns: undefined };
  }

  /** @returns whether something was damaged */
  async writeAll(): Promise<boolean> {
    const { count, preset } = this.#args;
    const select = await withFilterPreset(this.#args.select, preset);
    const captions = this.#renderOptions.columns?.columns.map(({ caption }) => caption) ?? [];
    this.#requireTimes(select);
    const counts = count === undefined ? undefined : new ItemCounts(count === 'all' ? undefined : count.column);
    counts?.requireColumn(this.#renderOptions);
    const selector = selects(select) ? await BatchSelector.load(select, captions) : undefined;
    const sources = new Set([...this.#reader.blocks()].map(({ entry }) => entry.source));
    const output = await RowOutput.open(this.#args, this.#renderOptions, sources.size > 1, this.#signal, () =>
      this.#ending.abort(),
    );
    try {
      const first = await this.#firstRow(select);
      if (first !== undefined && selector?.isDone !== true) await this.#write(first, select, selector, output, counts);
      if (count !== undefined && counts !== undefined) await output.write(countsText(counts, count, this.#args));
      await output.finish();
    } catch (error) {
      const left = await output.abandon();
      if (left !== undefined) standardError.print(`${left}\n`);
      throw error;
    }
    return this.#damaged;
  }

  async #write(
    first: number,
    select: SelectOptions,
    selector: BatchSelector | undefined,
    output: RowOutput,
    counts: ItemCounts | undefined,
  ): Promise<void> {
    for await (const frame of this.#frames(first, select)) {
      if (this.#signal.aborted || output.closed) return;
      const before = Math.max(0, first - frame.row);
      const element = readElement(await this.#selected(frame, before, selector));
      if (element.type === 'batch') {
        if (counts !== undefined) counts.add(element, this.#renderOptions);
        else await output.add(element);
      } else {
        await output.record(element);
        if (this.#args.verbose) standardError.print(shownRecord(element, element.sourceName ?? this.#args.directory));
      }
      if (selector?.isDone === true) return;
      if (this.#args.follow) await output.flush();
    }
  }

  /** The first batch may have rows before the first one that is asked for. */
  async #selected(frame: SpoolFrame, before: number, selector: BatchSelector | undefined): Promise<Uint8Array> {
    if (frame.rows === 0 || (selector === undefined && before === 0)) return frame.bytes;
    return (selector ?? (await BatchSelector.load({}, []))).select(frame.bytes, before);
  }

  #frames(fromRow: number, { since, until }: SelectOptions): AsyncIterable<SpoolFrame> {
    const { input, follow } = this.#args;
    const times = timeRange(since, until);
    const blocks: SpoolReadOptions['blocks'] = ({ entry }) =>
      (input === undefined || entry.source === input) &&
      (times === undefined || (entry.lastTime >= times.first && entry.firstTime <= times.last));
    const onDamage = (error: SpoolError) => this.#note(error);
    const options = { fromRow, blocks, onDamage };
    const signal = AbortSignal.any([this.#signal, this.#ending.signal]);
    return follow ? this.#reader.follow({ ...options, signal }) : this.#reader.frames(options);
  }

  /** Undefined when there is no such row, and none will come. */
  async #firstRow({ fromOffset = 0 }: SelectOptions): Promise<number | undefined> {
    const { fromRow, input = 0, follow } = this.#args;
    const { firstRow, endRow } = this.#reader;
    if (fromRow !== undefined && fromRow < firstRow) this.#warn(firstRow);
    if (fromRow !== undefined) return Math.max(fromRow, firstRow);
    if (fromOffset === 0) return firstRow;
    return (await this.#reader.atOffset(fromOffset, input)) ?? (follow ? endRow : undefined);
  }

  #warn(firstRow: number): void {
    if (this.#args.quiet || this.#warned) return;
    this.#warned = true;
    standardError.print('warning', 'warning');
    standardError.print(`: the rows before ${firstRow} were removed from the spool, which is bounded\n`);
  }

  /** @throws UsageError when no row has a time */
  #requireTimes({ since, until }: SelectOptions): void {
    const option = since !== undefined ? '--since' : until !== undefined ? '--until' : undefined;
    if (option === undefined || this.#args.follow) return;
    for (const { entry } of this.#reader.blocks()) if (entry.lastTime > -(2n ** 63n)) return;
    throw new UsageError(`'${option}' is for rows that have times; those of '${this.#args.directory}' have none`);
  }

  #note(error: SpoolError): void {
    this.#damaged = true;
    reportError(error, { verbose: this.#args.verbose });
  }
}

function shownRecord(record: StreamRecord, input: string): string {
  if (record.type !== 'source') return recordText(record, input);
  return `${record.event} at ${input}:${record.offset}: ${onOwnLines(record.message)}\n`;
}

type StreamRecord = Exclude<StreamElement, { readonly type: 'batch' }>;
