/** What the manager knows of a plugin, as an immutable snapshot. */
import type { Boundary, ParallelConfig, PluginKind, PluginVersion } from '@chipmunk-host/hosts';
import type { SerializedError } from '@chipmunk-host/runtime';
import type { PluginInfo } from '../examination/plugin-info.js';
import type { PluginStatistics } from './plugin-statistics.js';

/** `bundled`: shipped with this package; `installed`: found in the plugins directory. */
export type PluginOrigin = 'installed' | 'bundled';

/**
 * `valid`: it can be used. `invalid`: it cannot, and `error` says why. `disabled`: somebody switched it off; it is not loaded.
 * `pin-mismatch`: it is pinned, and its binary is another one; it is not run until that is accepted. `unloaded`: nobody has
 * looked into its binary yet, or the system refused something (`error` says what); it is examined when it is next needed.
 */
export type PluginState = 'valid' | 'invalid' | 'disabled' | 'pin-mismatch' | 'unloaded';

/** What is known of a plugin without looking into its binary. */
export interface FoundPlugin {
  readonly kind: PluginKind;
  /** Name of the plugin's directory and of its binary, unique for its kind. */
  readonly name: string;
  /** From the metadata; without usable metadata the name. */
  readonly title: string;
  readonly description: string | undefined;
  /** The plugin's own directory, which is its id. */
  readonly directory: string;
  /** Its binary. */
  readonly path: string;
  /** Path of its README.md, when it has one. */
  readonly readme: string | undefined;
  readonly origin: PluginOrigin;
  /** Bytes of input a call that the metadata names as enough for this plugin. */
  readonly windowBytes: number | undefined;
  /** Where the metadata say that its input can be split over several instances; undefined: nowhere. */
  readonly parallelBoundary: Boundary | undefined;
  /** `parallel-patterns`: with what a part of it begins, in hexadecimal, where the boundary is `pattern`. */
  readonly parallelPatterns: readonly string[] | undefined;
  /** With which values of its configuration that holds: of each id that is named, one of these. Undefined: with all. */
  readonly parallelConfig: ParallelConfig | undefined;
  /** What is wrong with it without making it unusable, such as broken metadata. */
  readonly warnings: readonly string[];
}

/** The version that a rollback would bring back. */
export interface PreviousPlugin {
  /** SHA-256 of its binary, in hexadecimal. */
  readonly hash: string;
  /** As it said of itself; undefined when it never ran here. */
  readonly version: PluginVersion | undefined;
}

/** Frozen. A plugin of which nothing has changed keeps its entry from one snapshot to the next. */
export interface PluginEntry extends FoundPlugin {
  readonly state: PluginState;
  /** What it said of itself; undefined unless it is `valid`. */
  readonly info: PluginInfo | undefined;
  /** Why it is `invalid`, or could not be examined (`unloaded`). `deserializeError` turns it into an error. */
  readonly error: SerializedError | undefined;
  /** SHA-256 of the binary, in hexadecimal; undefined as long as nobody has read it. */
  readonly hash: string | undefined;
  /** Version of Chipmunk's plugin interface that it was made for; undefined unless it is `valid`. */
  readonly apiVersion: string | undefined;
  /** Whether it is a parser that gives the times of its items, as `select.since` needs it; undefined unless it is `valid`. */
  readonly givesTimes: boolean | undefined;
  /** SHA-256 of the only binary that may run, in hexadecimal; undefined when it is not pinned. */
  readonly pinned: string | undefined;
  /** What `rollback` would bring back; undefined when there is nothing. */
  readonly previous: PreviousPlugin | undefined;
  readonly statistics: PluginStatistics;
}
