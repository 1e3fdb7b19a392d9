/** The account of a session: what was delivered, how fast, and how it ended. */

import type { Gap, Restart, SourceNotice, StreamElement } from '@chipmunk-host/batch';
import type { ErrorCode } from '@chipmunk-host/runtime';
import { ParseErrorCounts, type ParseErrorSummary } from '../../shared/protocol/parse-errors.js';
import type { QuarantineAccount, QuarantineSummary } from '../../shared/protocol/quarantine-account.js';
import type { EncodedItems } from './encoded-items.js';

/** How far a session has come, by what was delivered. */
export interface Progress {
  /** Bytes of input that are accounted for in the batches delivered so far, as items or as skipped. */
  readonly bytes: number;
  readonly items: number;
  /** Over the whole session so far. */
  readonly bytesPerSecond: number;
  /** Bytes of the input, from `select.fromOffset` on; undefined where only its end will tell: of streams and sources. */
  readonly totalBytes: number | undefined;
  /**
   * `bytes` of `totalBytes`, from 0 to 1. Of compressed files, of several ones, of bytes in memory: the share of them that was read, which is up to 4 MiB ahead
   * of what was delivered. Undefined where neither is known. An empty input is done: 1.
   */
  readonly share: number | undefined;
}

/** `aborted` by the signal; `stopped` by the consumer, or with its pool, before the end of the input. */
export type SessionStatus = 'running' | 'completed' | 'stopped' | 'aborted' | 'failed';

/** How the splits of a file came out that several instances parsed, where it is not certain before where they begin (`pattern`). */
export interface SplitsSummary {
  /** Splits that were delivered as the instance made them that had begun them at their boundary; 1 or less: it was no quicker than one instance. */
  readonly parsedAhead: number;
  /**
   * Splits that the instance before has gone on in, because it could not end at the boundary: an item crosses it, or the parser knew
   * something that the next items depend on. They were parsed twice, or a part of them.
   */
  readonly parsedAgain: number;
}

/** The account of a session: what became of its input, and how it ended. */
export interface SessionSummary {
  readonly status: SessionStatus;
  readonly bytes: number;
  readonly items: number;
  /** The part of `bytes` that is in no item. */
  readonly skippedBytes: number;
  /** Items that the selection left out. */
  readonly filteredItems: number;
  /** The part of `bytes` of which these were made. */
  readonly filteredBytes: number;
  /** Whether the session ended behind as many items as `select.limit` allows: the input was perhaps not read to its end. */
  readonly limitReached: boolean;
  /** There, and true, when `stop()` has ended the input: it was perhaps not read to its end. */
  readonly inputStopped?: true;
  /**
   * The errors for which the plugin skipped input, by their texts. When a thread is lost, by a time limit for instance, errors of its last
   * moments may be missing, or be counted once more by the one that takes over.
   */
  readonly parseErrors: ParseErrorSummary;
  /** Stretches of input that were given up because the plugin failed on them. */
  readonly gaps: number;
  /** The part of `bytes` that is in gaps. */
  readonly gapBytes: number;
  /** How often a fresh instance took over because the one before had failed. */
  readonly restarts: number;
  /** The same of the byte-source plugin. */
  readonly sourceRestarts: number;
  /** What a built-in source has told: how many notices of each `event`, such as `reconnected`. */
  readonly notices: Readonly<Record<string, number>>;
  /** How often an instance was replaced because its memory had grown. */
  readonly recycled: number;
  /** How many errors of each code: those that a fresh instance recovered from, those behind gaps, and what ended the session. */
  readonly errors: Readonly<Partial<Record<ErrorCode | 'ERR_UNKNOWN', number>>>;
  /** Only with `parallel`, for parsers whose boundaries are patterns. */
  readonly splits?: SplitsSummary;
  /** What became of input on which the plugin failed; only when it was to be kept (`quarantineDirectory`). */
  readonly quarantine?: QuarantineSummary;
  /** From the start of the session to its end, or to now. */
  readonly durationMs: number;
  readonly bytesPerSecond: number;
}

export class SessionAccount {
  readonly #startedAt = performance.now();
  #endedAt: number | undefined;
  #status: SessionStatus = 'running';
  #bytes = 0;
  #items = 0;
  #skippedBytes = 0;
  #filteredItems = 0;
  #filteredBytes = 0;
  #limitReached = false;
  #inputStopped = false;
  #gaps = 0;
  #gapBytes = 0;
  #restarts = 0;
  #sourceRestarts = 0;
  #recycled = 0;
  readonly #notices: Record<string, number> = {};
  readonly #errors: Partial<Record<ErrorCode | 'ERR_UNKNOWN', number>> = {};

  readonly #parseErrors = new ParseErrorCounts();
  readonly #quarantine: QuarantineAccount | undefined;
  /** Set by the session where splits begin at a guess. */
  splits: (() => SplitsSummary) | undefined;

  constructor(quarantine?: QuarantineAccount) {
    this.#quarantine = quarantine;
  }

  add(element: StreamElement | EncodedItems): void {
    if (element.type !== 'batch' && element.type !== 'encoded') {
      this.#bytes += element.length;
      this.#addRecord(element);
      return;
    }
    this.#bytes += element.consumedBytes;
    this.#items += element.count;
    this.#skippedBytes += element.skippedBytes;
    this.#filteredItems += element.filteredItems;
    this.#filteredBytes += element.filteredBytes;
  }

  #addRecord(record: Gap | Restart | SourceNotice): void {
    if (record.type === 'source') {
      this.#notices[record.event] = (this.#notices[record.event] ?? 0) + 1;
      return;
    }
    if (record.error !== undefined) this.addError(record.error);
    if (record.type === 'gap') {
      this.#gaps++;
      this.#gapBytes += record.length;
      this.#restarts += record.restarts;
    } else if (record.reason === 'recycled') this.#recycled += record.restarts;
    else if (record.side === 'source') this.#sourceRestarts += record.restarts;
    else this.#restarts += record.restarts;
  }

  addError(error: unknown): void {
    const code = (error as { code?: ErrorCode | undefined }).code ?? 'ERR_UNKNOWN';
    this.#errors[code] = (this.#errors[code] ?? 0) + 1;
  }

  addParseErrors(errors: ParseErrorSummary): void {
    this.#parseErrors.addAll(errors);
  }

  stopInput(): void {
    this.#inputStopped = true;
  }

  reachedLimit(): void {
    this.#limitReached = true;
  }

  /** The first end counts. */
  end(status: Exclude<SessionStatus, 'running'>): void {
    if (this.#status !== 'running') return;
    this.#status = status;
    this.#endedAt = performance.now();
  }

  /** Position in the input of the first byte that was not delivered. */
  get bytes(): number {
    return this.#bytes;
  }

  get status(): SessionStatus {
    return this.#status;
  }

  /** @param readShare what is known in place of `totalBytes` */
  progress(totalBytes: number | undefined, readShare?: number): Progress {
    const share = totalBytes === undefined ? readShare : totalBytes === 0 ? 1 : Math.min(1, this.#bytes / totalBytes);
    return { bytes: this.#bytes, items: this.#items, bytesPerSecond: this.#bytesPerSecond, totalBytes, share };
  }

  summary(): SessionSummary {
    return {
      status: this.#status,
      bytes: this.#bytes,
      items: this.#items,
      skippedBytes: this.#skippedBytes,
      filteredItems: this.#filteredItems,
      filteredBytes: this.#filteredBytes,
      limitReached: this.#limitReached,
      ...(this.#inputStopped ? { inputStopped: true as const } : {}),
      parseErrors: this.#parseErrors.summary(),
      gaps: this.#gaps,
      gapBytes: this.#gapBytes,
      restarts: this.#restarts,
      sourceRestarts: this.#sourceRestarts,
      notices: { ...this.#notices },
      recycled: this.#recycled,
      errors: { ...this.#errors },
      ...(this.splits === undefined ? {} : { splits: this.splits() }),
      ...(this.#quarantine === undefined ? {} : { quarantine: this.#quarantine.summary() }),
      durationMs: this.#durationMs,
      bytesPerSecond: this.#bytesPerSecond,
    };
  }

  get #durationMs(): number {
    return (this.#endedAt ?? performance.now()) - this.#startedAt;
  }

  get #bytesPerSecond(): number {
    return this.#durationMs === 0 ? 0 : (this.#bytes / this.#durationMs) * 1000;
  }
}
