/**
 * A built-in source in a worker of its own. Its bytes go through shared rings straight to the workers that parse them: nothing of them passes
 * the main thread, which may be busy for as long as it likes.
 */
import {
  createRingMemory,
  endRingForWriter,
  type InstanceStarter,
  onAbort,
  type RingMemory,
  type RingShape,
  stopRingWriter,
  type WorkerInstance,
} from '@chipmunk-host/runtime/internal';
import type { FilePosition, Resumption } from '../shared/file-position.js';
import { ReadProgress } from '../shared/read-progress.js';
import type { RecordOptions } from '../shared/record-options.js';
import type { RecordRequest, SourceControl, SourceOutcome, SourcePayload } from '../shared/source-payload.js';
import { type FoundKind, SOURCES } from '../shared/source-table.js';
import type { UdpOptions } from '../shared/udp-options.js';

/** The program of the source's worker: named here, defined there. */
const SOURCE_WORKER = new URL('../threads/source.js', import.meta.url);

export interface SourceHostParts {
  readonly pool: InstanceStarter;
  readonly source: FoundKind;
  /** Of each ring. */
  readonly shape: RingShape;
  readonly signal?: AbortSignal | undefined;
  /** Where what it delivers is recorded. */
  readonly record?: RecordOptions | undefined;
  /** Where to go on. */
  readonly resumption?: Resumption | undefined;
}

/** How a source ended. */
export type SourceEnd =
  | { readonly kind: 'ended'; readonly outcome: SourceOutcome }
  | { readonly kind: 'failed'; readonly error: unknown };

export class SourceHost implements AsyncDisposable {
  /** Where the bytes come out, for ByteRingReaders: one ring for each input that may come at once. */
  readonly rings: readonly [RingMemory, ...RingMemory[]];
  readonly progress: ReadProgress;
  readonly #instance: WorkerInstance<SourceControl>;
  #running: Promise<SourceEnd> | undefined;
  #closing: Promise<void> | undefined;

  private constructor(
    rings: readonly [RingMemory, ...RingMemory[]],
    progress: ReadProgress,
    instance: WorkerInstance<SourceControl>,
  ) {
    this.rings = rings;
    this.progress = progress;
    this.#instance = instance;
    // Where its thread is gone, nobody else closes the rings.
    void instance.ended.then(() => {
      for (const ring of rings) endRingForWriter(ring);
    });
  }

  /** @throws HostError `ERR_SOURCE_OPEN`; the signal's reason */
  static async open({ pool, source, shape, signal, resumption, record }: SourceHostParts): Promise<SourceHost> {
    const others = Array.from({ length: source.lanes - 1 }, () => createRingMemory(shape));
    const rings = [createRingMemory(shape), ...others] as const;
    const { kind, options } = source;
    const progress = new ReadProgress();
    const payload = {
      kind,
      options,
      rings,
      progress: progress.memory,
      record: record && recordRequest(source, record),
    } as SourcePayload;
    const instance = await pool.start<SourceControl, SourcePayload>(payload, { program: SOURCE_WORKER, signal });
    const host = new SourceHost(rings, progress, instance);
    const stopListening = onAbort(signal, () => void instance.destroy());
    try {
      await instance.call('open', resumption);
      signal?.throwIfAborted();
      return host;
    } catch (error) {
      await host.close();
      signal?.throwIfAborted();
      throw error;
    } finally {
      stopListening();
    }
  }

  /**
   * Delivers until the input ends or the source is closed. Called again, it returns the same run. Never rejects: the code that reads the
   * rings meets the error there, too, behind the bytes that came before it. That it is closed is no error.
   */
  run(): Promise<SourceEnd> {
    this.#running ??= this.#run();
    return this.#running;
  }

  /** The place of a position in the input; undefined when there is none to go back to. @throws HostError `ERR_CLOSED` */
  placeAt(offset: number): Promise<FilePosition | undefined> {
    return this.#instance.call('placeAt', offset);
  }

  /** Ends the source. Readers of the rings are woken. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      for (const ring of this.rings) stopRingWriter(ring);
      await this.#instance.close();
      await this.#running;
    })();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(): Promise<SourceEnd> {
    try {
      return { kind: 'ended', outcome: await this.#instance.call('run') };
    } catch (error) {
      return this.#instance.isClosed
        ? { kind: 'ended', outcome: { reason: 'stopped', bytes: 0 } }
        : { kind: 'failed', error };
    }
  }
}

function recordRequest({ kind, options }: FoundKind, record: RecordOptions): RecordRequest {
  const { address, groups = [], port }: UdpOptions = kind === 'udp' ? (options as UdpOptions) : { port: 0 };
  return {
    options: record,
    isOfPackets: SOURCES[kind].delivers === 'packets',
    to: { address: groups[0]?.address ?? address ?? '', port },
  };
}
