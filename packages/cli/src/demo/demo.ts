/** `npm run demo [FILE]`: a log through string-parser, the figures beside those of Node's readline, and a DLT file through dlt-parser. */
import { mkdir, stat } from 'node:fs/promises';
import { freemem } from 'node:os';
import { join, relative } from 'node:path';
import { PluginsManager } from '@chipmunk-host/manager';
import Table from 'cli-table3';
import { reportError } from '../terminal/error-report.js';
import { ExitCode } from '../terminal/exit-code.js';
import { Interruption } from '../terminal/interruption.js';
import { formatBytes, formatCount, formatDuration, formatRate } from '../terminal/quantities.js';
import { dltAct } from './dlt-act.js';
import { ingestRun, type MeasuredRun, readlineRun, warmUp } from './measured-runs.js';
import { sampleLog } from './sample-log.js';

const SAMPLE_BYTES = 256 * 1024 * 1024;
const FIRST_ITEMS = 5;
/** What of a long item is shown. */
const SHOWN_UNITS = 110;

export interface DemoOptions {
  /** The log to read; undefined for one that is made. */
  readonly file: string | undefined;
  /** Where the sample log and the plugins directory are kept. */
  readonly directory: string;
}

export async function runDemo(options: DemoOptions): Promise<ExitCode> {
  using interruption = new Interruption();
  try {
    return await demonstrate(options, interruption.signal);
  } catch (error) {
    if (interruption.exitCode !== undefined) return interruption.exitCode;
    reportError(withHelp(error), { verbose: false });
    return ExitCode.failed;
  }
}

async function demonstrate({ file: given, directory }: DemoOptions, signal: AbortSignal): Promise<ExitCode> {
  const pluginsDirectory = join(directory, 'plugins');
  await mkdir(pluginsDirectory, { recursive: true });
  await using manager = await PluginsManager.open({ directory: pluginsDirectory, load: 'lazy' });
  const file = given ?? (await makeSample(join(directory, 'sample-256MiB.log'), signal));
  const bytes = await fileBytes(file);
  if (bytes !== undefined) {
    if (bytes < freemem() / 2) await warmUp(file, signal);
    await startPlugin(manager);
  }

  const common = { file, first: FIRST_ITEMS, signal };
  const undecoded = await ingestRun(manager, { ...common, name: 'string-parser, items not decoded', decode: false });
  const { firstTexts, summary } = undecoded;
  say(firstTexts.length === 0 ? 'The log has no items.' : 'The first items:');
  for (const text of firstTexts) say(`  ${text.length > SHOWN_UNITS ? `${text.slice(0, SHOWN_UNITS)}…` : text}`);
  const { items, skippedBytes, durationMs } = summary;
  const skipped = skippedBytes === 0 ? 'nothing' : formatCount(skippedBytes, 'byte');
  say(
    `\n${summary.status}: ${formatCount(items, 'item')} from ${formatBytes(summary.bytes)} in ${formatDuration(durationMs)}, ${skipped} skipped\n`,
  );

  const decoded = await ingestRun(manager, { ...common, name: 'string-parser, every item decoded', decode: true });
  const readline = await readlineRun("Node's readline", file, signal);
  say(comparison([undecoded, decoded, readline], readline, summary.bytes));
  const exitCode = verdict(undecoded, decoded, readline, given !== undefined);
  // Who names a log wants to see that one.
  if (exitCode !== ExitCode.ok || given !== undefined) return exitCode;
  return await dltAct(manager, directory, signal, say);
}

async function makeSample(path: string, signal: AbortSignal): Promise<string> {
  const startedAt = performance.now();
  const { written } = await sampleLog(path, SAMPLE_BYTES, signal);
  const how = written ? `written in ${formatDuration(performance.now() - startedAt)}` : 'kept from the last time';
  say(`Sample log: ${relative(process.cwd(), path)}, ${SAMPLE_BYTES / 2 ** 20} MiB, ${how}`);
  return path;
}

function comparison(runs: readonly MeasuredRun[], baseline: MeasuredRun, bytes: number): string {
  const table = new Table({
    head: ['', 'lines', 'time', 'throughput', 'vs readline'],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { name, lines, ms } of runs) {
    const rate = formatRate((bytes / ms) * 1000);
    table.push([name, lines.toLocaleString('en-US'), formatDuration(ms), rate, `${(baseline.ms / ms).toFixed(1)} x`]);
  }
  return table.toString();
}

/** The sides must agree about the sample. In other logs readline ends lines where the plugin does not. */
function verdict(undecoded: MeasuredRun, decoded: MeasuredRun, readline: MeasuredRun, isGiven: boolean): ExitCode {
  if (undecoded.lines === decoded.lines && decoded.lines === readline.lines && decoded.units === readline.units) {
    say(`All agree: ${formatCount(readline.lines, 'line')}, ${formatCount(readline.units ?? 0, 'character')}.`);
    return ExitCode.ok;
  }
  say(
    `They do not agree: ${decoded.lines} and ${readline.lines} lines, ${decoded.units} and ${readline.units} characters.`,
  );
  if (!isGiven || undecoded.lines !== decoded.lines) return ExitCode.failed;
  say('Readline also ends lines at a CR without an LF, and in newer versions of Node at U+2028 and U+2029.');
  return ExitCode.ok;
}

/** Undefined for what is no file: the session says what is wrong with it. */
async function fileBytes(file: string): Promise<number | undefined> {
  const status = await stat(file).catch(() => undefined);
  return status?.isFile() ? status.size : undefined;
}

/** Compiling it is no part of reading a log: a server does it once. */
async function startPlugin(manager: PluginsManager): Promise<void> {
  const startedAt = performance.now();
  const { version } = await manager.inspect('string-parser');
  const name = `string-parser ${version.major}.${version.minor}.${version.patch}`;
  say(`Plugin: ${name}, compiled and started in ${formatDuration(performance.now() - startedAt)}\n`);
}

function withHelp(error: unknown): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') return error;
  return Object.assign(new Error('There is not enough space for the sample log.', { cause: error }), {
    code: 'ENOSPC',
    help: `Free ${formatBytes(SAMPLE_BYTES)}, or name a log: npm run demo -- FILE`,
  });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
