/** The ladder's rungs, for parsers and byte-sources alike. */
import type { RecoveryOptions } from '../../shared/protocol/recovery-options.js';

export const DEFAULT_RECOVERY: RecoveryOptions = {
  maxRestarts: 1000,
  restartWindowMs: 60_000,
  narrowingMs: 30_000,
  maxGapsInRow: 10,
};
