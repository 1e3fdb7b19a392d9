/**
 * How much of the input on which a plugin failed was kept: one for each session, in memory that its workers and the main thread share,
 * so that what a lost worker did is known as well.
 */

/** What became of input that `quarantineDirectory` was to keep. */
export interface QuarantineSummary {
  /** Inputs that are in a file now, also those that were in one before. */
  readonly kept: number;
  /** Inputs that were too long (64 MiB), or beyond the first 100. */
  readonly skipped: number;
  /** Inputs that could not be written. */
  readonly failed: number;
  /** Why the first of these could not be written; undefined when there is none. At most 1024 bytes of UTF-8. */
  readonly firstFailure: string | undefined;
}

/** What a worker gets. */
export interface QuarantineRequest {
  /** Absolute. */
  readonly directory: string;
  readonly account: SharedArrayBuffer;
}

const KEPT = 0;
const SKIPPED = 1;
const FAILED = 2;
/** Bytes of the message; 0 as long as there is none. */
const MESSAGE_BYTES = 3;
const HEADER_BYTES = 16;
const MAX_MESSAGE_BYTES = 1024;

export class QuarantineAccount {
  readonly memory: SharedArrayBuffer;
  readonly #counts: Int32Array;
  readonly #message: Uint8Array;

  /** @param memory of the account in the other thread; default: a new one */
  constructor(memory = new SharedArrayBuffer(HEADER_BYTES + MAX_MESSAGE_BYTES)) {
    this.memory = memory;
    this.#counts = new Int32Array(memory, 0, HEADER_BYTES / 4);
    this.#message = new Uint8Array(memory, HEADER_BYTES);
  }

  get kept(): number {
    return Atomics.load(this.#counts, KEPT);
  }

  addKept(): void {
    Atomics.add(this.#counts, KEPT, 1);
  }

  addSkipped(): void {
    Atomics.add(this.#counts, SKIPPED, 1);
  }

  addFailed(message: string): void {
    if (Atomics.add(this.#counts, FAILED, 1) > 0) return;
    // Not every version of Node encodes into shared memory.
    const bytes = new Uint8Array(MAX_MESSAGE_BYTES);
    const { written } = new TextEncoder().encodeInto(message, bytes);
    this.#message.set(bytes);
    Atomics.store(this.#counts, MESSAGE_BYTES, written);
  }

  summary(): QuarantineSummary {
    const bytes = Atomics.load(this.#counts, MESSAGE_BYTES);
    const text = new TextDecoder().decode(this.#message.slice(0, bytes));
    return {
      kept: this.kept,
      skipped: Atomics.load(this.#counts, SKIPPED),
      failed: Atomics.load(this.#counts, FAILED),
      firstFailure: bytes === 0 ? undefined : text,
    };
  }
}
