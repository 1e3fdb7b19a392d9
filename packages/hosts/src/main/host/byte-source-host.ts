/**
 * One byte-source plugin in a worker of its own. Its bytes go through a shared ring straight to the worker that parses them:
 * a ring that is full stops the plugin, and the main thread takes no part in it.
 */

import { randomUUID } from 'node:crypto';
import {
  createRingMemory,
  endRingForWriter,
  type RingMemory,
  type RingShape,
  ringState,
  stopRingWriter,
  type WorkerInstance,
} from '@chipmunk-host/runtime/internal';
import { requireOption } from '@chipmunk-host/runtime/internal/options';
import type { Given } from '../../shared/given.js';
import type { ByteSourceInfo } from '../../shared/plugin-info.js';
import {
  type ByteSourceControl,
  type ByteSourceOutcome,
  type ByteSourcePayload,
  createSourceProgress,
  deliveredBytes,
  type FollowOptions,
  type SourceRecoveryOptions,
} from '../../shared/protocol/byte-source-messages.js';
import { DEFAULT_BYTE_RING, DEFAULT_FOLLOW, DEFAULT_SOURCE_RECOVERY } from '../../shared/protocol/session-defaults.js';
import { defined } from '../options/defined.js';
import * as limits from '../options/limit-tables.js';
import { withContext } from './plugin-call.js';
import { PluginHost, type PluginHostOptions, pluginPayload, startPlugin } from './plugin-host.js';

/** The program of the source's worker, and what looks after it in the supervisor's thread: named here, defined there. */
const BYTE_SOURCE_WORKER = new URL('../../threads/byte-source.js', import.meta.url);
const BYTE_SOURCE_RUNNER = new URL('../../supervisor/byte-source.runner.js', import.meta.url);

/** How a byte-source is started. */
export interface ByteSourceHostOptions extends PluginHostOptions {
  /** Slots of the ring of bytes. Default 16 of 256 KiB. */
  readonly ring?: RingShape | undefined;
  /** What is done when the plugin fails in `read`. */
  readonly recovery?: Given<SourceRecoveryOptions> | undefined;
  /**
   * Whether the source goes on to be read when it has nothing: true for the defaults. Default false: a `read` that comes back empty is the
   * end of the input.
   */
  readonly follow?: boolean | Given<FollowOptions> | undefined;
  /**
   * What the plugin is known to say of itself: `info` of an earlier host of the same component. The plugin is not asked again then, and
   * is started by `init`. Default: the plugin is asked.
   */
  readonly info?: ByteSourceInfo | undefined;
}

/** How a source ended. */
export type ByteSourceEnd =
  | { readonly kind: 'ended'; readonly outcome: ByteSourceOutcome }
  | { readonly kind: 'failed'; readonly error: unknown };

/** A byte-source in a worker thread of its own. Most programs use sessions, which open one themselves. */
export class ByteSourceHost extends PluginHost<ByteSourceInfo, ByteSourceControl> {
  /** Where the bytes come out, for a ByteRingReader. */
  readonly ring: RingMemory;
  /** See ByteSourcePayload. */
  readonly input: string;
  readonly #progress: SharedArrayBuffer;
  #running: Promise<ByteSourceEnd> | undefined;
  #closing: Promise<void> | undefined;

  private constructor(
    options: ByteSourceHostOptions,
    payload: ByteSourcePayload,
    instance: WorkerInstance<ByteSourceControl>,
  ) {
    super(options, payload, instance, options.info);
    this.ring = payload.ring;
    this.input = payload.input;
    this.#progress = payload.progress;
  }

  /**
   * Instantiates the plugin in a worker and asks it about itself, unless `info` is given: then only the worker is taken.
   * @throws PluginInvalidError when the component is no byte-source plugin or claims too much, PluginTrapError when it fails to start
   */
  static async open(options: ByteSourceHostOptions): Promise<ByteSourceHost> {
    const payload: ByteSourcePayload = {
      ...pluginPayload(options, 'bytesource'),
      input: randomUUID(),
      ring: createRingMemory(options.ring ?? DEFAULT_BYTE_RING),
      progress: createSourceProgress(),
      ...sourceOptions(options),
    };
    const programs = { program: BYTE_SOURCE_WORKER, runner: BYTE_SOURCE_RUNNER };
    const instance = await startPlugin<ByteSourceControl>(options, payload, programs);
    // Where the supervisor is gone, nobody else closes the ring.
    void instance.ended.then(() => endRingForWriter(payload.ring));
    const host = new ByteSourceHost(options, payload, instance);
    await host.ask();
    return host;
  }

  /**
   * Reads the plugin until its input ends or it is closed. Called again, it returns the same run. Never rejects: the code that reads
   * the ring meets the error there, too, behind the bytes that came before it. That it is closed is no error: the outcome is `stopped`
   * then, also when its thread had to be ended.
   */
  run(): Promise<ByteSourceEnd> {
    this.#running ??= this.#run();
    return this.#running;
  }

  /** Ends the instance and removes its temporary directory. A reader of the ring is woken. Idempotent. */
  override close(): Promise<void> {
    this.#closing ??= (async () => {
      stopRingWriter(this.ring);
      await this.end();
    })();
    return this.#closing;
  }

  async #run(): Promise<ByteSourceEnd> {
    try {
      if (this.instance.isClosing) return this.#stopped();
      const outcome = await withContext(this.plugin, 'read', this.instance.call('run'));
      return { kind: 'ended', outcome };
    } catch (error) {
      return this.instance.isClosed ? this.#stopped() : { kind: 'failed', error };
    }
  }

  /** How it has ended when it was closed and left `run` without an answer. */
  #stopped(): ByteSourceEnd {
    const bytes = deliveredBytes(this.#progress, ringState(this.ring).head);
    return { kind: 'ended', outcome: { reason: 'stopped', bytes } };
  }
}

/** @throws HostError `ERR_INVALID_OPTION` naming the option that cannot be */
export function sourceOptions(
  options: Pick<ByteSourceHostOptions, 'recovery' | 'follow'>,
): Pick<ByteSourcePayload, 'recovery' | 'follow'> {
  requireOption(limits.sourceRecovery, options.recovery, 'recovery');
  requireOption(limits.follow, options.follow, 'follow');
  const recovery = { ...DEFAULT_SOURCE_RECOVERY, ...defined(options.recovery) };
  const { follow = false } = options;
  if (follow === false) return { recovery, follow: undefined };
  const followed = { ...DEFAULT_FOLLOW, ...(follow === true ? {} : defined(follow)) };
  return { recovery, follow: followed };
}
