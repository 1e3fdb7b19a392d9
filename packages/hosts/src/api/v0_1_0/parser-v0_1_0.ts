/**
 * A parser plugin of API version 0.1.0 in this thread. Configuration and information go through jco's bindings; `parse` is
 * called directly on the core export where the component allows it, and through the bindings where not.
 */
import {
  type CompiledComponent,
  ComponentInstance,
  describe,
  PluginError,
  PluginInitError,
  PluginInvalidError,
  PluginMemoryError,
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
import type { BindingsInitError, ParserBindings } from './parser-bindings.js';

const PARSER_INTERFACE = 'chipmunk:parser/parser@0.1.0';
const INIT_ERROR_TAGS = ['config', 'io', 'unsupported', 'other'];

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
          imports: bindingsImports(context),
          replaceCoreImport: (module, name, caller) => replaceHostFunction(context, module, name, caller),
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
      return new ParserV0_1_0(bindings, path, context, options.memoryBytes);
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
    this.#guard('init', () => {
      try {
        this.#bindings.init({ logLevel }, lowerConfig(config));
      } catch (error) {
        throw isInitError(error) ? new PluginInitError(`${error.val} (${error.tag})`) : error;
      }
    });
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
      return action();
    } catch (error) {
      this.#dead = this.#classify(asPluginError(error, phase));
      throw this.#dead;
    }
  }

  /** A trap of a plugin that had no memory left is a matter of memory: its own text says so, or how much it has. */
  #classify(error: PluginError): PluginError {
    if (!(error instanceof PluginTrapError)) return error;
    const nearLimit = this.#memoryLimit > 0 && this.memoryBytes > this.#memoryLimit * NEARLY_ALL;
    if (!nearLimit && !this.#context.lastLines().some((line) => OUT_OF_MEMORY.test(line))) return error;
    const message = `The plugin ran out of memory: it had ${this.memoryBytes} of at most ${this.#memoryLimit} bytes.`;
    return new PluginMemoryError(message, {
      cause: error,
      help: 'Raise memoryBytes if the plugin is meant to need that much.',
      ...(error.phase === undefined ? {} : { phase: error.phase }),
    });
  }
}

/** Of its memory's limit, when nothing else tells why a plugin trapped. */
const NEARLY_ALL = 0.9;
/** Rust's text, AssemblyScript's, and what the SDK logs. */
const OUT_OF_MEMORY = /memory allocation of \d+ bytes failed|out of memory/i;

function asPluginError(error: unknown, phase: PluginPhase): PluginError {
  if (error instanceof PluginError) {
    error.phase ??= phase;
    return error;
  }
  // Also `RangeError: Maximum call stack size exceeded`: the plugin recursed without end.
  return new PluginTrapError(`The plugin trapped: ${describe(error)}`, { phase, cause: error });
}

function isInitError(error: unknown): error is BindingsInitError {
  const { tag, val } = (error ?? {}) as Partial<BindingsInitError>;
  return tag !== undefined && INIT_ERROR_TAGS.includes(tag) && typeof val === 'string';
}
