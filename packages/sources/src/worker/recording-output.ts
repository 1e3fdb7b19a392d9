/** An output that records what goes through it. When it cannot record any more, the source is told that nothing more is wanted. */
import type { Recorder } from '../shared/recorder.js';
import type { PacketInfo, SegmentInfo, SourceEvent, SourceOutput } from './contract.js';

export class RecordingOutput implements SourceOutput {
  readonly #output: SourceOutput;
  readonly #recorder: Recorder;
  /** What was handed out last, which `publish` delivers. */
  #slot: Uint8Array | undefined;

  constructor(output: SourceOutput, recorder: Recorder) {
    this.#output = output;
    this.#recorder = recorder;
  }

  get bytes(): number {
    return this.#output.bytes;
  }

  get stopRequested(): boolean {
    return this.#hasFailed || this.#output.stopRequested;
  }

  tryAcquire(): Uint8Array | undefined {
    if (this.#hasFailed) return undefined;
    this.#slot = this.#output.tryAcquire();
    return this.#slot;
  }

  async acquire(): Promise<Uint8Array | undefined> {
    if (this.#hasFailed) return undefined;
    this.#slot = await this.#output.acquire();
    return this.#slot;
  }

  get nextSlot(): Uint8Array {
    this.#slot = this.#output.nextSlot;
    return this.#slot;
  }

  publish(byteLength: number): void {
    if (this.#slot !== undefined) this.#recorder.write(this.#slot.subarray(0, byteLength));
    // What came is delivered, also when it cannot be recorded.
    this.#output.publish(byteLength);
    this.#slot = undefined;
  }

  write(bytes: Uint8Array): boolean | Promise<boolean> {
    if (this.stopRequested) return false;
    this.#recorder.write(bytes);
    return this.#unlessFailed(this.#output.write(bytes));
  }

  packet(bytes: Uint8Array, info: PacketInfo = {}): boolean | Promise<boolean> {
    if (this.stopRequested) return false;
    if (bytes.length > 0) this.#recorder.packet(bytes, info.timestampMs ?? Date.now(), info.peer);
    return this.#unlessFailed(this.#output.packet(bytes, info));
  }

  timestamp(ms: number): void {
    this.#output.timestamp(ms);
  }

  event(event: SourceEvent): boolean | Promise<boolean> {
    return this.#output.event(event);
  }

  segment(info: SegmentInfo): boolean | Promise<boolean> {
    this.#recorder.segment();
    return this.#output.segment(info);
  }

  get #hasFailed(): boolean {
    return this.#recorder.failure !== undefined;
  }

  #unlessFailed(wanted: boolean | Promise<boolean>): boolean | Promise<boolean> {
    if (!this.#hasFailed) return wanted;
    return typeof wanted === 'boolean' ? false : wanted.then(() => false);
  }
}
