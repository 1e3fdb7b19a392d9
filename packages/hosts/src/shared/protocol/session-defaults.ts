/** What holds where the options of a session, or of a host, say nothing. */
import type { RingShape } from '@chipmunk-host/runtime/internal/shared';
import type { FollowOptions, SourceRecoveryOptions } from './byte-source-messages.js';
import type { LogLimits } from './log-limits.js';
import type { WindowOptions } from './parser-messages.js';
import type { RecoveryOptions } from './recovery-options.js';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Chipmunk's reader holds up to 10 MiB and passes all of it to `parse`. */
export const DEFAULT_WINDOW: WindowOptions = { bytes: 10 * MIB, hardMaxBytes: 256 * MIB };

/** Time limit on one call of a plugin. */
export const DEFAULT_DEADLINE_MS = 10_000;

/** Bytes that the items of one `parse` call may have. */
export const DEFAULT_OUTPUT_BYTES = 1024 * MIB;

/**
 * Batches that wait for a consumer. The items of 1 MiB of log lines fit a slot, with their tables: two batches for each window of that size
 * would wake the main thread twice.
 */
export const DEFAULT_BATCH_RING: RingShape = { slots: 4, slotBytes: 1280 * KIB };

/** A batch of which items are selected may grow by four ninths, since others are counted between them: it must fit a slot then, too. */
const SELECTED_SLOT_BYTES = 2 * MIB;

/** The largest window whose items are one batch, as a rule. */
export const ONE_BATCH_BYTES = MIB;

/** Of windows that are one batch each, as many are made before their thread waits: at most so many. */
const MOST_AHEAD_SLOTS = 8;

/**
 * @param selects whether the batches of the ring have selected items only
 * @param slots default: 4 where windows become several batches at once, else as many as hold 2 MiB of input, from 2 to 8. With fewer, threads
 *   that share a processor take turns more often; memory of more slots would only leave the processor's caches before it is written again
 */
export function defaultBatchRing(
  windowBytes: number,
  selects: boolean,
  slots = windowBytes > ONE_BATCH_BYTES ? DEFAULT_BATCH_RING.slots : slotsAhead(windowBytes),
): RingShape {
  return { slots, slotBytes: selects ? SELECTED_SLOT_BYTES : DEFAULT_BATCH_RING.slotBytes };
}

function slotsAhead(windowBytes: number): number {
  return Math.min(2 * 2 ** Math.floor(Math.log2(ONE_BATCH_BYTES / windowBytes)), MOST_AHEAD_SLOTS);
}

/** Bytes that a source, or a stream, may be ahead of the parser. A slot is the most that a byte-source is asked for at once. */
export const DEFAULT_BYTE_RING: RingShape = { slots: 16, slotBytes: 256 * KIB };

/** For parsers and byte-sources alike. */
export const DEFAULT_RECOVERY: RecoveryOptions = {
  maxRestarts: 1000,
  restartWindowMs: 60_000,
  narrowingMs: 30_000,
  maxGapsInRow: 10,
};

export const DEFAULT_SOURCE_RECOVERY: SourceRecoveryOptions = { ...DEFAULT_RECOVERY, mode: 'replay' };

/** How long an item may wait for others that are published with it. */
export const DEFAULT_MAX_LATENCY_MS = 50;

/** As in Chipmunk. */
export const DEFAULT_FOLLOW: FollowOptions = { intervalMs: 100, maxEmptyReads: 20 };

export const DEFAULT_LOG_LIMITS: LogLimits = {
  linesPerTurn: 1000,
  linesPerSecond: 10_000,
  charactersPerSecond: 4 * MIB,
  outputBytesPerSecond: MIB,
};

/** What a stream of Node's takes of a session before its consumer asks: elements or batches, items, bytes. */
export const DEFAULT_BATCHES_AHEAD = 1;
export const DEFAULT_ITEMS_AHEAD = 16;
export const DEFAULT_BYTES_AHEAD = 64 * KIB;

/** What `collect` gives back at most. */
export const DEFAULT_MAX_COLLECTED_ITEMS = 100_000;
export const DEFAULT_MAX_COLLECTED_BYTES = 64 * MIB;
