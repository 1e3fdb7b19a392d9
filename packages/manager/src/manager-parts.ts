/**
 * What a manager is made of, from the bottom to the top: each part is given those below it, and knows none above. The files of the
 * directory and their lock; the cache; the workers, the library of components and the examiner; the catalogue; what changes it; sessions.
 */
import { toolchain } from '@chipmunk-host/runtime/internal';
import type { ManagerEvents } from './catalogue/manager-events.js';
import { PluginCatalogue } from './catalogue/plugin-catalogue.js';
import { PluginChanges } from './catalogue/plugin-changes.js';
import { PluginDecisions } from './catalogue/plugin-decisions.js';
import { selectPlugin } from './catalogue/plugin-selector.js';
import type { PluginsDirectory } from './catalogue/plugins-directory.js';
import { PreviousPlugins } from './catalogue/previous-plugins.js';
import { PluginProfiles } from './config/plugin-profiles.js';
import { ProfileStore } from './config/profile-store.js';
import { PluginCache } from './examination/cache/plugin-cache.js';
import { ComponentLibrary } from './examination/component-library.js';
import { PluginExaminer } from './examination/plugin-examiner.js';
import { PluginWorkers } from './examination/plugin-workers.js';
import type { PluginsManagerOptions } from './manager-options.js';
import { ManagerSessions } from './sessions/manager-sessions.js';
import { type DetectInput, type Detection, type DetectOptions, detectParser } from './sessions/parser-detection.js';
import { RunnablePlugins } from './sessions/runnable-plugins.js';
import type { PluginId, PluginSelector } from './shared/plugin-id.js';
import { DirectoryFiles } from './store/directory-files.js';
import { PluginStore } from './store/plugin-store.js';
import { StateFile } from './store/state-file.js';

export interface ManagerParts {
  readonly directory: PluginsDirectory;
  readonly files: DirectoryFiles;
  readonly cache: PluginCache;
  readonly workers: PluginWorkers;
  readonly catalogue: PluginCatalogue;
  readonly changes: PluginChanges;
  readonly decisions: PluginDecisions;
  readonly sessions: ManagerSessions;
  readonly profiles: PluginProfiles;
  readonly detect: (input: DetectInput, options: DetectOptions) => Promise<Detection>;
}

export interface ManagerSurroundings {
  readonly options: PluginsManagerOptions;
  readonly directory: PluginsDirectory;
  /** Whether the directory is there: nothing is kept in one that nobody has asked for. */
  readonly isThere: boolean;
  readonly events: ManagerEvents;
  readonly onWarning: (message: string) => void;
}

export function makeParts({ options, directory, isThere, events, onWarning }: ManagerSurroundings): ManagerParts {
  const { bundled = true, maxInstances, prewarm } = options;
  const eager = options.load !== 'lazy';

  const files = new DirectoryFiles(directory.path, () => directory.requirePlace());
  const state = new StateFile(files);
  const profileStore = new ProfileStore(directory.profilesDirectory, { files, onWarning });

  const cache = new PluginCache({
    path: directory.cacheFile,
    isWanted: () => directory.isThere(),
    // A folder that was named may serve other plugins directories, too.
    artefacts: options.cacheDirectory === undefined ? directory.cacheDirectory : undefined,
    toolchain,
    files,
    onWarning,
  });

  const workers = new PluginWorkers({ maxInstances, prewarm });
  const cacheDirectory = options.cacheDirectory ?? (isThere ? directory.cacheDirectory : undefined);
  const library = new ComponentLibrary({ cacheDirectory, cache, onWarning });
  const examiner = new PluginExaminer({ library, cache, workers, deadlineMs: options.loadDeadlineMs, onWarning });

  const store = new PluginStore(files, (staged) => examiner.check(staged), options.sourceLimits);
  const catalogue = new PluginCatalogue({
    directory,
    bundled,
    eager,
    alwaysHash: options.alwaysHash ?? false,
    examiner,
    cache,
    store,
    state,
    previous: new PreviousPlugins(files.layout, cache),
    events,
    onWarning,
  });
  const changes = new PluginChanges({ root: directory.path, store, state, catalogue });
  const decisions = new PluginDecisions(state, catalogue);

  const select = (plugin: PluginSelector) => selectPlugin(plugin, catalogue.snapshots());
  const searched = [directory.path, ...(bundled ? ['the plugins that are shipped with the host'] : [])];
  const runnables = new RunnablePlugins({ catalogue, library, workers, eager, searched });
  const profile = (plugin: PluginSelector, name: string) => profileStore.get(select(plugin), name);
  const sessions = new ManagerSessions({ runnables, workers, profile, events });
  const schemas = async (plugin: PluginId) => (await sessions.inspect(plugin.name, plugin.kind)).configSchemas;
  const profiles = new PluginProfiles({ store: profileStore, select, schemas });

  const detect = (input: DetectInput, options: DetectOptions) =>
    detectParser(input, options, catalogue.snapshots(), sessions);

  return { directory, files, cache, workers, catalogue, changes, decisions, sessions, profiles, detect };
}
