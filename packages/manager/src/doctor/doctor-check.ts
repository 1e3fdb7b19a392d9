/** What a check of the doctor is, what it is given, and what it finds. */
import type { LeftoverDirectory } from '@chipmunk-host/hosts/internal';
import type { PluginEntry } from '../catalogue/plugin-entry.js';
import type { PluginsDirectory } from '../catalogue/plugins-directory.js';
import type { PluginId } from '../shared/plugin-id.js';
import type { StoreLayout } from '../store/store-layout.js';

/** One thing that is wrong, and what to do about it. */
export interface DoctorFinding {
  /** `error`: something cannot be used. `warning`: something is not as it should be, without harm so far. */
  readonly severity: 'error' | 'warning';
  readonly subject:
    | { readonly kind: 'plugin'; readonly plugin: PluginId }
    | { readonly kind: 'directory' | 'cache' | 'leftover' | 'state'; readonly path: string };
  /** What is wrong. */
  readonly message: string;
  /** What to do about it. */
  readonly help: string;
}

/** What is there before the plugins are looked at again: that repairs the cache and cleans up. */
export interface DirectoryState {
  readonly directory: PluginsDirectory;
  readonly layout: StoreLayout;
  readonly toolchain: () => Promise<string>;
  /** Temporary directories of processes that were killed. */
  readonly leftovers: readonly LeftoverDirectory[];
}

/** What is known when every plugin was looked at. */
export interface PluginsState extends DirectoryState {
  readonly entries: readonly PluginEntry[];
  /** What reading the user's decisions met. */
  readonly stateWarnings: readonly string[];
}

/** One thing that is looked at: a function that is named for it, in the list in doctor.ts. */
export type DoctorCheck<State> = (state: State) => Promise<readonly DoctorFinding[]>;
