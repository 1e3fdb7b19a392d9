/**
 * A byte-source plugin of API version 0.1.0 in this thread. Configuration and information go through jco's bindings; `read` is
 * called directly on the core export where the component allows it, and through the bindings where not.
 */
import {
  type CompiledComponent,
  ComponentInstance,
  HostError,
  type PluginError,
  PluginInvalidError,
  type PluginPhase,
} from '@chipmunk-host/runtime/worker';
import type { ByteSourceRoomOptions } from '../../shared/byte-source-messages.js';
import type { ConfigItem, LogLevel } from '../../shared/config-schema.js';
import type { ByteSourceInfo } from '../../shared/plugin-info.js';
import type { ByteSourceFactory, ByteSourceRoom } from '../../worker/byte-source-room.js';
import type { RoomContext } from '../../worker/parser-room.js';
import type { ByteSourceBindings } from './byte-source-bindings.js';
import { liftSchemas, lowerConfig } from './config-lowering.js';
import { DirectRead } from './direct-read.js';
import { bindingsImports, replaceHostFunction } from './host-functions.js';
import { asPluginError, classifyTrap, initialise } from './plugin-failure.js';
import { BindingsRead, type ReadPath } from './read-path.js';

const BYTE_SOURCE_INTERFACE = 'chipmunk:bytesource/byte-source@0.1.0';

export class ByteSourceV0_1_0 implements ByteSourceRoom {
  readonly #bindings: ByteSourceBindings;
  readonly #path: ReadPath;
  readonly #context: RoomContext;
  readonly #options: ByteSourceRoomOptions;
  /** Set when the plugin failed in a way after which its memory is in no known state. */
  #dead: PluginError | undefined;

  private constructor(
    bindings: ByteSourceBindings,
    path: ReadPath,
    context: RoomContext,
    options: ByteSourceRoomOptions,
  ) {
    this.#bindings = bindings;
    this.#path = path;
    this.#context = context;
    this.#options = options;
  }

  /** What takes time is done once; what is returned makes an instance at once, as often as it is called. */
  static async load(component: CompiledComponent): Promise<ByteSourceFactory> {
    const instantiate = await ComponentInstance.load(component);
    return (context, options) => {
      let instance: ComponentInstance;
      try {
        instance = instantiate({
          imports: bindingsImports(context),
          replaceCoreImport: (module, name, caller) => replaceHostFunction(context, module, name, caller),
        });
      } catch (error) {
        throw asPluginError(error, 'instantiate');
      }
      const bindings = instance.exports[BYTE_SOURCE_INTERFACE] as ByteSourceBindings | undefined;
      if (bindings === undefined)
        throw new PluginInvalidError(`The component does not export ${BYTE_SOURCE_INTERFACE}.`);
      const direct = options.bindingsOnly ? undefined : instance.direct('read');
      const path =
        direct?.call.length === DirectRead.coreParameters ? new DirectRead(direct) : new BindingsRead(bindings);
      return new ByteSourceV0_1_0(bindings, path, context, options);
    };
  }

  get memoryBytes(): number {
    return this.#path.memoryBytes;
  }

  info(): ByteSourceInfo {
    return this.#guard('info', () => {
      const { major, minor, patch } = this.#bindings.getVersion();
      return { version: { major, minor, patch }, configSchemas: liftSchemas(this.#bindings.getConfigSchemas()) };
    });
  }

  init(config: readonly ConfigItem[], logLevel: LogLevel): void {
    this.#guard('init', () => initialise(() => this.#bindings.init({ logLevel }, lowerConfig(config))));
  }

  read(into: Uint8Array): number {
    return this.#guard('read', () => this.#path.read(into));
  }

  #guard<Result>(phase: PluginPhase, action: () => Result): Result {
    if (this.#dead !== undefined) throw this.#dead;
    try {
      return action();
    } catch (error) {
      if (error instanceof HostError && error.code === 'ERR_SOURCE_READ') throw error;
      this.#dead = classifyTrap(asPluginError(error, phase), {
        memoryBytes: this.memoryBytes,
        memoryLimit: this.#options.memoryBytes,
        lastLines: this.#context.lastLines(),
      });
      throw this.#dead;
    }
  }
}
