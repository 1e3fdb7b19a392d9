/** A byte-source plugin of API version 0.1.0 in this thread; `read` is called directly on the core export where it can be. */
import { type CompiledComponent, HostError } from '@chipmunk-host/runtime/internal/worker';
import type { ConfigItem, LogLevel } from '../../../shared/config/config-schema.js';
import type { ByteSourceInfo } from '../../../shared/plugin-info.js';
import type { ByteSourceAdapter, ByteSourceFactory } from '../../contract/byte-source-adapter.js';
import { DescribedPlugin } from '../common/described-plugin.js';
import { loadPlugin, PluginCalls } from '../common/plugin-instance.js';
import type { ByteSourceBindings } from './byte-source-bindings.js';
import { DirectRead } from './direct-read.js';
import { BindingsRead, type ReadPath } from './read-path.js';

const BYTE_SOURCE_INTERFACE = 'chipmunk:bytesource/byte-source@0.1.0';

export class ByteSourceV0_1_0 implements ByteSourceAdapter {
  readonly #plugin: DescribedPlugin<ByteSourceBindings>;
  readonly #path: ReadPath;
  readonly #calls: PluginCalls;

  private constructor(plugin: DescribedPlugin<ByteSourceBindings>, path: ReadPath, calls: PluginCalls) {
    this.#plugin = plugin;
    this.#path = path;
    this.#calls = calls;
  }

  static load(component: CompiledComponent): ByteSourceFactory {
    const instantiate = loadPlugin<ByteSourceBindings>(component, BYTE_SOURCE_INTERFACE);
    return (context, options) => {
      const { instance, bindings, bounds } = instantiate(context);
      const direct = options.bindingsOnly ? undefined : instance.direct('read');
      const path =
        direct?.call.length === DirectRead.coreParameters ? new DirectRead(direct) : new BindingsRead(bindings, bounds);
      const calls = new PluginCalls(context, { limit: component.memoryBytes, bytes: () => path.memoryBytes });
      return new ByteSourceV0_1_0(new DescribedPlugin(bindings, bounds), path, calls);
    };
  }

  get memoryBytes(): number {
    return this.#path.memoryBytes;
  }

  info(): ByteSourceInfo {
    return this.#calls.run(() => ({
      version: this.#plugin.version(),
      configSchemas: this.#plugin.configSchemas(),
    }));
  }

  init(config: readonly ConfigItem[], logLevel: LogLevel): void {
    this.#calls.run(() => this.#plugin.init(config, logLevel));
  }

  read(into: Uint8Array): number {
    return this.#calls.run(() => this.#path.read(into), isReadError);
  }
}

/** The plugin's own word that it could not read: it may be asked again. */
function isReadError(error: unknown): boolean {
  return error instanceof HostError && error.code === 'ERR_SOURCE_READ';
}
