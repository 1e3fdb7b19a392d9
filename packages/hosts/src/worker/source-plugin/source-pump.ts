/**
 * Reads a byte-source plugin and passes its bytes on through a ring, as long as somebody wants them. When the plugin fails, a
 * fresh instance goes on, at exactly the byte behind the last that was delivered. The rules are in docs/plugin-contract.md.
 *
 * `#stretch` is synchronous and goes over as many reads as fit a turn; whatever has to wait is returned from it as a `Pause` and
 * waited for outside. The status tells the supervisor, who keeps the time limit, when a read is under way.
 */
import {
  Activity,
  deserializeError,
  HostError,
  PluginError,
  type RunStatusWriter,
} from '@chipmunk-host/runtime/internal/worker';
import type { ByteSourceAdapter } from '../../api/contract/byte-source-adapter.js';
import type {
  ByteSourceOutcome,
  FollowOptions,
  SourceRecoveryOptions,
  SourceRestart,
  SourceRunRequest,
  SourceTrouble,
} from '../../shared/protocol/byte-source-messages.js';
import { encodeRestart } from '../input/source-restarts.js';
import type { InstanceSlot } from '../instance/instance-manager.js';
import { recordedError } from '../recovery/recorded-error.js';
import { SourceLadder } from '../recovery/source-ladder.js';
import type { SourceOutput } from './source-output.js';
import { SourceReplay } from './source-replay.js';

/** The pump gives the thread's event loop a turn this often, for control calls and log lines, in milliseconds. */
const TURN_MS = 25;

export interface PumpParts {
  /** Where the plugin is, which has been initialised. */
  readonly seat: InstanceSlot<ByteSourceAdapter>;
  /** For errors. */
  readonly pluginName: string;
  readonly output: SourceOutput;
  readonly status: RunStatusWriter;
  readonly recovery: SourceRecoveryOptions;
  /** Undefined for a source that ends when it has nothing. */
  readonly follow: FollowOptions | undefined;
  /** Called when the event loop is about to have its turn. */
  onTurn(): void;
  /** Told what a thread that takes over has to know, whenever it has changed. */
  onTroubles(troubles: readonly SourceTrouble[]): void;
  /** Called before the reader is told of it. */
  onRestart(restart: SourceRestart): void;
  /** Tells the user. */
  warn(message: string): void;
  /** The last lines that the plugin logged or wrote. */
  lastLines(): readonly string[];
}

/** What the synchronous part waits for. */
type Pause = 'turn' | 'full' | 'announce' | 'rest' | 'end' | 'stopped';

export class SourcePump {
  readonly #parts: PumpParts;
  readonly #output: SourceOutput;
  #ladder: SourceLadder;
  #troubles: readonly SourceTrouble[] = [];
  /** Set while a fresh instance is read up to where the one before had come. */
  #replay: SourceReplay | undefined;
  /** Bytes that wait until the reader was told of a restart. */
  #held: Uint8Array | undefined;
  #emptyReads = 0;
  /** Fresh instances that the reader was not told of yet, and why they were needed. */
  #untold = 0;
  #restarts = 0;
  #failure: PluginError | undefined;
  /** Whether the source cannot be read again: the failure that made it necessary is then the last. */
  #hopeless = false;
  /** Bytes that the last `read` was asked for. */
  #asked = 0;
  #callStartedAt = 0;

  constructor(parts: PumpParts) {
    this.#parts = parts;
    this.#output = parts.output;
    this.#ladder = new SourceLadder(parts.recovery);
  }

  /** @throws what `read` threw, when it cannot be recovered from. The ring is left open. */
  async run(request: SourceRunRequest): Promise<ByteSourceOutcome> {
    this.#restarts = request.restarts;
    this.#takeOver(request);
    for (;;) {
      try {
        const pause = this.#watchedStretch();
        if (pause === 'end' && this.#untold > 0) await this.#announce();
        if (pause === 'end' || pause === 'stopped') return { reason: pause, bytes: this.#output.bytes };
        await this.#await(pause);
      } catch (error) {
        await this.#recover(error);
      }
    }
  }

  #watchedStretch(): Pause {
    const { status } = this.#parts;
    status.phase('read');
    status.enter(Activity.host);
    try {
      return this.#stretch();
    } finally {
      status.enter(Activity.idle);
    }
  }

  #stretch(): Pause {
    this.#callStartedAt = performance.now();
    const until = this.#callStartedAt + TURN_MS;
    do {
      if (this.#output.stopRequested) return 'stopped';
      const pause = this.#replay === undefined ? this.#deliver() : this.#repeat(this.#replay);
      if (pause !== undefined) return pause;
      this.#callStartedAt = performance.now();
    } while (this.#callStartedAt < until);
    return 'turn';
  }

  #deliver(): Pause | undefined {
    const slot = this.#output.tryAcquire();
    if (slot === undefined) return 'full';
    // In memory of its own when the reader has to be told of a restart first.
    const target = this.#untold > 0 ? new Uint8Array(slot.length) : slot;
    const count = this.#read(target, this.#output.bytes);
    if (count === 0) return this.#nothing();
    this.#emptyReads = 0;
    if (this.#untold > 0) {
      this.#held = target.subarray(0, count);
      return 'announce';
    }
    this.#output.publish(slot, count);
    if (this.#ladder.troubled) {
      this.#ladder.passed(this.#output.bytes, this.#parts.recovery.mode === 'replay');
      this.#tellTroubles();
    }
    return undefined;
  }

  /** One read of what was delivered before. */
  #repeat(replay: SourceReplay): Pause | undefined {
    const count = this.#read(replay.room(), replay.offset);
    if (count === 0 && this.#parts.follow === undefined) throw this.#unrepeatable('it ends earlier');
    if (count === 0) return this.#nothing();
    this.#emptyReads = 0;
    replay.took(count);
    if (!replay.done) return undefined;
    if (!replay.matches) throw this.#unrepeatable('its bytes are others');
    this.#replay = undefined;
    return undefined;
  }

  #read(target: Uint8Array, offset: number): number {
    const length = this.#ladder.troubled ? this.#ladder.lengthAt(offset, target.length) : target.length;
    this.#asked = length;
    const { seat, status } = this.#parts;
    status.slice(length, false, seat.memoryBytes, offset);
    status.enter(Activity.plugin);
    const count = seat.room.read(length === target.length ? target : target.subarray(0, length));
    status.enter(Activity.host);
    return count;
  }

  /** @throws HostError `ERR_SOURCE_READ` when a followed source has delivered nothing too often */
  #nothing(): Pause {
    const { follow } = this.#parts;
    if (follow === undefined) return 'end';
    this.#emptyReads++;
    if (this.#emptyReads < follow.maxEmptyReads) return 'rest';
    throw new HostError('ERR_SOURCE_READ', `nothing came in ${this.#emptyReads} reads in a row.`, {
      help: 'Raise follow.maxEmptyReads or follow.intervalMs; with maxEmptyReads Infinity it is followed without end.',
    });
  }

  async #await(pause: Pause): Promise<void> {
    switch (pause) {
      case 'turn':
        return this.#giveTurn();
      case 'rest':
        this.#parts.onTurn();
        this.#output.rest(this.#parts.follow?.intervalMs ?? 0);
        return this.#giveTurn();
      case 'full':
        this.#parts.onTurn();
        await this.#output.acquire();
        return;
      case 'announce':
        await this.#announce();
        return this.#deliverHeld();
    }
  }

  async #giveTurn(): Promise<void> {
    this.#parts.onTurn();
    await new Promise((resolve) => setImmediate(resolve));
  }

  async #deliverHeld(): Promise<void> {
    const held = this.#held;
    const slot = await this.#output.acquire();
    this.#held = undefined;
    if (held === undefined || slot === undefined) return;
    slot.set(held);
    this.#output.publish(slot, held.length);
  }

  /** Tells the main thread and then the reader that a fresh instance has taken over. */
  async #announce(): Promise<void> {
    if (this.#failure === undefined) return;
    const restart: SourceRestart = {
      number: ++this.#restarts,
      offset: this.#output.bytes,
      restarts: this.#untold,
      error: recordedError(this.#failure),
    };
    this.#untold = 0;
    this.#parts.onRestart(restart);
    await this.#output.note(encodeRestart(restart, this.#output.slotBytes));
  }

  /** Goes on for instances whose threads were lost. */
  #takeOver({ failures, known, troubles }: SourceRunRequest): void {
    this.#ladder = new SourceLadder(this.#parts.recovery, troubles);
    const last = failures.at(-1);
    if (last === undefined) return;
    const error = deserializeError(last.error);
    if (!(error instanceof PluginError)) throw error;
    this.#failure = error;
    this.#untold = failures.length;
    for (const { offset, asked } of failures.slice(known))
      if (asked > 0 && !this.#ladder.failed(offset, asked, sharedNow())) throw error;
    this.#tellTroubles();
    this.#beginReplay();
  }

  #tellTroubles(): void {
    if (this.#ladder.troubles === this.#troubles) return;
    this.#troubles = this.#ladder.troubles;
    this.#parts.onTroubles(this.#troubles);
  }

  /** @throws the error when it cannot be recovered from */
  async #recover(error: unknown): Promise<void> {
    this.#output.resume();
    this.#held = undefined;
    if (!(error instanceof PluginError && error.recoverable) || this.#hopeless) throw error;
    const offset = this.#replay?.offset ?? this.#output.bytes;
    error.plugin ??= this.#parts.pluginName;
    error.phase ??= 'read';
    error.details ??= this.#describeFailure(offset);
    this.#failure = error;
    if (!this.#ladder.failed(offset, this.#asked, sharedNow())) throw error;
    this.#tellTroubles();
    await this.#startAfresh();
    this.#beginReplay();
  }

  async #startAfresh(): Promise<void> {
    for (;;) {
      this.#untold++;
      await this.#giveTurn();
      try {
        await this.#parts.seat.replace();
        this.#ladder.started();
        return;
      } catch (error) {
        if (!(error instanceof PluginError && error.recoverable)) throw error;
        if (this.#output.stopRequested || !this.#ladder.failedToStart(sharedNow())) throw error;
      }
    }
  }

  #beginReplay(): void {
    this.#emptyReads = 0;
    const { bytes, checksum, slotBytes } = this.#output;
    this.#replay =
      this.#parts.recovery.mode === 'replay' && bytes > 0 ? new SourceReplay(bytes, checksum, slotBytes) : undefined;
  }

  /** What is thrown is the failure for which the source had to be read again. */
  #unrepeatable(how: string): PluginError | HostError {
    this.#hopeless = true;
    this.#parts.warn(
      `The source cannot be read again up to byte ${this.#output.bytes}, where it failed: ${how}. With recovery.mode 'continue' it is not read again.`,
    );
    return this.#failure ?? new HostError('ERR_INTERNAL', 'A source was read again without a failure.');
  }

  #describeFailure(offset: number) {
    return {
      offset,
      sliceBytes: this.#asked,
      excerpt: '',
      durationMs: performance.now() - this.#callStartedAt,
      memoryBytes: this.#parts.seat.memoryBytes,
      lastLines: this.#parts.lastLines(),
    };
  }
}

/** Milliseconds by a clock that all threads share. */
function sharedNow(): number {
  return performance.timeOrigin + performance.now();
}
