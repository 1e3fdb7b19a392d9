/** What plugins of both kinds tell of themselves, and their start: calls through jco's bindings, with bounds on what they return. */
import type { LiftBounds } from '@chipmunk-host/runtime/internal/worker';
import type { ConfigItem, ConfigSchema, LogLevel } from '../../../shared/config/config-schema.js';
import type { PluginVersion, RenderOptions } from '../../../shared/plugin-info.js';
import type { ParserBindings } from './bindings.js';
import { describingLimits, requireTexts } from './bindings-bounds.js';
import { liftSchemas, lowerConfig } from './config-lowering.js';
import { initialise } from './plugin-failure.js';

type CommonBindings = Pick<ParserBindings, 'getVersion' | 'getConfigSchemas' | 'init'>;

export class DescribedPlugin<Bindings extends CommonBindings> {
  readonly #bindings: Bindings;
  readonly #bounds: LiftBounds;

  constructor(bindings: Bindings, bounds: LiftBounds) {
    this.#bindings = bindings;
    this.#bounds = bounds;
  }

  version(): PluginVersion {
    const { major, minor, patch } = this.#described('get-version', (bindings) => bindings.getVersion());
    return { major, minor, patch };
  }

  configSchemas(): ConfigSchema[] {
    return liftSchemas(this.#described('get-config-schemas', (bindings) => bindings.getConfigSchemas()));
  }

  renderOptions(this: DescribedPlugin<ParserBindings>): RenderOptions {
    const { columnsOptions } = this.#described('get-render-options', (bindings) => bindings.getRenderOptions());
    return { columns: columnsOptions };
  }

  init(config: readonly ConfigItem[], logLevel: LogLevel): void {
    initialise(() =>
      this.#bounds.within(describingLimits('init'), () => this.#bindings.init({ logLevel }, lowerConfig(config))),
    );
  }

  #described<Result>(call: string, describe: (bindings: Bindings) => Result): Result {
    const result = this.#bounds.within(describingLimits(call), () => describe(this.#bindings));
    return this.#bounds.hasOversized ? requireTexts(call, result) : result;
  }
}
