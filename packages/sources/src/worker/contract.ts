/** What a source is, and where its bytes go. */
import type { FilePosition, Resumption } from '../shared/file-position.js';
import type { SourceEvent } from '../shared/source-messages.js';

export type { SourceEvent } from '../shared/source-messages.js';

/** A source of bytes in a worker of its own. */
export interface Source {
  /**
   * Resolves when bytes can come.
   * @param resumption where to go on, for a source that can
   * @throws HostError `ERR_SOURCE_OPEN`; `ERR_CHECKPOINT` when what is to be gone on with is not there any more
   */
  open(resumption?: Resumption): Promise<void>;
  /** Of a source that can go back: the place of a position in the input, also when it has ended or is closed. */
  placeAt?(offset: number): Promise<FilePosition | undefined>;
  /**
   * Delivers until the input ends or `signal` is aborted: then what is at hand is delivered and it returns.
   * @param lanes of a source from which several inputs may come at once, the output of each; `output` is the first
   * @throws HostError `ERR_SOURCE_READ`, behind what was delivered
   */
  run(output: SourceOutput, signal: AbortSignal, lanes: readonly SourceOutput[]): Promise<void>;
  /** Frees all. Idempotent; it may come while `open` or `run` is under way, which then settle. */
  close(): Promise<void>;
}

/** What else an input is known by. */
export interface SegmentInfo {
  /** What batches call it: the file, the peer. */
  readonly name: string;
  /** Of which type it is: the key of the source in the table. */
  readonly type: string;
  /** A record in front of what comes from it. */
  readonly note?: SourceEvent | undefined;
}

export interface PacketInfo {
  /** When it was sent or received, in milliseconds since 1970. */
  readonly timestampMs?: number | undefined;
  readonly peer?: string | undefined;
}

/**
 * Where a source's bytes go: a ring to the parser's worker. Methods that may have to wait for room then return promises; false says that the
 * reader wants no more. What is called while another call waits comes behind it.
 */
export interface SourceOutput {
  /** Bytes delivered so far: position in the input. */
  readonly bytes: number;
  readonly stopRequested: boolean;
  /** A free slot to read into without a copy, which `publish` delivers; undefined when the ring is full. The same one until `publish`. */
  tryAcquire(): Uint8Array | undefined;
  /** The same, which is waited for; undefined when nothing more is wanted. */
  acquire(): Promise<Uint8Array | undefined>;
  /** The slot that comes next, also one that is not free yet: for those who have to name it before they read. Nothing else may be called until it is published. */
  readonly nextSlot: Uint8Array;
  /** Delivers the first bytes of the acquired slot. */
  publish(byteLength: number): void;
  /** Delivers a copy of all of `bytes`. */
  write(bytes: Uint8Array): boolean | Promise<boolean>;
  /**
   * Delivers a copy of one datagram or packet: the parser gets it as one load, never two at once unless it asks for more. Several may share a
   * slot of the ring; one that is longer than a slot comes in parts. One without bytes is dropped.
   */
  packet(bytes: Uint8Array, info?: PacketInfo): boolean | Promise<boolean>;
  /** The time of the bytes that follow, in milliseconds since 1970 (sources of streams that carry times). Bytes of one time are one load. */
  timestamp(ms: number): void;
  /** A record in the stream of batches at this position: reconnects, drops, gaps, truncation, exit codes. */
  event(event: SourceEvent): boolean | Promise<boolean>;
  /**
   * The parser meets the end of its input (the rest is reported), starts afresh, and what follows is another input with this name. A source
   * that calls it before its first byte names the input that it begins with.
   */
  segment(info: SegmentInfo): boolean | Promise<boolean>;
}
