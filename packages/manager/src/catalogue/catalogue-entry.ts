/** One plugin of a manager as it changes: what was found, the result of loading it, its log and its statistics. */
import { isDeepStrictEqual } from 'node:util';
import { type ExaminationResult, isEnvironmental } from '../examination/cache/cached-result.js';
import type { ExaminedPlugin } from '../examination/plugin-info.js';
import type { FileStamp } from '../shared/plugin-binary.js';
import type { PluginId } from '../shared/plugin-id.js';
import type { RunLog } from '../shared/run-log.js';
import type { FoundPlugin, PluginEntry, PluginState, PreviousPlugin } from './plugin-entry.js';
import type { StatisticsBook } from './plugin-statistics.js';

/** The binary that was found, and the result if it was examined. */
export interface BinaryResult {
  readonly stamp: FileStamp | undefined;
  /** When the stamp was taken, in milliseconds since 1970. */
  readonly checkedAt: number;
  readonly hash: string | undefined;
  readonly outcome: ExaminationResult | undefined;
}

/** What the user decided on a plugin. */
export interface EntryDecisions {
  readonly disabled: boolean;
  readonly pinned: string | undefined;
  readonly previous: PreviousPlugin | undefined;
}

export const NO_DECISIONS: EntryDecisions = { disabled: false, pinned: undefined, previous: undefined };
export const NOT_LOOKED_AT: BinaryResult = { stamp: undefined, checkedAt: 0, hash: undefined, outcome: undefined };

export class CatalogueEntry {
  readonly id: PluginId;
  readonly log: RunLog;
  readonly statistics: StatisticsBook;
  #found: FoundPlugin;
  #decisions = NO_DECISIONS;
  #binary = NOT_LOOKED_AT;
  /** What `#snapshot` is made of, and what it was made of. */
  #facts: Omit<PluginEntry, 'statistics'>;
  #described: Omit<PluginEntry, 'statistics'> | undefined;
  #snapshot: PluginEntry | undefined;

  constructor(found: FoundPlugin, log: RunLog, statistics: StatisticsBook) {
    this.id = Object.freeze({ kind: found.kind, name: found.name });
    this.#found = found;
    this.log = log;
    this.statistics = statistics;
    this.#facts = this.#describe();
  }

  get found(): FoundPlugin {
    return this.#found;
  }

  get decisions(): EntryDecisions {
    return this.#decisions;
  }

  get binary(): BinaryResult {
    return this.#binary;
  }

  /** What was loaded, when it may be used. */
  get examined(): ExaminedPlugin | undefined {
    const { outcome } = this.#binary;
    return this.state === 'valid' && outcome?.kind === 'loaded' ? outcome.plugin : undefined;
  }

  get state(): PluginState {
    const { disabled, pinned } = this.#decisions;
    const { hash, outcome } = this.#binary;
    if (disabled) return 'disabled';
    if (pinned !== undefined && hash !== undefined && hash !== pinned) return 'pin-mismatch';
    if (outcome === undefined) return 'unloaded';
    if (outcome.kind === 'loaded') return 'valid';
    return isEnvironmental(outcome.error) ? 'unloaded' : 'invalid';
  }

  update(parts: { found?: FoundPlugin; decisions?: EntryDecisions; binary?: BinaryResult }): void {
    const before = this.#facts;
    if (parts.found !== undefined) this.#found = parts.found;
    if (parts.decisions !== undefined) this.#decisions = parts.decisions;
    if (parts.binary !== undefined) this.#binary = parts.binary;
    this.#facts = this.#describe();
    if (isDeepStrictEqual(before, this.#facts)) this.#facts = before;
  }

  /** As it is listed now: the same object as long as nothing has changed. */
  snapshot(): PluginEntry {
    const statistics = this.statistics.snapshot();
    if (this.#snapshot?.statistics !== statistics || this.#described !== this.#facts) {
      this.#described = this.#facts;
      this.#snapshot = deepFrozen({ ...this.#facts, statistics });
    }
    return this.#snapshot;
  }

  #describe(): Omit<PluginEntry, 'statistics'> {
    const { outcome, hash } = this.#binary;
    const { pinned, previous } = this.#decisions;
    const { state } = this;
    const { examined } = this;
    return {
      ...this.#found,
      state,
      info: examined?.info,
      error: (state === 'invalid' || state === 'unloaded') && outcome?.kind === 'failed' ? outcome.error : undefined,
      hash,
      apiVersion: examined?.apiVersion,
      givesTimes: examined?.givesTimes,
      pinned,
      previous,
    };
  }
}

function deepFrozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    for (const part of Object.values(value)) deepFrozen(part);
    Object.freeze(value);
  }
  return value;
}
