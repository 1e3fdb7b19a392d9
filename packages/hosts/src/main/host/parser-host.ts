/** One parser plugin in a worker of its own, up to the point where it is configured and can be given input. */
import {
  createRingMemory,
  POOL_SIZE,
  type RingMemory,
  type RingShape,
  type WorkerInstance,
  WorkerPool,
  type WorkerPoolOptions,
} from '@chipmunk-host/runtime/internal';
import { requireOption, requireOptions } from '@chipmunk-host/runtime/internal/options';
import type { ParserInfo } from '../../shared/plugin-info.js';
import type { ParseErrorEvent, ParseErrorSummary } from '../../shared/protocol/parse-errors.js';
import type { ParserControl, ParserPayload } from '../../shared/protocol/parser-messages.js';
import type { QuarantineRequest } from '../../shared/protocol/quarantine-account.js';
import { DEFAULT_BATCH_RING, DEFAULT_OUTPUT_BYTES } from '../../shared/protocol/session-defaults.js';
import { slotSpaceBytes } from '../../shared/protocol/slot-space.js';
import * as limits from '../options/limit-tables.js';
import { configuredInfo } from './configured-info.js';
import { requireClaims } from './plugin-claims.js';
import { PluginHost, type PluginHostOptions, pluginPayload, startPlugin } from './plugin-host.js';

/** The program of the pool's workers, and what looks after them in the supervisor's thread: named here, defined there. */
const PARSER_WORKER = new URL('../../threads/parser.js', import.meta.url);
const PARSER_RUNNER = new URL('../../supervisor/parser.runner.js', import.meta.url);

/**
 * A pool whose workers can run parser plugins. Close it when no session is needed any more.
 * @throws HostError `ERR_INVALID_OPTION`
 */
export function createParserPool(options: Omit<WorkerPoolOptions, 'program'> = {}): WorkerPool {
  requireOptions('The options of the pool', options, POOL_SIZE);
  return new WorkerPool({ ...options, program: PARSER_WORKER });
}

/** How a parser is started. */
export interface ParserHostOptions extends PluginHostOptions {
  /** Slots of the batch ring. Default 4 of 1.25 MiB (sessions: 2 to 8, by their window), or of 2 MiB where items are selected: what a consumer that stops can keep waiting. */
  readonly ring?: RingShape | undefined;
  /** Bytes that the items of one `parse` call may have. Default 1 GiB; Infinity: no limit; 0 is refused. */
  readonly outputBytes?: number | undefined;
  /**
   * Whether a line that holds U+0004 is delivered as the columns that were joined with it, where the plugin's render options name
   * two columns or more; the last of those that are named holds what is left. Default true. Plugins made with Chipmunk's own Rust
   * crate join all columns so.
   */
  readonly splitColumns?: boolean | undefined;
  /**
   * Whether errors that the plugin is to blame for carry the first 32 bytes of the input on which it failed (`details.excerpt`, also in
   * records of restarts and gaps): raw bytes of the log, which go wherever errors go. Default true; false leaves the excerpt empty.
   */
  readonly excerpts?: boolean | undefined;
  /**
   * Bytes of memory beyond which the plugin's instance is replaced by a fresh one, between two windows: for plugins that leak. Choose
   * several times the window, which lies in that memory, too. A `restart` record of reason `recycled` marks the place, since what
   * the plugin knew of earlier input is lost. Default Infinity: never; 0 is refused. An instance that has more from its start is replaced when it grows.
   */
  readonly recycleBytes?: number | undefined;
  /** Where a session keeps input on which the plugin fails. Default: nowhere. */
  readonly quarantine?: QuarantineRequest | undefined;
  /**
   * What the plugin is known to say of itself: `info` of an earlier host of the same component. The plugin is not asked again then, and
   * is started by `init`. What is known counts, whatever this instance would say. Default: the plugin is asked.
   */
  readonly info?: ParserInfo | undefined;
  /** Told of the errors for which the plugin skips input, as they come. */
  readonly onParseErrors?: ((errors: ParseErrorSummary) => void) | undefined;
}

/** A parser in a worker thread of its own. Most programs use sessions, which open one themselves. */
export class ParserHost extends PluginHost<ParserInfo, ParserControl> {
  readonly ring: RingMemory;
  #configuredInfo: ParserInfo | undefined;

  private constructor(options: ParserHostOptions, payload: ParserPayload, instance: WorkerInstance<ParserControl>) {
    super(options, payload, instance, options.info);
    this.ring = payload.ring;
  }

  /** The same as `info`, with the columns of its configuration. */
  get configuredInfo(): ParserInfo {
    return this.#configuredInfo ?? this.info;
  }

  protected override async configured(): Promise<void> {
    const renderOptions = await this.called('info', this.instance.call('renderOptions'));
    const info = configuredInfo(this.info, renderOptions);
    requireClaims(info);
    this.#configuredInfo = info;
  }

  /**
   * Instantiates the plugin in a worker and asks it about itself, unless `info` is given: then only the worker is taken.
   * @throws PluginInvalidError when the component is no parser plugin or claims too much, PluginTrapError when it fails to start.
   */
  static async open(options: ParserHostOptions): Promise<ParserHost> {
    const common = pluginPayload(options, 'parser');
    const {
      outputBytes = DEFAULT_OUTPUT_BYTES,
      recycleBytes = Number.POSITIVE_INFINITY,
      splitColumns = true,
      excerpts = true,
      quarantine,
      ring = DEFAULT_BATCH_RING,
    } = options;
    requireOption(limits.outputBytes, outputBytes, 'outputBytes');
    requireOption(limits.recycleBytes, recycleBytes, 'recycleBytes');
    const payload: ParserPayload = {
      ...common,
      ring: createRingMemory(ring, slotSpaceBytes(ring)),
      quarantine,
      recycleBytes,
      excerpts,
      options: {
        ...common.options,
        outputBytes,
        splitColumns,
        columns: options.info?.renderOptions.columns?.columns.length ?? (options.info === undefined ? undefined : 0),
      },
    };
    const instance = await startPlugin<ParserControl>(options, payload, {
      runner: PARSER_RUNNER,
      onEvent: (event) => options.onParseErrors?.((event as ParseErrorEvent).errors),
    });
    const host = new ParserHost(options, payload, instance);
    await host.ask();
    return host;
  }
}
