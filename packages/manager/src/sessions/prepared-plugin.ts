/** A plugin that was found, compiled, and seen to be of the kind that is wanted. */
import {
  type Boundary,
  ConfigError,
  type ConfigSource,
  type ParallelConfig,
  type PluginKind,
  resolveConfig,
} from '@chipmunk-host/hosts';
import { identifyPlugin } from '@chipmunk-host/hosts/internal';
import { type CompiledComponent, PluginInvalidError } from '@chipmunk-host/runtime';
import type { CatalogueEntry } from '../catalogue/catalogue-entry.js';
import type { LocatedPlugin } from '../catalogue/plugin-locator.js';
import { withPath } from '../examination/component-store.js';
import { describeKind } from '../shared/plugin-id.js';

export interface PreparedPlugin {
  readonly component: CompiledComponent;
  readonly kind: PluginKind;
  /** What messages call it. */
  readonly label: string;
  readonly windowBytes: number | undefined;
  readonly parallelBoundary: Boundary | undefined;
  readonly parallelConfig: ParallelConfig | undefined;
  /** Where account of it is kept, when it is one of those that are listed. */
  readonly record: CatalogueEntry | undefined;
}

/**
 * @param wanted undefined: whichever it is
 * @throws PluginInvalidError, with its path in the message, when the component is no plugin, or one of the other kind
 */
export async function preparedPlugin(
  located: LocatedPlugin,
  component: CompiledComponent,
  wanted: PluginKind | undefined,
  record: CatalogueEntry | undefined,
): Promise<PreparedPlugin> {
  const label = located.label ?? component.hash.slice(0, 12);
  const path = 'path' in located.binary ? located.binary.path : undefined;
  const kind = await withPath(path, kindOf(component, label, wanted));
  const { windowBytes, parallelBoundary, parallelConfig } = located;
  return { component, kind, label, windowBytes, parallelBoundary, parallelConfig, record };
}

async function kindOf(component: CompiledComponent, plugin: string, wanted: PluginKind | undefined) {
  const { kind } = identifyPlugin(component);
  if (wanted === undefined || kind === wanted) return kind;
  throw new PluginInvalidError(`The plugin is a ${describeKind(kind)}; expected a ${describeKind(wanted)}.`, {
    plugin,
    help: `Give it as the ${kind === 'parser' ? 'parser' : 'source'}.`,
  });
}

/**
 * A source's configuration that is checked as soon as the schemas are known, so that its faults can be told from the parser's:
 * the host's own messages name no plugin.
 */
export function sourceConfig(config: ConfigSource, label: string): ConfigSource {
  return (schemas) => {
    try {
      const input = typeof config === 'function' ? config(schemas) : config;
      resolveConfig(schemas, input);
      return input;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new ConfigError(
        error.faults.map((fault) => ({ ...fault, message: `Byte-source plugin ${label}: ${fault.message}` })),
      );
    }
  };
}
