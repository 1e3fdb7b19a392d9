/** What the numbers among the options of plugins and sessions may be, for hosts and sessions alike. */
import { type OptionTable, option } from '@chipmunk-host/runtime/internal/options';
import type { FollowOptions, SourceRecoveryOptions } from '../../shared/protocol/byte-source-messages.js';
import type { LogLimits } from '../../shared/protocol/log-limits.js';
import type { WindowOptions } from '../../shared/protocol/parser-messages.js';
import type { RecoveryOptions } from '../../shared/protocol/recovery-options.js';

const LOG_LIMITS: OptionTable<LogLimits> = {
  linesPerTurn: option.limit(0),
  linesPerSecond: option.limit(0),
  charactersPerSecond: option.limit(0),
  outputBytesPerSecond: option.limit(0),
};

const RECOVERY: OptionTable<RecoveryOptions> = {
  maxRestarts: option.limit(0),
  restartWindowMs: option.limit(1),
  narrowingMs: option.limit(0),
  maxGapsInRow: option.limit(1),
};

const SOURCE_RECOVERY: OptionTable<SourceRecoveryOptions> = {
  ...RECOVERY,
  mode: option.oneOf(['replay', 'continue']),
};

const FOLLOW: OptionTable<FollowOptions> = { intervalMs: option.delay, maxEmptyReads: option.limit(1) };

const WINDOW: OptionTable<WindowOptions> = { bytes: option.whole(1), hardMaxBytes: option.limit(1) };

export const logLimits = option.options(LOG_LIMITS);
export const recovery = option.options(RECOVERY);
export const sourceRecovery = option.options(SOURCE_RECOVERY);
export const follow = option.either(option.flag, option.options(FOLLOW));
export const sizesOfWindow = option.options(WINDOW);
export const outputBytes = option.limit(1, Number.MAX_SAFE_INTEGER);
/** A memory has at most 4 GiB. */
export const recycleBytes = option.limit(1, 0x1_0000_0000);
