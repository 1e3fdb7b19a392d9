/** Puts another instance of the parser in the place of one that failed, or that has grown too large; between two slices. */
import type { BatchRingWriter } from '@chipmunk-host/runtime/internal/worker';
import type { ParserAdapter } from '../../api/contract/parser-adapter.js';
import type { InstanceSlot } from '../instance/instance-manager.js';
import type { BatchPublisher } from '../output/batch-publisher.js';
import { LastFailure } from '../parser/loop-failure.js';
import type { Recovery } from './recovery.js';

export interface ReplacementParts {
  /** Where the plugin is, which has been initialised. */
  readonly seat: InstanceSlot<ParserAdapter>;
  readonly ring: BatchRingWriter;
  /** Bytes of memory beyond which an instance is replaced between two slices; Infinity: never. */
  readonly recycleBytes: number;
  /** Called when the event loop is about to have its turn. */
  onTurn(): void;
}

export class InstanceReplacement {
  readonly #parts: ReplacementParts;
  readonly #recovery: Recovery;
  readonly #out: BatchPublisher;

  constructor(parts: ReplacementParts, recovery: Recovery, out: BatchPublisher) {
    this.#parts = parts;
    this.#recovery = recovery;
    this.#out = out;
  }

  /** Whether the instance has grown beyond the high-water mark. One that has so much memory from its start is not replaced for it. */
  get recyclingIsDue(): boolean {
    const { recycleBytes, seat } = this.#parts;
    return seat.memoryBytes > Math.max(recycleBytes, seat.startBytes);
  }

  /** @throws LastFailure when instances fail to start, and there may be no other */
  async replace(): Promise<void> {
    const { seat, ring, onTurn } = this.#parts;
    for (;;) {
      try {
        await seat.replace();
        this.#recovery.started();
        return;
      } catch (error) {
        if (ring.stopRequested || !this.#recovery.startsAgain(error)) throw new LastFailure(error);
        onTurn();
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }

  /** Tells in the stream that an instance was recycled: a parser with state across items has lost it. */
  async reportRecycling(): Promise<void> {
    const { offset } = this.#out;
    await this.#out.publishRecord({
      type: 'restart',
      side: 'parser',
      reason: 'recycled',
      offset,
      length: 0,
      restarts: 1,
    });
  }
}
