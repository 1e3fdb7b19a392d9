/**
 * A parser plugin of API version 0.1.0 in this thread. Configuration and information go through jco's bindings; `parse` is
 * called directly on the core export where the component allows it, and through the bindings where not.
 */
import type { CompiledComponent, ComponentInstance, RingMemory } from '@chipmunk-host/runtime/internal/worker';
import type { ConfigItem, LogLevel } from '../../../shared/config/config-schema.js';
import type { ParserInfo, RenderOptions } from '../../../shared/plugin-info.js';
import type { FrameBuilder } from '../../../worker/output/frame-builder.js';
import type { FrameSource } from '../../../worker/output/frame-source.js';
import type { LiftedFrame } from '../../../worker/output/lifted-frame.js';
import type { ParseOutcome, ParserAdapter, ParserFactory } from '../../contract/parser-adapter.js';
import { TIMES_INTERFACE } from '../../contract/times-interface.js';
import type { ParserBindings, TimesBindings } from '../common/bindings.js';
import { DescribedPlugin } from '../common/described-plugin.js';
import { loadPlugin, PluginCalls } from '../common/plugin-instance.js';
import { GET_TIMES } from '../lifter/item-times.js';
import { BindingsParse } from './bindings-parse.js';
import { DirectParse } from './direct-parse.js';
import type { ParsePath } from './parse-path.js';

const PARSER_INTERFACE = 'chipmunk:parser/parser@0.1.0';

/** How many columns the render options name. The first instance is asked, unless it is known; later ones get the answer. */
interface NamedColumns {
  count: number;
}

export class ParserV0_1_0 implements ParserAdapter {
  readonly #plugin: DescribedPlugin<ParserBindings>;
  readonly #path: ParsePath;
  readonly #calls: PluginCalls;
  readonly #named: NamedColumns | undefined;

  private constructor(
    plugin: DescribedPlugin<ParserBindings>,
    path: ParsePath,
    calls: PluginCalls,
    named: NamedColumns | undefined,
  ) {
    this.#plugin = plugin;
    this.#path = path;
    this.#calls = calls;
    this.#named = named;
  }

  static load(component: CompiledComponent): ParserFactory {
    const instantiate = loadPlugin<ParserBindings>(component, PARSER_INTERFACE);
    const named: NamedColumns = { count: 0 };
    return (ring, context, options) => {
      const { instance, bindings, bounds } = instantiate(context);
      const { outputBytes } = options;
      const path =
        (options.bindingsOnly ? undefined : directPath(instance, ring, outputBytes)) ??
        new BindingsParse(bindings, bounds, outputBytes, timesOf(instance));
      const calls = new PluginCalls(context, { limit: component.memoryBytes, bytes: () => path.memoryBytes });
      const plugin = new DescribedPlugin(bindings, bounds);
      const columns = options.columns === undefined ? named : { count: options.columns };
      return new ParserV0_1_0(plugin, path, calls, options.splitColumns ? columns : undefined);
    };
  }

  get memoryBytes(): number {
    return this.#path.memoryBytes;
  }

  info(): ParserInfo {
    return this.#calls.run(() => {
      const version = this.#plugin.version();
      const renderOptions = this.#plugin.renderOptions();
      if (this.#named !== undefined) this.#named.count = renderOptions.columns?.columns.length ?? 0;
      return { version, configSchemas: this.#plugin.configSchemas(), renderOptions };
    });
  }

  renderOptions(): RenderOptions {
    return this.#calls.run(() => this.#plugin.renderOptions());
  }

  init(config: readonly ConfigItem[], logLevel: LogLevel): void {
    this.#path.mostColumns = this.#named?.count ?? 0;
    this.#calls.run(() => this.#plugin.init(config, logLevel));
  }

  prepare(byteLength: number): Uint8Array {
    return this.#calls.run(() => this.#path.prepare(byteLength));
  }

  parse(byteLength: number, timeMs?: number): ParseOutcome {
    return this.#calls.run(() => this.#path.parse(byteLength, timeMs));
  }

  next(slotOffset: number, slotBytes: number, offset: number, source?: FrameSource): LiftedFrame | undefined {
    return this.#calls.run(() => this.#path.next(slotOffset, slotBytes, offset, source));
  }

  readInto(builder: FrameBuilder): void {
    this.#calls.run(() => this.#path.readInto(builder));
  }

  release(): void {
    this.#calls.run(() => this.#path.release());
  }
}

/** Undefined where not all that is needed can be called directly. */
function directPath(instance: ComponentInstance, ring: RingMemory, outputBytes: number): DirectParse | undefined {
  const parse = instance.direct('parse');
  if (parse?.call.length !== DirectParse.coreParameters || parse.realloc === undefined) return undefined;
  if (timesOf(instance) === undefined) return new DirectParse(parse, parse.realloc, ring, outputBytes);
  const times = instance.direct(GET_TIMES);
  if (times?.call.length !== 0 || times.memory !== parse.memory) return undefined;
  return new DirectParse(parse, parse.realloc, ring, outputBytes, times);
}

/** Undefined for a plugin that gives no times. */
function timesOf(instance: ComponentInstance): TimesBindings | undefined {
  return instance.exports[TIMES_INTERFACE] as TimesBindings | undefined;
}
