/** What the streams of a session can be told, with the defaults, and the checks of it. */
import type { Batch, Item, StreamElement } from '@chipmunk-host/batch';
import { HostError } from '@chipmunk-host/runtime';
import { type OptionTable, option, requireOptions } from '@chipmunk-host/runtime/internal/options';
import { ENCODED_FORMATS, type EncodingOptions } from '../../shared/encode/encoding-options.js';
import {
  DEFAULT_BATCHES_AHEAD,
  DEFAULT_BYTES_AHEAD,
  DEFAULT_ITEMS_AHEAD,
  DEFAULT_MAX_COLLECTED_BYTES,
  DEFAULT_MAX_COLLECTED_ITEMS,
} from '../../shared/protocol/session-defaults.js';

/** What the chunks of a stream are, by the name that `as` has for them. All are copies, and stay valid. */
export interface StreamChunks {
  /** Batches, gaps and restarts, as the session itself yields them. */
  readonly elements: StreamElement;
  /** Batches alone: the summary counts gaps and restarts all the same. */
  readonly batches: Batch;
  readonly items: Item;
  /** The bytes of the elements, one behind the other: `readStream` reads them. */
  readonly bytes: Uint8Array;
  /** The items in a format, as `session.encoded` writes them: lines, or Arrow. */
  readonly text: Uint8Array;
  readonly ndjson: Uint8Array;
  readonly csv: Uint8Array;
  readonly arrow: Uint8Array;
  readonly 'arrow-file': Uint8Array;
  /** The bytes of the input that items were made of. */
  readonly raw: Uint8Array;
}

/** What the chunks of a stream are; `StreamChunks` has their types. */
export type StreamAs = keyof StreamChunks;

/** What the chunks of a session's stream are, and how many wait in it. */
export interface SessionStreamOptions<As extends StreamAs = StreamAs> {
  /** Default: `elements`. */
  readonly as?: As | undefined;
  /** How a format is written, as `session.encoded` takes it. Default: as documented there. */
  readonly encoding?: Omit<EncodingOptions, 'format'> | undefined;
  /**
   * How many chunks (with `bytes` and formats: how many bytes) the stream takes from the session before its consumer asks for them. A batch has up to
   * 1.25 MiB by default. 0: none. Default of a stream of Node's: 1, of items 16, of bytes 65,536. Default of a web stream: 0.
   */
  readonly highWaterMark?: number | undefined;
}

/** How much `collect` may give back. */
export interface CollectOptions {
  /** More items are an error. Default 100,000; 0: any item is; Infinity: no limit. */
  readonly maxItems?: number | undefined;
  /** More bytes of batches are an error. Default 64 MiB; Infinity: no limit. */
  readonly maxBytes?: number | undefined;
}

const AS: readonly StreamAs[] = ['elements', 'batches', 'items', 'bytes', ...ENCODED_FORMATS];

export const STREAM_OPTIONS: OptionTable<SessionStreamOptions> = {
  as: option.oneOf(AS),
  encoding: option.object,
  highWaterMark: option.whole(0),
};

const COLLECT_OPTIONS: OptionTable<CollectOptions> = {
  maxItems: option.limit(0),
  maxBytes: option.limit(1, Number.MAX_SAFE_INTEGER),
};

const AHEAD: Readonly<Record<StreamAs, number>> = {
  elements: DEFAULT_BATCHES_AHEAD,
  batches: DEFAULT_BATCHES_AHEAD,
  items: DEFAULT_ITEMS_AHEAD,
  bytes: DEFAULT_BYTES_AHEAD,
  text: DEFAULT_BYTES_AHEAD,
  ndjson: DEFAULT_BYTES_AHEAD,
  csv: DEFAULT_BYTES_AHEAD,
  arrow: DEFAULT_BYTES_AHEAD,
  'arrow-file': DEFAULT_BYTES_AHEAD,
  raw: DEFAULT_BYTES_AHEAD,
};

/** @throws HostError `ERR_INVALID_OPTION` */
export function requireStreamOptions(options: SessionStreamOptions): void {
  requireOptions('The options of the stream', options, STREAM_OPTIONS);
}

/** Of a stream of Node's. */
export function nodeStreamOptions({ as = 'elements', highWaterMark = AHEAD[as] }: SessionStreamOptions): {
  readonly objectMode: boolean;
  readonly highWaterMark: number;
} {
  return { objectMode: as === 'elements' || as === 'batches' || as === 'items', highWaterMark };
}

/** @throws HostError `ERR_INVALID_OPTION` */
export function collectLimits(options: CollectOptions): { readonly maxItems: number; readonly maxBytes: number } {
  requireOptions('The options of collect', options, COLLECT_OPTIONS);
  const { maxItems = DEFAULT_MAX_COLLECTED_ITEMS, maxBytes = DEFAULT_MAX_COLLECTED_BYTES } = options;
  return { maxItems, maxBytes };
}

export function tooMuch(limit: string, amount: number, unit: string): HostError {
  return new HostError('ERR_COLLECT_LIMIT', `The session has more than ${amount} ${unit}: ${limit} of collect.`, {
    help: `Raise ${limit}, or read the session batch by batch: \`for await (const batch of session.batches())\`.`,
  });
}
