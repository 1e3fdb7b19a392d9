/** A `SourceOutput` that keeps what it is given, for tests of sources in one thread. */
import type { SourceEvent, SourceOutput } from '../src/worker/contract.js';

export interface Delivered {
  readonly bytes: Uint8Array;
  readonly timeMs?: number | undefined;
  readonly peer?: string | undefined;
}

export interface Segment {
  readonly name: string;
  readonly type: string;
  readonly note?: SourceEvent | undefined;
  /** Of all that was written to it. */
  bytes: Uint8Array;
  /** Where in it which time begins. */
  readonly times: [at: number, ms: number][];
}

export class MemoryOutput implements SourceOutput {
  bytes = 0;
  stopRequested = false;
  /** Calls until the reader wants no more. */
  remaining = Number.POSITIVE_INFINITY;
  readonly packets: Delivered[] = [];
  readonly segments: Segment[] = [];
  readonly events: SourceEvent[] = [];
  readonly #isSlow: boolean;

  /** @param isSlow every answer is a promise */
  constructor(isSlow = false) {
    this.#isSlow = isSlow;
  }

  tryAcquire(): undefined {
    return undefined;
  }

  acquire(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  get nextSlot(): Uint8Array {
    throw new Error('a source that does not read into slots');
  }

  publish(): void {
    throw new Error('nothing was acquired');
  }

  write(bytes: Uint8Array): boolean | Promise<boolean> {
    const segment = this.segments.at(-1);
    if (segment === undefined) throw new Error('bytes without a segment');
    this.bytes += bytes.length;
    segment.bytes = Buffer.concat([segment.bytes, bytes]);
    return this.#answer();
  }

  packet(
    bytes: Uint8Array,
    { timestampMs, peer }: { timestampMs?: number; peer?: string },
  ): boolean | Promise<boolean> {
    this.bytes += bytes.length;
    this.packets.push({ bytes: Buffer.from(bytes), timeMs: timestampMs, peer });
    return this.#answer();
  }

  timestamp(ms: number): void {
    const segment = this.segments.at(-1);
    segment?.times.push([segment.bytes.length, ms]);
  }

  event(event: SourceEvent): boolean | Promise<boolean> {
    this.events.push(event);
    return this.#answer();
  }

  segment({ name, type, note }: { name: string; type: string; note?: SourceEvent }): boolean | Promise<boolean> {
    this.segments.push({ name, type, note, bytes: new Uint8Array(0), times: [] });
    return this.#answer();
  }

  #answer(): boolean | Promise<boolean> {
    this.stopRequested = --this.remaining <= 0;
    return this.#isSlow ? Promise.resolve(!this.stopRequested) : !this.stopRequested;
  }
}
