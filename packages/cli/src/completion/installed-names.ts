/** Names that only the plugins directory knows. Errors are ignored: they would only disturb somebody who presses a key. */
import { type PluginKind, PluginsManager, SOURCE_SCHEMES } from '@chipmunk-host/manager';
import type { Completion, Given, NameSource } from './completions.js';

export const INSTALLED_NAMES: NameSource = {
  plugins: (given) =>
    quietly(given, async (manager) =>
      manager
        .plugins()
        .filter(({ kind }) => kind === (KINDS.get(given.awaited ?? '') ?? kind))
        .map(({ name, title }) => ({ word: name, description: title })),
    ),
  sources: async () =>
    SOURCE_SCHEMES.map(([name, example]) => ({
      word: example.includes(`${name}://`) ? `${name}://` : `${name}:`,
      description: example,
    })),
  profiles: (given) =>
    quietly(given, async (manager) => {
      const { options, operands, awaited } = given;
      const plugin = options.get(awaited === 'sourceProfile' ? 'source' : 'parser') ?? operands[0] ?? '';
      const names = await manager.profiles.list(plugin);
      return names.map((word) => ({ word, description: `profile of ${plugin}` }));
    }),
};

/** Options that take a plugin of one kind. */
const KINDS: ReadonlyMap<string, PluginKind> = new Map([
  ['parser', 'parser'],
  ['source', 'bytesource'],
]);

async function quietly(
  { options }: Given,
  work: (manager: PluginsManager) => Promise<readonly Completion[]>,
): Promise<readonly Completion[]> {
  try {
    // An empty variable is as good as none here.
    const directory = options.get('pluginsDir') ?? (process.env.CHIPMUNK_HOST_PLUGINS_DIR || undefined);
    await using manager = await PluginsManager.open({
      ...(directory === undefined ? {} : { directory }),
      load: 'lazy',
    });
    return await work(manager);
  } catch {
    return [];
  }
}
