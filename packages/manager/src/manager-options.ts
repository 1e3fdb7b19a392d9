/** What a manager can be told when it is opened. */
import type { SourceLimits } from './store/source-limits.js';

export interface PluginsManagerOptions {
  /** The directory of installed plugins; one that is named here must exist. Default `~/.chipmunk/plugins`, made if missing. */
  readonly directory?: string;
  /** Whether the plugins that this package carries are known too. One in the directory wins over one of the same name. Default true. */
  readonly bundled?: boolean;
  /**
   * `eager`: `open` and `reload` look into every binary that is not in the cache. `lazy`: plugins are only found, and looked into
   * when they are used. Default `eager`.
   */
  readonly load?: 'eager' | 'lazy';
  /** Time limit on compiling one plugin, and on each call that asks it about itself, in milliseconds. Default 60,000; 0 means none. */
  readonly loadDeadlineMs?: number;
  /**
   * Whether every binary is read to know that it has not changed. Otherwise size, times and inode of its file tell. Default false.
   */
  readonly alwaysHash?: boolean;
  /** How many plugin instances may run at once. Default: four for each processor, at least 8. */
  readonly maxInstances?: number;
  /** How many workers are started ahead of their use, from the first session on. Default 1; 0 means none. */
  readonly prewarm?: number;
  /** How much `add` and `update` take of a folder or an archive. */
  readonly sourceLimits?: SourceLimits;
  /** Where transpiled plugins are kept between processes. Default `.chipmunk-host/artefacts` in the plugins directory. */
  readonly cacheDirectory?: string;
  /** Told what is wrong without harm: broken metadata, a cache that cannot be written. Default: nobody. */
  readonly onWarning?: (message: string) => void;
}
