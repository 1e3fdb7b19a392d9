/** What batches, gaps and restarts have in common: whose they are, and what was said of them by those who stored or sent them. */
import { BatchError } from './batch-error.js';
import { HEAD_BYTES } from './batch-format.js';
import { encodeHead, readFullHead } from './element-head.js';
import {
  changedHeader,
  decodePrefix,
  encodePrefix,
  type Header,
  type HeaderValue,
  type Prefix,
  type SourceInfo,
} from './element-prefix.js';
import { joinBytes } from './msgpack-writer.js';

/** Of version 1, which has neither. */
const NOTHING: Prefix = { header: {}, sources: [] };

export abstract class StoredElement {
  /** Number of the input that it is from; 0 where there is only one. `sources` may say more of it. */
  readonly source: number;
  /** Bytes of the head, the header and the sources; undefined for version 1. */
  readonly #prefixBytes: number | undefined;
  #prefix: Prefix | undefined;

  protected constructor(source: number, prefixBytes: number | undefined) {
    this.source = source;
    this.#prefixBytes = prefixBytes;
  }

  /** It as it is: one msgpack value, to be stored or sent on without decoding. */
  abstract get bytes(): Uint8Array;

  /** What those who stored or sent it say of it. Nothing, unless somebody set it (`withHeader`). */
  get header(): Header {
    return this.#opened().header;
  }

  /** What is known of inputs, by their numbers; at least of its own, unless nothing is. */
  get sources(): readonly SourceInfo[] {
    return this.#opened().sources;
  }

  /** What its input is called; undefined where that is not known. */
  get sourceName(): string | undefined {
    return this.sources.find(({ number }) => number === this.source)?.name;
  }

  /**
   * The bytes with another header, in two parts to be written one behind the other: the first is new and small, the second a view of
   * `bytes`, which is valid as long as it is.
   * @param changes values to set; undefined takes a value away. What is not named stays.
   * @param source the input that it is said to be from. Default: the one that it is from now
   * @throws BatchError `ERR_INVALID_OPTION` when header and sources take more than 64 KiB together, a value cannot be stored, or there is no
   * place for a header: in version 1
   */
  withHeader(
    changes: Readonly<Record<string, HeaderValue | undefined>>,
    source?: SourceInfo,
  ): readonly [prefix: Uint8Array, rest: Uint8Array] {
    const { bytes } = this;
    if (this.#prefixBytes === undefined)
      throw new BatchError('ERR_INVALID_OPTION', 'What is stored in version 1 of the format has no header.');
    const sources = source === undefined ? this.sources : [source];
    const prefix = encodePrefix({ header: changedHeader(this.header, changes), sources });
    const head = readFullHead(bytes);
    const rest = bytes.subarray(this.#prefixBytes);
    const prefixBytes = HEAD_BYTES + prefix.length;
    const byteLength = prefixBytes + rest.length;
    if (byteLength > 0xffff_ffff)
      throw new BatchError('ERR_INVALID_OPTION', 'With this header it takes 4 GiB or more.');
    const number = source?.number ?? this.source;
    return [joinBytes([encodeHead({ ...head, source: number, prefixBytes, byteLength }), prefix]), rest];
  }

  #opened(): Prefix {
    const { bytes } = this;
    if (this.#prefixBytes === undefined) return NOTHING;
    this.#prefix ??= decodePrefix(bytes.subarray(HEAD_BYTES, this.#prefixBytes));
    return this.#prefix;
  }
}
