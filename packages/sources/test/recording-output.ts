/** Keeps what a source delivers, in memory. */
import type { SourceEvent, SourceOutput } from '#worker/contract.js';

export class RecordingOutput implements SourceOutput {
  bytes = 0;
  stopRequested = false;
  readonly events: (SourceEvent & { readonly at: number })[] = [];
  /** Positions at which the parser meets an end of input. */
  readonly segments: number[] = [];
  readonly #slot: Uint8Array;
  readonly #chunks: Buffer[] = [];
  #room: Promise<void> | undefined;
  readonly #waiting = new Set<{ readonly holds: () => boolean; readonly resolve: () => void }>();

  constructor(slotBytes = 64 * 1024) {
    this.#slot = new Uint8Array(slotBytes);
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }

  /** What was delivered last. */
  get lastText(): string {
    return Buffer.concat(this.#chunks.slice(-20)).toString();
  }

  /** When `holds` does, for what was delivered. */
  async until(holds: () => boolean): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve) => this.#waiting.add({ holds, resolve }));
  }

  tryAcquire(): Uint8Array | undefined {
    return this.#room === undefined ? this.#slot : undefined;
  }

  async acquire(): Promise<Uint8Array | undefined> {
    await this.#room;
    return this.#slot;
  }

  /** There is no room until what it returns is called. */
  hold(): () => void {
    let release: () => void = () => {};
    this.#room = new Promise((resolve) => {
      release = resolve;
    });
    return () => {
      this.#room = undefined;
      release();
    };
  }

  publish(byteLength: number): void {
    this.#chunks.push(Buffer.from(this.#slot.subarray(0, byteLength)));
    this.bytes += byteLength;
    this.#tell();
  }

  write(bytes: Uint8Array): boolean {
    this.#chunks.push(Buffer.from(bytes));
    this.bytes += bytes.length;
    this.#tell();
    return true;
  }

  event(event: SourceEvent): boolean {
    this.events.push({ ...event, at: this.bytes });
    this.#tell();
    return true;
  }

  get nextSlot(): Uint8Array {
    return this.#slot;
  }

  packet(bytes: Uint8Array): boolean {
    return this.write(bytes);
  }

  timestamp(): void {}

  segment({ note }: Parameters<SourceOutput['segment']>[0]): boolean {
    this.segments.push(this.bytes);
    return note === undefined || this.event(note);
  }

  #tell(): void {
    for (const waiting of this.#waiting) {
      if (!waiting.holds()) continue;
      this.#waiting.delete(waiting);
      waiting.resolve();
    }
  }
}
