/**
 * One byte-source plugin in a worker of its own. Its bytes go through a shared ring straight to the worker that parses them:
 * a ring that is full stops the plugin, and the main thread takes no part in it.
 */
import {
  createRingMemory,
  endRingForWriter,
  PluginError,
  type RingMemory,
  type RingShape,
  stopRingWriter,
  type WorkerInstance,
} from '@chipmunk-host/runtime';
import { option, requireOption } from '@chipmunk-host/runtime/options';
import {
  type ByteSourceControl,
  type ByteSourceEvent,
  type ByteSourceOutcome,
  type ByteSourcePayload,
  createSourceProgress,
  type FollowOptions,
  type SourceRecoveryOptions,
  type SourceRestart,
  type SourceRunRequest,
} from '../shared/byte-source-messages.js';
import type { ByteSourceInfo } from '../shared/plugin-info.js';
import { defined, requireWhole } from './option-checks.js';
import { endedByForce } from './plugin-call.js';
import { PluginHost, type PluginHostOptions, pluginPayload, startPlugin } from './plugin-host.js';
import { DEFAULT_RECOVERY } from './recovery-defaults.js';
import { watchRun } from './watchdog.js';

/** The program of the source's worker: started here, defined there. */
const BYTE_SOURCE_WORKER = new URL('../worker/byte-source.worker.js', import.meta.url);

/** What a plugin may read ahead of the parser. A slot is the most that it is asked for at once. */
const DEFAULT_RING: RingShape = { slots: 16, slotBytes: 256 * 1024 };
const DEFAULT_SOURCE_RECOVERY: SourceRecoveryOptions = { ...DEFAULT_RECOVERY, mode: 'replay' };
const DEFAULT_FOLLOW: FollowOptions = { intervalMs: 100, maxEmptyReads: 20 };

export interface ByteSourceHostOptions extends PluginHostOptions {
  /** Slots of the ring of bytes. Default 16 of 256 KiB. */
  readonly ring?: RingShape;
  /** What is done when the plugin fails in `read`. */
  readonly recovery?: Partial<SourceRecoveryOptions>;
  /**
   * Whether the source goes on to be read when it has nothing: true for the defaults. Default false: a `read` that comes back empty is the
   * end of the input.
   */
  readonly follow?: boolean | Partial<FollowOptions>;
}

/** The ring of an instance whose thread was lost, for the one that goes on in its place. */
export interface SourceRing {
  readonly ring: RingMemory;
  /** See createSourceProgress. */
  readonly progress: SharedArrayBuffer;
}

/** How a source ended. `lost` when its thread ended with it. */
export type ByteSourceEnd =
  | { readonly kind: 'ended'; readonly outcome: ByteSourceOutcome }
  | { readonly kind: 'failed' | 'lost'; readonly error: unknown };

export class ByteSourceHost extends PluginHost<ByteSourceInfo, ByteSourceControl> {
  /** Where the bytes come out, for a ChunkReader. */
  readonly ring: RingMemory;
  #running: Promise<ByteSourceEnd> | undefined;
  #stopWatching: () => void = () => {};
  #closing: Promise<void> | undefined;

  private constructor(
    options: ByteSourceHostOptions,
    payload: ByteSourcePayload,
    instance: WorkerInstance<ByteSourceControl>,
  ) {
    super(options, payload, instance);
    this.ring = payload.ring;
  }

  /**
   * Instantiates the plugin in a worker and asks it about itself.
   * @param keptRing the ring to write to; whoever gives it ends it. Default: one of its own.
   * @param onRestart told of each fresh instance that takes over
   * @throws PluginInvalidError when the component is no byte-source plugin or claims too much, PluginTrapError when it fails to start
   */
  static async open(
    options: ByteSourceHostOptions,
    keptRing?: SourceRing,
    onRestart?: (restart: SourceRestart) => void,
  ): Promise<ByteSourceHost> {
    const { ring, progress } = keptRing ?? createSourceRing(options);
    const payload: ByteSourcePayload = {
      ...pluginPayload(options, 'bytesource'),
      ring,
      progress,
      ...sourceOptions(options),
    };
    const instance = await startPlugin<ByteSourceControl, ByteSourceEvent>(options, payload, {
      program: BYTE_SOURCE_WORKER,
      onEvent: ({ restart }) => onRestart?.(restart),
    });
    // A worker that dies cannot close the ring itself.
    if (keptRing === undefined) void instance.ended.then(() => endRingForWriter(ring));
    const host = new ByteSourceHost(options, payload, instance);
    await host.ask();
    return host;
  }

  /**
   * Reads the plugin until its input ends or it is closed. Called again, it tells of the same run. Never rejects: whoever reads
   * the ring meets the error there, too, behind the bytes that came before it.
   */
  run(request: SourceRunRequest = { failures: [], restarts: 0 }): Promise<ByteSourceEnd> {
    this.#running ??= this.#run(request);
    return this.#running;
  }

  /** Ends the instance and removes its temporary directory. A reader of the ring is woken. Again is harmless. */
  override close(): Promise<void> {
    this.#closing ??= (async () => {
      stopRingWriter(this.ring);
      await this.giveWay();
    })();
    return this.#closing;
  }

  /** Ends what is left of an instance whose thread was lost, and leaves the ring to the next. */
  async giveWay(): Promise<void> {
    this.#stopWatching();
    await this.end();
  }

  async #run(request: SourceRunRequest): Promise<ByteSourceEnd> {
    let stuck = false;
    this.#stopWatching = watchRun(this.status, this.deadlineMs, () => {
      stuck = true;
      void this.instance.terminate();
    });
    try {
      return { kind: 'ended', outcome: await this.instance.call('run', request) };
    } catch (thrown) {
      if (thrown instanceof PluginError) {
        thrown.plugin ??= this.plugin;
        thrown.phase ??= 'read';
      }
      const lost = thrown instanceof PluginError && thrown.code === 'ERR_PLUGIN_LOST';
      const error = stuck ? endedByForce(this.plugin, this.deadlineMs, 'read', thrown) : thrown;
      return { kind: lost ? 'lost' : 'failed', error };
    } finally {
      this.#stopWatching();
    }
  }
}

/** @throws HostError `ERR_INVALID_OPTION` when the shape cannot be */
export function createSourceRing({ ring = DEFAULT_RING }: Pick<ByteSourceHostOptions, 'ring'>): SourceRing {
  return { ring: createRingMemory(ring), progress: createSourceProgress() };
}

/** @throws HostError `ERR_INVALID_OPTION` naming the option that cannot be */
export function sourceOptions(
  options: Pick<ByteSourceHostOptions, 'recovery' | 'follow'>,
): Pick<ByteSourcePayload, 'recovery' | 'follow'> {
  const recovery = { ...DEFAULT_SOURCE_RECOVERY, ...defined(options.recovery) };
  const { mode, ...numbers } = recovery;
  for (const [name, value] of Object.entries(numbers)) requireWhole(`recovery.${name}`, value, 0);
  requireOption(option.oneOf(['replay', 'continue']), mode, 'recovery.mode');
  const { follow = false } = options;
  if (follow === false) return { recovery, follow: undefined };
  const followed = { ...DEFAULT_FOLLOW, ...(follow === true ? {} : defined(follow)) };
  for (const [name, value] of Object.entries(followed)) requireWhole(`follow.${name}`, value, 0);
  return { recovery, follow: followed };
}
