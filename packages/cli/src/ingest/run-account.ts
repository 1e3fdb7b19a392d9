/** The summary of one run over all of its inputs, and its forms. */
import type { QuarantineSummary, SessionMetrics, SessionSummary } from '@chipmunk-host/manager';
import { skippedShare } from '../loss/loss-warning.js';
import { parseErrorLines, RunParseErrorCounts, type RunParseErrors } from '../loss/parse-errors.js';
import { errorCode, errorMessage } from '../terminal/error-report.js';
import { formatBytes, formatCount, formatDuration, formatRate } from '../terminal/quantities.js';
import { oneLine } from '../terminal/terminal-text.js';
import { bottleneckLine, type RunBottleneck, RunBottlenecks } from './run-bottleneck.js';

/** Code units of a message in the summary for people. */
const MAX_MESSAGE = 300;

export interface AttachmentSums {
  readonly files: number;
  readonly bytes: number;
  readonly directory: string;
}

export interface RunSummary {
  /** `stopped`: ended early because the user, or the reader of the output, wanted no more. */
  readonly status: 'completed' | 'stopped' | 'failed';
  /** Inputs that a session was started for: files, standard input, a source. */
  readonly files: number;
  readonly bytes: number;
  readonly items: number;
  readonly skippedBytes: number;
  /** Items that the selection left out. */
  readonly filteredItems: number;
  /** The part of `bytes` of which these were made. */
  readonly filteredBytes: number;
  /** Inputs that were not read behind the last item that `--limit` allows. */
  readonly limited: number;
  /** Bytes behind these items, as far as the lengths of the inputs are known. */
  readonly unreadBytes: number;
  /** The errors for which parsers skipped input. */
  readonly parseErrors: RunParseErrors;
  readonly gaps: number;
  /** The part of `bytes` that is in gaps. */
  readonly gapBytes: number;
  readonly restarts: number;
  readonly sourceRestarts: number;
  readonly recycled: number;
  /** How many errors of each code. */
  readonly errors: Readonly<Record<string, number>>;
  /** The first message of each code, as far as there is one. */
  readonly firstErrors: Readonly<Record<string, string>>;
  /** What became of input on which the parser failed; only when it was to be kept. */
  readonly quarantine?: QuarantineSummary;
  /** Attachments that were written as files; only when they were to be. */
  readonly attachments?: AttachmentSums;
  /** What the rest waited for; only when a session has run. */
  readonly bottleneck?: RunBottleneck;
  /** The sessions' own time, without what starting them took. */
  readonly durationMs: number;
  readonly bytesPerSecond: number;
}

export class RunAccount {
  readonly #errors = new Map<string, number>();
  readonly #firstErrors = new Map<string, string>();
  #sums = {
    files: 0,
    bytes: 0,
    items: 0,
    skippedBytes: 0,
    filteredItems: 0,
    filteredBytes: 0,
    limited: 0,
    unreadBytes: 0,
    gaps: 0,
    gapBytes: 0,
    restarts: 0,
    sourceRestarts: 0,
    recycled: 0,
    durationMs: 0,
  };
  #quarantine: QuarantineSummary | undefined;
  readonly #parseErrors = new RunParseErrorCounts();
  readonly #bottlenecks = new RunBottlenecks();
  #largestSkippedShare = 0;
  #stopped = false;
  #failed = false;

  /**
   * @param input its name
   * @param unreadBytes of the input, behind the last item that was wanted
   */
  addSession(summary: SessionSummary, metrics: SessionMetrics, input: string, unreadBytes: number): void {
    this.#bottlenecks.add(metrics);
    this.#parseErrors.addAll(summary.parseErrors, input);
    this.#largestSkippedShare = Math.max(this.#largestSkippedShare, skippedShare(summary));
    const sums = this.#sums;
    this.#sums = {
      files: sums.files + 1,
      bytes: sums.bytes + summary.bytes,
      items: sums.items + summary.items,
      skippedBytes: sums.skippedBytes + summary.skippedBytes,
      filteredItems: sums.filteredItems + summary.filteredItems,
      filteredBytes: sums.filteredBytes + summary.filteredBytes,
      limited: sums.limited + (summary.limitReached ? 1 : 0),
      unreadBytes: sums.unreadBytes + unreadBytes,
      gaps: sums.gaps + summary.gaps,
      gapBytes: sums.gapBytes + summary.gapBytes,
      restarts: sums.restarts + summary.restarts,
      sourceRestarts: sums.sourceRestarts + summary.sourceRestarts,
      recycled: sums.recycled + summary.recycled,
      durationMs: sums.durationMs + summary.durationMs,
    };
    for (const [code, count] of Object.entries(summary.errors)) this.#addErrors(code, count ?? 0);
    this.#addQuarantine(summary.quarantine);
    if (summary.status === 'failed') this.#failed = true;
  }

  /** An error that no session's summary counts. */
  addError(error: unknown): void {
    this.note(error);
    this.#addErrors(errorCode(error), 1);
    this.#failed = true;
  }

  /** Keeps the message of an error that is counted elsewhere. */
  note(error: unknown): void {
    const code = errorCode(error);
    if (!this.#firstErrors.has(code)) this.#firstErrors.set(code, oneLine(errorMessage(error)));
  }

  /** Of the inputs, the largest part of one that is in no item: from 0 to 1. */
  get largestSkippedShare(): number {
    return this.#largestSkippedShare;
  }

  get failed(): boolean {
    return this.#failed;
  }

  /** The run ends before its input does, and that is what somebody wanted. */
  stop(): void {
    this.#stopped = true;
  }

  /** @param attachments that were written as files, if they were to be */
  summary(attachments?: AttachmentSums): RunSummary {
    const {
      durationMs,
      files,
      bytes,
      items,
      skippedBytes,
      filteredItems,
      filteredBytes,
      limited,
      unreadBytes,
      ...counts
    } = this.#sums;
    const { worst: bottleneck } = this.#bottlenecks;
    return {
      status: this.#failed ? 'failed' : this.#stopped ? 'stopped' : 'completed',
      files,
      bytes,
      items,
      skippedBytes,
      filteredItems,
      filteredBytes,
      limited,
      unreadBytes,
      parseErrors: this.#parseErrors.summary(),
      ...counts,
      errors: sorted(this.#errors),
      firstErrors: sorted(this.#firstErrors),
      ...(this.#quarantine === undefined ? {} : { quarantine: this.#quarantine }),
      ...(attachments === undefined ? {} : { attachments }),
      ...(bottleneck === undefined ? {} : { bottleneck }),
      durationMs: Math.round(durationMs * 1000) / 1000,
      bytesPerSecond: durationMs === 0 ? 0 : Math.round((bytes / durationMs) * 1000),
    };
  }

  #addQuarantine(more: QuarantineSummary | undefined): void {
    if (more === undefined) return;
    const before = this.#quarantine;
    this.#quarantine = {
      kept: (before?.kept ?? 0) + more.kept,
      skipped: (before?.skipped ?? 0) + more.skipped,
      failed: (before?.failed ?? 0) + more.failed,
      firstFailure: before?.firstFailure ?? more.firstFailure,
    };
  }

  #addErrors(code: string, count: number): void {
    this.#errors.set(code, (this.#errors.get(code) ?? 0) + count);
  }
}

function sorted<Value>(byCode: ReadonlyMap<string, Value>): Record<string, Value> {
  return Object.fromEntries([...byCode].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * @param verbose shows all parse errors whose texts are kept
 * @param asked whether somebody asked for it: then it says what the run waited for
 */
export function summaryText(summary: RunSummary, verbose: boolean, asked: boolean): string {
  const lines = [
    `${summary.status}: ${formatCount(summary.items, 'item')} from ${formatBytes(summary.bytes)} in ` +
      `${formatDuration(summary.durationMs)} (${formatRate(summary.bytesPerSecond)})`,
  ];
  const remarks = [
    summary.files > 1 ? formatCount(summary.files, 'file') : '',
    summary.skippedBytes > 0 ? `${formatCount(summary.skippedBytes, 'byte')} skipped` : '',
    summary.filteredItems > 0 ? `${formatCount(summary.filteredItems, 'item')} left out` : '',
    summary.limited > 0 ? limitRemark(summary) : '',
    summary.gaps > 0 ? `${formatCount(summary.gaps, 'gap')}, ${formatCount(summary.gapBytes, 'byte')} given up` : '',
    summary.restarts > 0 ? formatCount(summary.restarts, 'restart') : '',
    summary.sourceRestarts > 0 ? `${formatCount(summary.sourceRestarts, 'restart')} of the source` : '',
    summary.recycled > 0 ? formatCount(summary.recycled, 'recycled instance') : '',
  ].filter((remark) => remark !== '');
  if (remarks.length > 0) lines.push(`  ${remarks.join(', ')}`);
  if (asked && summary.bottleneck !== undefined) lines.push(`  ${bottleneckLine(summary.bottleneck)}`);
  lines.push(...parseErrorLines(summary.parseErrors, verbose).map((line) => `  ${line}`));
  if (summary.quarantine !== undefined) lines.push(...quarantineLines(summary.quarantine));
  if (summary.attachments !== undefined) lines.push(`  ${attachmentsLine(summary.attachments)}`);
  for (const [code, count] of Object.entries(summary.errors)) {
    const message = summary.firstErrors[code];
    const shown = message === undefined ? '' : `${count > 1 ? ', the first' : ''}: ${shortened(message)}`;
    lines.push(`  ${code}: ${count}${shown}`);
  }
  return `${lines.join('\n')}\n`;
}

function attachmentsLine({ files, bytes, directory }: AttachmentSums): string {
  return `${formatCount(files, 'attachment')} of ${formatBytes(bytes)} in '${directory}'`;
}

function limitRemark({ unreadBytes }: RunSummary): string {
  const unread = unreadBytes > 0 ? `${formatCount(unreadBytes, 'byte')} not read` : 'perhaps not read to the end';
  return `limit reached, ${unread}`;
}

function quarantineLines({ kept, skipped, failed, firstFailure = '' }: QuarantineSummary): readonly string[] {
  if (kept + skipped + failed === 0) return [];
  const parts = [
    `${kept} kept`,
    skipped > 0 ? `${skipped} not kept: too many or too long` : '',
    failed > 0
      ? `${failed} could not be kept${failed > 1 ? ', the first' : ''}: ${shortened(oneLine(firstFailure))}`
      : '',
  ];
  return [`  quarantine: ${parts.filter((part) => part !== '').join(', ')}`];
}

/** Messages may quote what plugins wrote. */
function shortened(message: string): string {
  return message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE)}…` : message;
}

export function summaryJson(summary: RunSummary): string {
  return `${JSON.stringify(summary)}\n`;
}
