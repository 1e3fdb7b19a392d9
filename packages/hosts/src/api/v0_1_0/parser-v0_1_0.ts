/**
 * A parser plugin of API version 0.1.0 in this thread. Configuration and information go through jco's bindings; `parse` is
 * called directly on the core export where the component allows it, and through the bindings where not.
 */
import {
  type CompiledComponent,
  ComponentInstance,
  PluginError,
  PluginInvalidError,
  type PluginPhase,
  PluginTrapError,
} from '@chipmunk-host/runtime/worker';
import type { ConfigItem, LogLevel } from '../../shared/config-schema.js';
import type { ParserInfo } from '../../shared/plugin-info.js';
import type { FrameBuilder } from '../../worker/frame-builder.js';
import type { LiftedFrame, ParseOutcome, ParserFactory, ParserRoom, RoomContext } from '../../worker/parser-room.js';
import { BindingsParse } from './bindings-parse.js';
import { liftSchemas, lowerConfig } from './config-lowering.js';
import { DirectParse } from './direct-parse.js';
import { bindingsImports, replaceHostFunction } from './host-functions.js';
import type { ParsePath } from './parse-path.js';
import type { ParserBindings } from './parser-bindings.js';
import { asPluginError, classifyTrap, initialise } from './plugin-failure.js';

const PARSER_INTERFACE = 'chipmunk:parser/parser@0.1.0';

export class ParserV0_1_0 implements ParserRoom {
  readonly #bindings: ParserBindings;
  readonly #path: ParsePath;
  /** Set when the plugin failed in a way after which its memory is in no known state. */
  #dead: PluginError | undefined;

  readonly #context: RoomContext;
  readonly #memoryLimit: number;

  private constructor(bindings: ParserBindings, path: ParsePath, context: RoomContext, memoryLimit: number) {
    this.#bindings = bindings;
    this.#path = path;
    this.#context = context;
    this.#memoryLimit = memoryLimit;
  }

  /** What takes time is done once; what is returned makes an instance at once, as often as it is called. */
  static async load(component: CompiledComponent): Promise<ParserFactory> {
    const instantiate = await ComponentInstance.load(component);
    return (ring, context, options) => {
      let instance: ComponentInstance;
      try {
        instance = instantiate({
          imports: { ...bindingsImports(context), ...context.wasi?.bindingsImports(component.imports) },
          replaceCoreImport: (module, name, caller) =>
            replaceHostFunction(context, module, name, caller) ?? context.wasi?.replaceCoreImport(module, name, caller),
        });
      } catch (error) {
        throw asPluginError(error, 'instantiate');
      }
      const bindings = instance.exports[PARSER_INTERFACE] as ParserBindings | undefined;
      if (bindings === undefined) throw new PluginInvalidError(`The component does not export ${PARSER_INTERFACE}.`);
      const direct = options.bindingsOnly ? undefined : instance.direct('parse');
      const path =
        direct?.call.length === DirectParse.coreParameters
          ? new DirectParse(direct, ring, options.outputBytes)
          : new BindingsParse(bindings);
      return new ParserV0_1_0(bindings, path, context, component.memoryBytes);
    };
  }

  get memoryBytes(): number {
    return this.#path.memoryBytes;
  }

  info(): ParserInfo {
    return this.#guard('info', () => {
      const { major, minor, patch } = this.#bindings.getVersion();
      const { columnsOptions } = this.#bindings.getRenderOptions();
      return {
        version: { major, minor, patch },
        configSchemas: liftSchemas(this.#bindings.getConfigSchemas()),
        renderOptions: { columns: columnsOptions },
      };
    });
  }

  init(config: readonly ConfigItem[], logLevel: LogLevel): void {
    this.#guard('init', () => initialise(() => this.#bindings.init({ logLevel }, lowerConfig(config))));
  }

  prepare(byteLength: number): Uint8Array {
    return this.#guard('parse', () => this.#path.prepare(byteLength));
  }

  parse(byteLength: number): ParseOutcome {
    return this.#guard('parse', () => this.#path.parse(byteLength));
  }

  next(slotOffset: number, slotBytes: number, offset: number): LiftedFrame | undefined {
    return this.#guard('parse', () => this.#path.next(slotOffset, slotBytes, offset));
  }

  readInto(builder: FrameBuilder): void {
    this.#guard('parse', () => this.#path.readInto(builder));
  }

  release(): void {
    this.#guard('parse', () => this.#path.release());
  }

  #guard<Result>(phase: PluginPhase, action: () => Result): Result {
    if (this.#dead !== undefined) throw this.#dead;
    try {
      const result = action();
      this.#requireNoExit();
      return result;
    } catch (error) {
      this.#dead = classifyTrap(asPluginError(error, phase), {
        memoryBytes: this.memoryBytes,
        memoryLimit: this.#memoryLimit,
        lastLines: this.#context.lastLines(),
      });
      throw this.#dead;
    }
  }

  /** Calling `exit` ends the plugin, also one that catches what the call throws. */
  #requireNoExit(): void {
    const code = this.#context.wasi?.exitCode;
    if (code !== undefined) throw new PluginTrapError(`The plugin called exit(${code}).`);
  }
}
