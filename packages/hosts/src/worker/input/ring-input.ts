/**
 * Makes a full source of anything that delivers bytes one after the other. It keeps what was read until it is consumed, and
 * reads more when more is wanted than is kept: unlike Chipmunk's, which has 10 MiB and drops what does not fit, it grows; and
 * an error of the reader is thrown, behind the bytes that were read before it.
 */
import {
  copyBytes,
  describe,
  HostError,
  PluginContractError,
  type RingPosition,
} from '@chipmunk-host/runtime/internal/shared';
import { createInputMemory } from '../../shared/protocol/input-memory.js';
import { DEFAULT_MAX_LATENCY_MS, DEFAULT_WINDOW } from '../../shared/protocol/session-defaults.js';
import type { ByteInput } from './byte-input.js';
import { InputBuffer } from './input-buffer.js';

/** What a source has to be able to do. */
export interface ByteReader {
  /** Puts bytes to the start of `into`; returns how many. 0 is the end; undefined says that `ready` tells when there are more. */
  read(into: Uint8Array): number | undefined;
  /** Only for readers that may return undefined. */
  ready?(): Promise<void>;
  /** Where the reader stands, if it can be told to go on from where it or another one stood. */
  position?: RingPosition;
  /** What was read is in safety. */
  settle?(): void;
  /** Wakes a pending `ready`; `read` throws from then on. */
  stop?(): void;
  close?(): void | Promise<void>;
}

export interface RingInputOptions {
  /** What is read goes there; what is in it already comes first. Default: a memory of its own for 256 MiB, as for a window. */
  readonly memory?: WebAssembly.Memory;
  /** How long more bytes are waited for when the least that is wanted is there, in milliseconds. Default 50. */
  readonly lingerMs?: number;
}

const NOWHERE: RingPosition = { slot: 0, byte: 0 };

export class RingInput implements ByteInput {
  readonly size = undefined;
  readonly #reader: ByteReader;
  readonly #buffer: InputBuffer;
  readonly #lingerMs: number;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  /** Position behind the last byte that `available` has counted. */
  #shown = 0;
  #ready: Promise<void> | undefined;
  /** What the last wait came to, for the call that repeats the question. */
  #answer:
    | { readonly offset: number; readonly wanted: number; readonly atLeast: number; readonly count: number }
    | undefined;

  constructor(reader: ByteReader, options: RingInputOptions = {}) {
    this.#reader = reader;
    this.#buffer = new InputBuffer(options.memory ?? createInputMemory(DEFAULT_WINDOW.hardMaxBytes));
    this.#lingerMs = options.lingerMs ?? DEFAULT_MAX_LATENCY_MS;
  }

  /** Position in the input of the first byte that was not consumed. */
  get offset(): number {
    return this.#buffer.start;
  }

  /** Bytes that were read and not consumed. */
  get length(): number {
    return this.#buffer.end - this.#buffer.start;
  }

  /** The bytes that were read and not consumed; valid until more are read. */
  get currentSlice(): Uint8Array {
    return this.#buffer.bytes(this.offset, this.length);
  }

  /** Whether the input is known to end at position `offset`. A source that failed has no end. */
  endsAt(offset: number): boolean {
    return this.#ended && offset >= this.#buffer.end;
  }

  /** Reads once. Returns the number of bytes; 0 at the end; undefined when nothing is at hand. @throws what the reader throws */
  load(): number | undefined {
    return this.#load(this.#buffer.end + 1);
  }

  /**
   * When it had to be waited for, the same question asked again behind that gets the same answer at once.
   * @param atLeast With so many bytes, more are waited for only a little while: for input that comes slowly. Fewer than
   *   `wanted` then do not mean that the input has ended; `endsAt` tells. Default: as many as wanted.
   */
  available(offset: number, wanted: number, atLeast = wanted): number | Promise<number> {
    const answer = this.#answer;
    this.#answer = undefined;
    if (answer?.offset === offset && answer.wanted === wanted && answer.atLeast === atLeast) return answer.count;
    if (offset < this.#buffer.start)
      return Promise.reject(new HostError('ERR_INTERNAL', `The input at byte ${offset} was consumed before.`));
    return this.#fill(offset + wanted) ? this.#show(offset, wanted) : this.#wait(offset, wanted, atLeast);
  }

  read(target: Uint8Array, offset: number): number {
    const count = Math.max(0, Math.min(target.length, this.#buffer.end - offset));
    copyBytes(target, this.#buffer.bytes(offset, count));
    return count;
  }

  consume(offset: number): void {
    this.#buffer.consume(offset);
  }

  stop(): void {
    this.#reader.stop?.();
  }

  close(): void | Promise<void> {
    return this.#reader.close?.();
  }

  /** Reads up to position `upTo`. Returns false when it has to be waited for, true when it is there or nothing follows. */
  #fill(upTo: number): boolean {
    while (this.#buffer.end < upTo && !this.#ended && this.#failure === undefined) {
      try {
        if (this.#load(upTo) === undefined) return false;
      } catch (error) {
        this.#failure = { error };
      }
    }
    return true;
  }

  #load(upTo: number): number | undefined {
    const space = this.#buffer.space(upTo);
    // Not where it believes to stand: this thread, or one before it, may have been interrupted between `read` and `add`.
    if (this.#reader.position !== undefined) this.#reader.position = this.#buffer.reader;
    const count = this.#reader.read(space);
    if (count === undefined) return undefined;
    if (!Number.isInteger(count) || count < 0 || count > space.length)
      throw new PluginContractError(`A source was asked for ${space.length} bytes and says that it read ${count}.`, {
        phase: 'read',
      });
    if (count === 0) this.#ended = true;
    else this.#buffer.add(count, this.#reader.position ?? NOWHERE);
    this.#reader.settle?.();
    return count;
  }

  async #wait(offset: number, wanted: number, atLeast: number): Promise<number> {
    let lingerUntil: number | undefined;
    do {
      if (this.#buffer.end - offset < atLeast) {
        await this.#whenReady();
        continue;
      }
      lingerUntil ??= performance.now() + this.#lingerMs;
      const left = lingerUntil - performance.now();
      if (left <= 0) break;
      await within(left, this.#whenReady());
    } while (!this.#fill(offset + wanted));
    const count = await this.#show(offset, wanted);
    this.#answer = { offset, wanted, atLeast, count };
    return count;
  }

  /** One wait at a time: the one that a linger gave up on is taken up again. */
  #whenReady(): Promise<void> {
    if (this.#reader.ready === undefined)
      throw new HostError('ERR_INTERNAL', 'A source has no bytes and cannot wait for more.');
    this.#ready ??= this.#reader.ready().finally(() => {
      this.#ready = undefined;
    });
    return this.#ready;
  }

  /**
   * How many bytes there are. When the reader has failed, what was read before is returned once, and then the error is thrown:
   * as a rejection always, so that it is met where the caller waits and not in the middle of its work.
   */
  #show(offset: number, wanted: number): number | Promise<number> {
    const count = Math.max(0, Math.min(wanted, this.#buffer.end - offset));
    const end = offset + count;
    if (this.#failure !== undefined && count < wanted && (count === 0 || end <= this.#shown))
      return Promise.reject(asError(this.#failure.error));
    this.#shown = Math.max(this.#shown, end);
    return count;
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new HostError('ERR_SOURCE_READ', describe(thrown), { cause: thrown });
}

async function within(limitMs: number, event: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([
    event,
    new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs);
    }),
  ]).finally(() => clearTimeout(timer));
}
