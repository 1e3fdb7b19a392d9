/** Counts what was written of a session: the output is one chunk behind the session, and may fail with that chunk. */
import type { SessionSummary } from '@chipmunk-host/manager';

export type Counts = Pick<
  SessionSummary,
  'bytes' | 'items' | 'skippedBytes' | 'filteredItems' | 'filteredBytes' | 'gaps' | 'gapBytes'
>;

export class WrittenCounts {
  #accepted: Counts = {
    bytes: 0,
    items: 0,
    skippedBytes: 0,
    filteredItems: 0,
    filteredBytes: 0,
    gaps: 0,
    gapBytes: 0,
  };
  #written = this.#accepted;
  /** Batches that were accepted and are not yet known to be written. */
  #waiting: { readonly end: number; readonly counts: Counts }[] = [];

  /**
   * The output has accepted all of a batch.
   * @param counts of the session up to the batch
   * @param end bytes that the output has accepted
   * @param written bytes that it has written
   */
  accepted(
    { bytes, items, skippedBytes, filteredItems, filteredBytes, gaps, gapBytes }: Counts,
    end: number,
    written: number,
  ): void {
    this.#accepted = { bytes, items, skippedBytes, filteredItems, filteredBytes, gaps, gapBytes };
    this.#waiting.push({ end, counts: this.#accepted });
    this.#settle(written);
  }

  /** Of all that was accepted: what is not written yet will be. */
  get all(): Counts {
    return this.#accepted;
  }

  /** Of the batches that are wholly among the first bytes of the output. */
  upTo(written: number): Counts {
    this.#settle(written);
    return this.#written;
  }

  #settle(written: number): void {
    const rest = this.#waiting.findIndex(({ end }) => end > written);
    const done = rest === -1 ? this.#waiting : this.#waiting.slice(0, rest);
    if (done.length === 0) return;
    this.#written = done.at(-1)?.counts ?? this.#written;
    this.#waiting = rest === -1 ? [] : this.#waiting.slice(rest);
  }
}
