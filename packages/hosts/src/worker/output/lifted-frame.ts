/** What the items that a plugin returned come to: batches that are written already, or items for a builder. */
import type { FrameBuilder } from './frame-builder.js';

interface FrameTotals {
  readonly byteLength: number;
  readonly entries: number;
  readonly items: number;
  /** Bytes of input that the frame accounts for. */
  readonly bytes: number;
  readonly skippedBytes: number;
}

/** One batch: written in the slot that was offered, or as pieces that are valid until the plugin is called again. */
export type LiftedFrame =
  | (FrameTotals & { readonly kind: 'placed' })
  | (FrameTotals & { readonly kind: 'segments'; readonly segments: readonly Uint8Array[] });

export interface ItemReader {
  /** Puts all of the items that `parse` returned into a builder, in place of lifting them: for few and small ones. */
  readInto(builder: FrameBuilder): void;
}
