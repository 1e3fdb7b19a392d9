/** What a session delivers in place of batches when they are encoded (`session.encoded`). */
import {
  type Batch,
  BatchError,
  type Gap,
  type Restart,
  type SourceNotice,
  type StreamElement,
} from '@chipmunk-host/batch';
import { ENCODED_HEAD_BYTES, type EncodedHead, readEncodedHead } from '../../shared/encode/encoded-frame.js';
import { formatRows } from '../../shared/encode/format-rows.js';
import { OwnMemoryEncoder } from '../../shared/encode/own-memory-encoder.js';
import { NO_ROWS } from '../../shared/encode/row-counts.js';
import type { SessionEncoding } from './encoding-request.js';

/** Bytes of output that are made at once on the main thread. */
const PIECE_BYTES = 1024 * 1024;

/**
 * The items of one stretch of input in the format that was asked for. It is valid until the next element is asked for, as a batch is;
 * `retain` makes a copy that stays. No item is in two of them.
 */
export class EncodedItems {
  readonly type = 'encoded';
  /** Position in the input of the first byte that it accounts for. */
  readonly offset: number;
  /** Bytes of input that it accounts for. */
  readonly consumedBytes: number;
  /** Items that it accounts for. Those that the format has no place for, such as attachments alone in `text`, count, too. */
  readonly count: number;
  /** The part of `consumedBytes` that is in no item. */
  readonly skippedBytes: number;
  /** Items that a selection left out (`select`). */
  readonly filteredItems: number;
  /** The part of `consumedBytes` of which these were made. */
  readonly filteredBytes: number;
  readonly #bytes: Uint8Array;
  #released = false;

  constructor({ offset, bytes, items, skippedBytes, filtered, filteredBytes }: EncodedHead, output: Uint8Array) {
    this.offset = offset;
    this.consumedBytes = bytes;
    this.count = items;
    this.skippedBytes = skippedBytes;
    this.filteredItems = filtered;
    this.filteredBytes = filteredBytes;
    this.#bytes = output;
  }

  /** The output; may be empty. */
  get bytes(): Uint8Array {
    if (!this.#released) return this.#bytes;
    throw new BatchError(
      'ERR_BATCH_RELEASED',
      'These encoded items were released when the next element was asked for.',
      'Call retain(), or copy the bytes, before you ask for the next element.',
    );
  }

  /** An independent copy that stays valid. */
  retain(): EncodedItems {
    const { offset, consumedBytes: bytes, count: items, skippedBytes, filteredItems: filtered, filteredBytes } = this;
    const head = { offset, bytes, items, skippedBytes, filtered, filteredBytes };
    return new EncodedItems(head, new Uint8Array(this.bytes));
  }

  /** Sessions call this: the memory is about to hold something else. */
  release(): void {
    this.#released = true;
  }
}

/** Gaps, restarts and notices stand between what was before and behind them. */
export type EncodedElement = EncodedItems | Gap | Restart | SourceNotice;

export function encodedItems(frame: Uint8Array): EncodedItems {
  return new EncodedItems(readEncodedHead(frame), frame.subarray(ENCODED_HEAD_BYTES));
}

/** What is asked for elements. */
export interface ElementSource {
  /** Whether all of the input was delivered. */
  readonly isComplete: boolean;
  next(): Promise<IteratorResult<StreamElement | EncodedItems, undefined>>;
  close(): Promise<void>;
}

/** The elements of a session as the plan has them; batches that its worker has not encoded are encoded here. */
export async function* encodedElements(
  source: ElementSource,
  { plan, sink, endsOutput }: SessionEncoding,
): AsyncGenerator<EncodedElement, undefined, undefined> {
  let position = 0;
  const framing = (bytes: Uint8Array) => new EncodedItems({ ...NO_ROWS, offset: position }, bytes);
  try {
    if (plan.header.length > 0) yield framing(plan.header);
    const encoder = new OwnMemoryEncoder(plan.program, PIECE_BYTES, (memory, at) => formatRows(plan, memory, at));
    for (;;) {
      const { done, value } = await source.next();
      if (done) break;
      position = value.offset;
      for (const element of value.type === 'batch' ? encodedBatch(value, encoder) : [value]) {
        const start = element.type === 'encoded' ? sink?.before(element.bytes) : undefined;
        if (start !== undefined && start.length > 0) yield framing(start);
        yield element;
        position += element.consumedBytes;
      }
    }
    const end = endsOutput && source.isComplete ? sink?.end() : undefined;
    if (end !== undefined && end.length > 0) yield framing(end);
    return undefined;
  } finally {
    await source.close();
  }
}

function* encodedBatch({ bytes: batch, offset }: Batch, encoder: OwnMemoryEncoder): Generator<EncodedItems> {
  let position = offset;
  for (const { bytes, counts } of encoder.encode(batch)) {
    yield new EncodedItems({ offset: position, ...counts }, bytes);
    position += counts.bytes;
  }
}
