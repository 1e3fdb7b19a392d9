/** What makes batches of a plugin's records by wasm, in slots of the ring: one interface, of which the engine decides the way. */
import { HostError } from '@chipmunk-host/runtime/internal/shared';
import type { FrameSummary } from '../../../worker/output/frame-builder.js';
import type { FrameSource } from '../../../worker/output/frame-source.js';

export interface MeasuredBatch {
  readonly records: number;
  /** Bytes of rows, strings, text and attachments. */
  readonly cost: number;
  readonly consumed: number;
}

export const NOTHING_MEASURED: MeasuredBatch = { records: 0, cost: 0, consumed: 0 };

export type Lifted =
  | { readonly kind: 'placed'; readonly frame: FrameSummary }
  /** Text of this record is not UTF-8. */
  | { readonly kind: 'not-utf8'; readonly record: number };

export interface WholeBatch {
  /** Bytes of rows, strings and text. */
  readonly cost: number;
  readonly frame: FrameSummary;
}

export interface SlotLifter {
  /** Into how many columns a line that holds separators is split at most; 0: into none. Default 0. */
  mostColumns: number;
  /** The input that the batches are from. Default: number 0, without a name. */
  source: FrameSource;

  /**
   * Lifts all the `count` records at `list`, at least one, into the slot; undefined where that cannot be, or not faster than to measure
   * them. Other parameters are those of `measure` and `lift`.
   */
  liftWhole(
    list: number,
    count: number,
    slotOffset: number,
    slotBytes: number,
    mostBytes: number,
    allowed: number,
    offset: number,
    times: number,
  ): WholeBatch | undefined;

  /**
   * Takes as many of the `count` records at `list` as make a batch for the slot, none when the first one is larger than the slot,
   * or breaks the contract.
   * @param mostBytes what rows, strings, text and attachments may take in any case
   * @param allowed how many bytes the records may have consumed
   * @param times where their times lie, which the caller has checked; 0: they have none
   */
  measure(
    list: number,
    count: number,
    slotBytes: number,
    mostBytes: number,
    allowed: number,
    times: number,
  ): MeasuredBatch;

  /** Lifts what was measured last into the slot. */
  lift(slotOffset: number, slotBytes: number, offset: number): Lifted;
}

export function disagreement(): HostError {
  return new HostError('ERR_INTERNAL', 'The second pass of the lifter found other items than the first.');
}
