/** The commands that add, replace and remove plugins: each makes one change and reports it in one line. */
import type { PluginEntry, PluginsManager } from '@chipmunk-host/manager';
import { requireOtherThanStdout } from '../output/input-guard.js';
import { ExitCode } from '../terminal/exit-code.js';
import { printJson, printLine } from './command-output.js';
import { confirmed } from './confirmation.js';
import { exactly, type KindOption, openManager, type PluginsOptions, selectorOf } from './manager-access.js';
import { pluginPhrase, versionWord } from './plugin-words.js';

export interface YesOption {
  /** Asks nothing. */
  readonly yes?: boolean;
}

export type ChangeOptions = PluginsOptions & KindOption;

export async function runAdd(path: string, options: ChangeOptions & { readonly replace?: boolean }): Promise<ExitCode> {
  await requireOtherThanStdout(path);
  return change(options, async (manager) => {
    const { kind, replace = false } = options;
    const added = await known(manager, await manager.add(path, { ...(kind === undefined ? {} : { kind }), replace }));
    return told(`Added ${pluginPhrase(added)} in ${added.directory}.`, added);
  });
}

export async function runRemove(plugin: string, options: ChangeOptions & YesOption): Promise<ExitCode> {
  return change(options, async (manager) => {
    const entry = await known(manager, manager.plugin(selectorOf(plugin, options)));
    await confirmed(`Delete the ${pluginPhrase(entry)} and its directory ${entry.directory}?`, options);
    await manager.remove(exactly(entry));
    return { message: `Removed the ${pluginPhrase(entry)}.`, data: { removed: entry } };
  });
}

export async function runUpdate(path: string, options: ChangeOptions): Promise<ExitCode> {
  await requireOtherThanStdout(path);
  return change(options, async (manager) => {
    const { kind } = options;
    const updated = await known(manager, await manager.update(path, kind === undefined ? {} : { kind }));
    const before = versionWord(updated.previous?.version);
    const kept = updated.previous === undefined ? '' : "; 'plugins rollback' brings back the version before";
    return told(`Updated ${pluginPhrase(updated)}${before === '' ? kept : `${kept}, ${before}`}.`, updated);
  });
}

export async function runRollback(plugin: string, options: ChangeOptions & YesOption): Promise<ExitCode> {
  return change(options, async (manager) => {
    const entry = manager.plugin(selectorOf(plugin, options));
    await confirmed(`Replace the ${pluginPhrase(entry)} by the version before its last update?`, options);
    const restored = await known(manager, await manager.rollback(exactly(entry)));
    return told(`Restored the ${pluginPhrase(restored)}.`, restored);
  });
}

export async function runReload(plugin: string | undefined, options: ChangeOptions): Promise<ExitCode> {
  const reload = async (manager: PluginsManager): Promise<ChangeOutcome> => {
    const selected = plugin === undefined ? undefined : manager.plugin(selectorOf(plugin, options));
    await manager.reload(selected === undefined ? undefined : exactly(selected));
    const loaded = selected === undefined ? manager.plugins() : [manager.plugin(exactly(selected))];
    const invalid = loaded.filter(({ error }) => error !== undefined).length;
    const faults = invalid === 0 ? '' : `, ${invalid} of them cannot be used: 'plugins doctor' says why`;
    return { message: `Loaded ${loaded.length} plugin${loaded.length === 1 ? '' : 's'}${faults}.`, data: loaded };
  };
  return change(options, reload, 'eager');
}

/** What a change has led to: in a line for people, as data for programs. */
export interface ChangeOutcome {
  readonly message: string;
  readonly data: unknown;
}

export function told(message: string, data: PluginEntry): ChangeOutcome {
  return { message, data };
}

/** The entry with all that the plugin says of itself; as it is when it cannot be asked. */
async function known(manager: PluginsManager, entry: PluginEntry): Promise<PluginEntry> {
  await manager.inspect(entry.name, entry.kind).catch(() => undefined);
  return manager.plugin(exactly(entry));
}

/** What is changed need not be loaded for it, so that one bad plugin does not slow down the removal of another. */
export async function change(
  options: ChangeOptions,
  work: (manager: PluginsManager) => Promise<ChangeOutcome>,
  load: 'eager' | 'lazy' = 'lazy',
): Promise<ExitCode> {
  await using manager = await openManager(options, { load });
  const { message, data } = await work(manager);
  if (options.json) printJson(data);
  else printLine(message);
  return ExitCode.ok;
}
