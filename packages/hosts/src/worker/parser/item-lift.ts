/** Takes the items of one slice from the plugin into batches in the ring, as far as the ring has free slots. */
import type { BatchRingWriter } from '@chipmunk-host/runtime/internal/worker';
import type { ParserAdapter } from '../../api/contract/parser-adapter.js';
import type { Turns } from '../instance/turns.js';
import type { BatchPublisher, Pieces } from '../output/batch-publisher.js';
import type { LiftedFrame } from '../output/lifted-frame.js';

/** A call that returns fewer items than this is gathered: for more, a batch of their own costs less. */
const FEW_ITEMS = 4;

/** What publishing has to wait for. */
export type LiftPause =
  | { readonly kind: 'turn' | 'slot' | 'flush' | 'source-restart' }
  | { readonly kind: 'indexes'; readonly slot: number; readonly frame: LiftedFrame }
  | { readonly kind: 'segments'; readonly frame: LiftedFrame & { kind: 'segments' } }
  | { readonly kind: 'pieces'; readonly frame: Pieces };

export interface ItemLiftParts {
  readonly ring: BatchRingWriter;
  readonly out: BatchPublisher;
  readonly turns: Turns;
  /** Whether a restart of the source is to be reported before more is published. */
  sourceRestartIsDue(): boolean;
}

export class ItemLift {
  /** Items that the slice came to. */
  readonly count: number;
  /** Position in the input where they begin. */
  readonly offset: number;
  readonly #parts: ItemLiftParts;
  #gathered = false;

  constructor(count: number, offset: number, parts: ItemLiftParts) {
    this.count = count;
    this.offset = offset;
    this.#parts = parts;
  }

  /**
   * Goes on; undefined when all items are published or gathered.
   * @param flushes whether what is gathered is published at once
   */
  goOn(plugin: ParserAdapter, flushes: boolean): LiftPause | undefined {
    if (this.count === 0) return undefined;
    return this.count < FEW_ITEMS ? this.#gather(plugin, flushes) : this.#publish(plugin);
  }

  #gather(plugin: ParserAdapter, flushes: boolean): LiftPause | undefined {
    const { out } = this.#parts;
    if (!this.#gathered) out.gather(plugin);
    this.#gathered = true;
    return out.mustFlush || (flushes && out.hasGathered) ? { kind: 'flush' } : undefined;
  }

  #publish(plugin: ParserAdapter): LiftPause | undefined {
    const { ring, out, turns } = this.#parts;
    if (out.hasGathered) return { kind: 'flush' };
    for (;;) {
      // Leaving the stretch and entering it again takes longer than most consumers do.
      const slot = ring.tryAcquire() ?? ring.acquireWithin(turns.leftMs);
      if (slot === undefined) return { kind: 'slot' };
      if (!out.isTransforming) {
        const frame = plugin.next(out.batchPlace(slot), out.batchBytes, out.offset, out.source);
        if (frame === undefined) return undefined;
        if (frame.kind === 'segments') return { kind: 'segments', frame };
        if (out.hasIndexes(slot, frame)) return { kind: 'indexes', slot, frame };
        out.place(frame);
      }
      if (out.isTransforming) {
        const pieces = out.placeTransformed(slot);
        if (pieces !== undefined) return { kind: 'pieces', frame: pieces };
      }
      if (out.isEnough) return { kind: 'turn' };
      if (this.#parts.sourceRestartIsDue()) return { kind: 'source-restart' };
      if (turns.isDue) return { kind: 'turn' };
    }
  }
}
