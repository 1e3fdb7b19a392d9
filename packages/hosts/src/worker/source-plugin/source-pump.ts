/**
 * Reads a byte-source plugin and passes its bytes on through a ring, as long as somebody wants them. When the plugin fails, a
 * fresh instance goes on, at exactly the byte behind the last that was delivered. The rules are in docs/plugin-contract.md.
 *
 * `#work` does not wait and goes over as many reads as fit a turn; whatever has to wait is returned from it as a `Pause` and
 * waited for outside.
 */
import {
  addContext,
  deserializeError,
  HostError,
  PluginError,
  sharedNow,
} from '@chipmunk-host/runtime/internal/worker';
import type { ByteSourceAdapter } from '../../api/contract/byte-source-adapter.js';
import type {
  ByteSourceOutcome,
  FailedRange,
  FollowOptions,
  SourceRecoveryOptions,
  SourceRestart,
  SourceRunRequest,
} from '../../shared/protocol/byte-source-messages.js';
import { encodeRestart } from '../input/source-restarts.js';
import type { CallMonitor } from '../instance/call-monitor.js';
import type { InstanceSlot } from '../instance/instance-manager.js';
import { alternate, type Turns } from '../instance/turns.js';
import { replaceInstance } from '../recovery/fresh-instance.js';
import { recordedError } from '../recovery/recorded-error.js';
import { SourceLadder } from '../recovery/source-ladder.js';
import type { SourceOutput } from './source-output.js';
import { SourceReplay } from './source-replay.js';

export interface PumpParts {
  /** Name or path, for errors. */
  readonly plugin: string;
  /** Where the plugin is, which has been initialised. */
  readonly instance: InstanceSlot<ByteSourceAdapter>;
  readonly calls: CallMonitor;
  readonly turns: Turns;
  readonly output: SourceOutput;
  readonly recovery: SourceRecoveryOptions;
  /** Undefined for a source that ends when it has nothing. */
  readonly follow: FollowOptions | undefined;
  /** Told what a thread that takes over has to know, whenever it has changed. */
  onFailedRanges(ranges: readonly FailedRange[]): void;
  /** Called before the reader is notified. */
  onRestart(restart: SourceRestart): void;
  /** Tells the user. */
  warn(message: string): void;
}

/** What the synchronous part waits for. */
type Pause = 'turn' | 'full' | 'announce' | 'rest' | 'end' | 'stopped';

export class SourcePump {
  readonly #parts: PumpParts;
  readonly #output: SourceOutput;
  #ladder: SourceLadder;
  #reportedRanges: readonly FailedRange[] = [];
  /** Set while a fresh instance is read up to where the one before had come. */
  #replay: SourceReplay | undefined;
  /** Bytes that wait until the reader knows of a restart. */
  #held: Uint8Array | undefined;
  #emptyReads = 0;
  /** Fresh instances that were not reported to the reader yet, and why they were needed. */
  #unreported = 0;
  #restarts = 0;
  #failure: PluginError | undefined;
  /** Whether the source cannot be read again: the failure that made it necessary is then the last. */
  #replayFailed = false;
  /** Bytes that the last `read` was asked for. */
  #asked = 0;

  constructor(parts: PumpParts) {
    this.#parts = parts;
    this.#output = parts.output;
    this.#ladder = new SourceLadder(parts.recovery);
  }

  /** @throws what `read` threw, when it cannot be recovered from. The ring is left open. */
  run(request: SourceRunRequest): Promise<ByteSourceOutcome> {
    const { calls } = this.#parts;
    this.#restarts = request.restarts;
    this.#takeOver(request);
    return alternate<Pause, ByteSourceOutcome>(
      () => calls.stretch('read', () => this.#work()),
      (pause) => this.#await(pause),
      (error) => this.#recover(error),
    );
  }

  #work(): Pause {
    const { turns } = this.#parts;
    turns.restart();
    do {
      if (this.#output.stopRequested) return 'stopped';
      const pause = this.#replay === undefined ? this.#deliver() : this.#readAgain(this.#replay);
      if (pause !== undefined) return pause;
    } while (!turns.isDue);
    return 'turn';
  }

  #deliver(): Pause | undefined {
    const slot = this.#output.tryAcquire();
    if (slot === undefined) return 'full';
    // In memory of its own when the note of a restart has to be published first.
    const target = this.#unreported > 0 ? new Uint8Array(slot.length) : slot;
    const count = this.#read(target, this.#output.bytes);
    if (count === 0) return this.#nothing();
    this.#emptyReads = 0;
    if (this.#unreported > 0) {
      this.#held = target.subarray(0, count);
      return 'announce';
    }
    this.#output.publish(slot, count);
    if (this.#ladder.hasFailedRanges) {
      this.#ladder.passed(this.#output.bytes, this.#parts.recovery.mode === 'replay');
      this.#reportRanges();
    }
    return undefined;
  }

  /** One read of what was delivered before. */
  #readAgain(replay: SourceReplay): Pause | undefined {
    const count = this.#read(replay.target(), replay.offset);
    if (count === 0 && this.#parts.follow === undefined) throw this.#unrepeatable('it ends earlier');
    if (count === 0) return this.#nothing();
    this.#emptyReads = 0;
    replay.add(count);
    if (!replay.done) return undefined;
    if (!replay.matches) throw this.#unrepeatable('its bytes are others');
    this.#replay = undefined;
    return undefined;
  }

  #read(target: Uint8Array, offset: number): number {
    const { calls, instance, turns } = this.#parts;
    const length = this.#ladder.hasFailedRanges ? this.#ladder.lengthAt(offset, target.length) : target.length;
    this.#asked = length;
    calls.slice(length, false, offset);
    const asked = length === target.length ? target : target.subarray(0, length);
    const count = calls.call(() => instance.adapter.read(asked), turns.lookedAt);
    calls.looked(performance.now());
    return count;
  }

  /** @throws HostError `ERR_SOURCE_READ` when a followed source has delivered nothing too often */
  #nothing(): Pause {
    const { follow } = this.#parts;
    if (follow === undefined) return 'end';
    this.#emptyReads++;
    if (this.#emptyReads < follow.maxEmptyReads) return 'rest';
    throw new HostError('ERR_SOURCE_READ', `${this.#emptyReads} reads in a row returned nothing.`, {
      help: 'Raise follow.maxEmptyReads or follow.intervalMs; with maxEmptyReads Infinity it is followed without end.',
    });
  }

  async #await(pause: Pause): Promise<ByteSourceOutcome | undefined> {
    const { calls, turns, follow } = this.#parts;
    switch (pause) {
      case 'turn':
        await turns.give();
        return undefined;
      case 'rest':
        turns.announce();
        await calls.waiting(async () => this.#output.rest(follow?.intervalMs ?? 0));
        await turns.give();
        return undefined;
      case 'full':
        turns.announce();
        await this.#output.acquire();
        return undefined;
      case 'announce':
        await this.#announce();
        await this.#deliverHeld();
        return undefined;
      case 'end':
        if (this.#unreported > 0) await this.#announce();
        return { reason: 'end', bytes: this.#output.bytes };
      case 'stopped':
        return { reason: 'stopped', bytes: this.#output.bytes };
    }
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
      restarts: this.#unreported,
      error: recordedError(this.#failure),
    };
    this.#unreported = 0;
    this.#parts.onRestart(restart);
    await this.#output.note(encodeRestart(restart, this.#output.slotBytes));
  }

  /** Goes on for instances whose threads were lost. */
  #takeOver({ failures, known, failedRanges }: SourceRunRequest): void {
    this.#ladder = new SourceLadder(this.#parts.recovery, failedRanges);
    const last = failures.at(-1);
    if (last === undefined) return;
    const error = deserializeError(last.error);
    if (!(error instanceof PluginError)) throw error;
    this.#failure = error;
    this.#unreported = failures.length;
    for (const { offset, asked } of failures.slice(known))
      if (asked > 0 && !this.#ladder.failed(offset, asked, sharedNow())) throw error;
    this.#reportRanges();
    this.#beginReplay();
  }

  #reportRanges(): void {
    if (this.#ladder.failedRanges === this.#reportedRanges) return;
    this.#reportedRanges = this.#ladder.failedRanges;
    this.#parts.onFailedRanges(this.#reportedRanges);
  }

  /** @throws the error when it cannot be recovered from */
  async #recover(error: unknown): Promise<void> {
    this.#output.resume();
    this.#held = undefined;
    if (!isRecoverable(error) || this.#replayFailed) throw error;
    const { plugin, calls } = this.#parts;
    const offset = this.#replay?.offset ?? this.#output.bytes;
    this.#failure = addContext(error, { plugin, phase: 'read', details: calls.details(offset, this.#asked) });
    if (!this.#ladder.failed(offset, this.#asked, sharedNow())) throw error;
    this.#reportRanges();
    await this.#startAfresh();
    this.#beginReplay();
  }

  async #startAfresh(): Promise<void> {
    const { instance, turns } = this.#parts;
    this.#unreported++;
    await turns.give();
    await replaceInstance(instance, turns, (error) => {
      if (!isRecoverable(error) || this.#output.stopRequested) return false;
      if (!this.#ladder.budget.failedToStart(sharedNow())) return false;
      this.#unreported++;
      return true;
    });
    this.#ladder.budget.started();
  }

  #beginReplay(): void {
    this.#emptyReads = 0;
    const { bytes, checksum, slotBytes } = this.#output;
    this.#replay =
      this.#parts.recovery.mode === 'replay' && bytes > 0 ? new SourceReplay(bytes, checksum, slotBytes) : undefined;
  }

  /** What is thrown is the failure for which the source had to be read again. */
  #unrepeatable(how: string): PluginError | HostError {
    this.#replayFailed = true;
    this.#parts.warn(
      `The source cannot be read again up to byte ${this.#output.bytes}, where it failed: ${how}. With recovery.mode 'continue' it is not read again.`,
    );
    return this.#failure ?? new HostError('ERR_INTERNAL', 'A source was read again without a failure.');
  }
}

function isRecoverable(error: unknown): error is PluginError {
  return error instanceof PluginError && error.recoverable;
}
