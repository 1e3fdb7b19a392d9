/** What follows from the result of `parse` for a slice: bytes are dropped, the next slice is longer, or the input ends. See docs/plugin-contract.md. */
import { PluginContractError, PluginUnrecoverableError } from '@chipmunk-host/runtime/internal/worker';
import type { ParseOutcome } from '../../api/contract/parser-adapter.js';
import type { ByteInput } from '../input/byte-input.js';
import type { BatchPublisher } from '../output/batch-publisher.js';
import type { Recovery } from '../recovery/recovery.js';
import { LenientLimits } from './lenient-limits.js';
import type { SlicePlan } from './slice-plan.js';

export interface SliceOutcomeParts {
  readonly input: ByteInput;
  readonly plan: SlicePlan;
  readonly out: BatchPublisher;
  readonly recovery: Recovery;
  /** Whether the session has got items from what comes before, or may have: then it is not the wrong parser that finds none at first. */
  readonly continues: boolean;
  /** Called of each error for which a byte of the input is skipped. */
  onParseError(message: string, offset: number): void;
}

export class SliceOutcomes {
  readonly #parts: SliceOutcomeParts;
  readonly #limits = new LenientLimits();
  #leftBytes = 0;

  constructor(parts: SliceOutcomeParts) {
    this.#parts = parts;
  }

  /** Bytes at the end of the input that the plugin made nothing of. */
  get leftBytes(): number {
    return this.#leftBytes;
  }

  leave(bytes: number): void {
    this.#leftBytes += bytes;
  }

  /** The slice came to no items. What the plugin returned is released already. */
  handle(outcome: Exclude<ParseOutcome, { kind: 'items' }>): 'eof' | undefined {
    switch (outcome.kind) {
      case 'incomplete':
        this.#incomplete();
        return undefined;
      case 'parse':
        this.#parseError(outcome.message);
        return undefined;
      case 'eof':
        return 'eof';
      case 'unrecoverable':
        throw new PluginUnrecoverableError(outcome.message);
    }
  }

  /** The items of the slice were published or gathered. Returns whether the input has ended. */
  consumed(bytes: number, items: number): boolean {
    const { plan, input, out, recovery } = this.#parts;
    this.#limits.succeeded();
    plan.consumed(bytes);
    input.consume(out.publishedOffset);
    if (bytes > 0) {
      recovery.progressed();
      return false;
    }
    if (plan.slice.lastPass) return true;
    this.#needMore(items === 0 ? 'no items' : 'items of no bytes');
    return false;
  }

  #parseError(message: string): void {
    const { out, plan, continues } = this.#parts;
    this.#limits.parseError(message, continues || out.items > 0, out.offset);
    this.#parts.onParseError(message, out.offset);
    this.#drop(1);
    plan.foundNothing();
  }

  #incomplete(): void {
    const { plan, recovery, out } = this.#parts;
    const { atEnd, bytes } = plan.slice;
    if (atEnd) {
      const dropped = this.#limits.incompleteAtEnd() ? 1 : bytes;
      this.leave(dropped);
      this.#drop(dropped);
      return;
    }
    plan.consumed(0);
    if (!plan.shortened && !recovery.probing) this.#limits.incomplete(out.offset);
    this.#needMore("'incomplete'");
  }

  /** The slice yielded nothing: the next one has to be longer. At the end of the input it is as long. */
  #needMore(returned: string): void {
    const { plan, recovery } = this.#parts;
    const { atEnd, bytes } = plan.slice;
    if (atEnd) return;
    if (recovery.probing) {
      recovery.passed(bytes);
      return;
    }
    if (plan.grow()) return;
    recovery.giveUpWholeSlice();
    throw new PluginContractError(
      `The plugin returned ${returned} and consumed nothing of ${bytes} bytes, which is the longest window.`,
      { help: 'Raise window.hardMaxBytes if items are meant to be that long.' },
    );
  }

  /** Bytes that are in no item. */
  #drop(bytes: number): void {
    const { out, plan, recovery, input } = this.#parts;
    out.skip(bytes);
    plan.forgetRest();
    recovery.progressed();
    input.consume(out.publishedOffset);
  }
}
