/** What a source delivers, kept in memory. */
import type { SegmentInfo, SourceEvent, SourceOutput } from '#worker/contract.js';

export interface RecordedOutputOptions {
  /** Of a slot. */
  readonly slotBytes?: number;
  /** After so many bytes nothing more is wanted. */
  readonly mostBytes?: number;
}

export class RecordedOutput implements SourceOutput {
  bytes = 0;
  /** Inputs, with the bytes of each. What comes before the first `segment` has no name. */
  readonly inputs: { name: string | undefined; chunks: Buffer[] }[] = [{ name: undefined, chunks: [] }];
  readonly events: { readonly at: number; readonly event: SourceEvent }[] = [];
  readonly #slot: Uint8Array;
  readonly #mostBytes: number;

  constructor({ slotBytes = 64 * 1024, mostBytes = Number.POSITIVE_INFINITY }: RecordedOutputOptions = {}) {
    this.#slot = new Uint8Array(new SharedArrayBuffer(slotBytes));
    this.#mostBytes = mostBytes;
  }

  get all(): Buffer {
    return Buffer.concat(this.inputs.flatMap(({ chunks }) => chunks));
  }

  /** Name and text of each input. */
  get texts(): readonly (readonly [string | undefined, string])[] {
    return this.inputs
      .filter(({ name, chunks }) => name !== undefined || chunks.length > 0)
      .map(({ name, chunks }) => [name, Buffer.concat(chunks).toString()] as const);
  }

  get stopRequested(): boolean {
    return this.bytes >= this.#mostBytes;
  }

  get nextSlot(): Uint8Array {
    return this.#slot;
  }

  tryAcquire(): Uint8Array | undefined {
    return undefined;
  }

  async acquire(): Promise<Uint8Array | undefined> {
    return this.stopRequested ? undefined : this.#slot;
  }

  publish(byteLength: number): void {
    this.#add(Buffer.from(this.#slot.subarray(0, byteLength)));
  }

  async write(bytes: Uint8Array): Promise<boolean> {
    this.#add(Buffer.from(bytes));
    return !this.stopRequested;
  }

  packet(bytes: Uint8Array): Promise<boolean> {
    return this.write(bytes);
  }

  timestamp(): void {}

  event(event: SourceEvent): boolean {
    this.events.push({ at: this.bytes, event });
    return !this.stopRequested;
  }

  segment({ name }: SegmentInfo): boolean {
    this.inputs.push({ name, chunks: [] });
    return !this.stopRequested;
  }

  #add(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.inputs.at(-1)?.chunks.push(chunk);
  }
}
