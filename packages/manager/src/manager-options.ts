/** What a manager can be told when it is opened. */
import { type OptionTable, option, requireOptions } from '@chipmunk-host/runtime/internal/options';
import type { SourceLimits } from './store/source-limits.js';

/** Where a manager finds plugins, and how much it may run at once. */
export interface PluginsManagerOptions {
  /**
   * The directory of installed plugins; one that is named here must exist. Default `~/.chipmunk/plugins`, which need not; without a
   * home directory there are only the shipped plugins, and nothing can be changed.
   */
  readonly directory?: string | undefined;
  /**
   * Whether the default directory is made if it is missing. Otherwise the first change makes it, and until then nothing is kept: each
   * process compiles the shipped plugins anew, unless a `cacheDirectory` is named. Default false.
   */
  readonly createDirectory?: boolean | undefined;
  /** Whether the plugins that this package carries are known too. One in the directory wins over one of the same name. Default true. */
  readonly bundled?: boolean | undefined;
  /**
   * `eager`: `open` and `reload` examine every binary that is not in the cache. `lazy`: plugins are only listed, and examined
   * when they are used. Default `eager`.
   */
  readonly load?: 'eager' | 'lazy' | undefined;
  /** Time limit on compiling one plugin, and on each call that asks it about itself, in milliseconds. Default 60,000; Infinity: no limit. */
  readonly loadDeadlineMs?: number | undefined;
  /**
   * Whether every binary is read to know that it has not changed. Otherwise size, times and inode of its file tell. Default false.
   */
  readonly alwaysHash?: boolean | undefined;
  /** How many plugin instances may run at once: 1 or more. Default: four for each processor, at least 8. */
  readonly maxInstances?: number | undefined;
  /** How many workers are started ahead of their use, from the first session on. Default 1; 0: none. */
  readonly prewarm?: number | undefined;
  /** How much `add` and `update` take of a folder or an archive. */
  readonly sourceLimits?: SourceLimits | undefined;
  /** Where transpiled plugins are kept between processes. Default `.chipmunk-host/artefacts` in the plugins directory. */
  readonly cacheDirectory?: string | undefined;
  /** Told what is wrong without harm: broken metadata, a cache that cannot be written. Default: nobody. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

const SOURCE_LIMITS: OptionTable<SourceLimits> = {
  maxBytes: option.amount,
  maxEntries: option.amount,
  maxRatio: option.amount,
};

const OPTIONS: OptionTable<PluginsManagerOptions> = {
  directory: option.path,
  createDirectory: option.flag,
  bundled: option.flag,
  load: option.oneOf(['eager', 'lazy']),
  loadDeadlineMs: option.timeLimit,
  alwaysHash: option.flag,
  maxInstances: option.whole(1),
  prewarm: option.whole(0),
  sourceLimits: option.options(SOURCE_LIMITS),
  cacheDirectory: option.path,
  onWarning: option.callback,
};

/** @throws HostError `ERR_INVALID_OPTION` naming the option, its value and what is allowed */
export function requireManagerOptions(options: PluginsManagerOptions): void {
  requireOptions('The options of the manager', options, OPTIONS);
}
