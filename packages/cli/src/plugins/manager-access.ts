/** What every command about plugins needs: the manager, and the plugin that an argument names. */
import { type PluginEntry, type PluginKind, type PluginSelector, PluginsManager } from '@chipmunk-host/manager';
import { printWarning } from './command-output.js';

/** Options that all of these commands have. */
export interface PluginsOptions {
  /** Undefined: Chipmunk's own. */
  readonly pluginsDir?: string;
  readonly json?: boolean;
}

export interface KindOption {
  /** Undefined: whichever has the name, the parser first. */
  readonly kind?: PluginKind;
}

export function openManager(
  { pluginsDir }: PluginsOptions,
  options: {
    readonly load?: 'eager' | 'lazy' /** Tells what is wrong with the directory. */;
    readonly warns?: boolean;
  } = {},
): Promise<PluginsManager> {
  return PluginsManager.open({
    createDirectory: true,
    ...(pluginsDir === undefined ? {} : { directory: pluginsDir }),
    load: options.load ?? 'eager',
    ...(options.warns ? { onWarning: printWarning } : {}),
  });
}

export function selectorOf(plugin: string, { kind }: KindOption): PluginSelector {
  return kind === undefined ? plugin : { name: plugin, kind };
}

/** Of the kind that is meant, so that nothing else is changed after it was shown to somebody. */
export function exactly({ name, kind }: PluginEntry): PluginSelector {
  return { name, kind };
}
