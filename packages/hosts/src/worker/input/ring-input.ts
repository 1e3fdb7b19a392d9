/**
 * Makes a full source of anything that delivers bytes one after the other. It keeps what was read until it is consumed, and
 * reads more when more is wanted than is kept: unlike Chipmunk's, which has 10 MiB and drops what does not fit, it grows; and
 * an error of the reader is thrown, behind the bytes that were read before it.
 */
import type { SourceInfo } from '@chipmunk-host/batch';
import {
  copyBytes,
  describe,
  HostError,
  PluginContractError,
  type RingPosition,
} from '@chipmunk-host/runtime/internal/shared';
import type { ByteRingMark } from '@chipmunk-host/runtime/internal/worker';
import type { SegmentMessage } from '@chipmunk-host/sources/internal/shared';
import { createInputMemory } from '../../shared/protocol/input-memory.js';
import { DEFAULT_MAX_LATENCY_MS, DEFAULT_WINDOW } from '../../shared/protocol/session-defaults.js';
import type { ByteInput, FollowingInput } from './byte-input.js';
import { InputBuffer } from './input-buffer.js';
import { InputMarks, type InputMarksParts } from './input-marks.js';

/** What a source has to be able to do. */
export interface ByteReader {
  /** Puts bytes to the start of `into`; returns how many. 0 is the end; undefined says that `ready` tells when there are more. */
  read(into: Uint8Array): number | undefined;
  /** What stands before the next byte. Only for readers of more than bytes. */
  mark?(): ByteRingMark | undefined;
  /** Goes on behind a message that `mark` has found. */
  pass?(): void;
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
  /** What the source tells beside its bytes is kept there. Default: it tells nothing. */
  readonly marks?: Omit<InputMarksParts, 'buffer'> | undefined;
  /** How inputs that come one after the other are numbered. Default: from 0, and each one more. */
  readonly numbers?: { readonly first: number; readonly step: number } | undefined;
  /** How long more bytes are waited for when the least that is wanted is there, in milliseconds. Default 50. */
  readonly lingerMs?: number;
}

const NOWHERE: RingPosition = { slot: 0, byte: 0 };

export class RingInput implements ByteInput {
  readonly size = undefined;
  readonly #reader: ByteReader;
  readonly #buffer: InputBuffer;
  readonly #lingerMs: number;
  readonly #marks: InputMarks | undefined;
  readonly #numbers: { readonly first: number; readonly step: number };
  #following: FollowingInput | undefined;
  /** Whether an event has come that the stream may have to tell of before more bytes come. */
  #hasEvent = false;
  #isCrowded = false;
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
    this.#numbers = options.numbers ?? { first: 0, step: 1 };
    this.#marks = options.marks && new InputMarks({ ...options.marks, buffer: this.#buffer });
  }

  get origin(): SourceInfo | undefined {
    return this.#marks?.input;
  }

  get following(): FollowingInput | undefined {
    return this.#following;
  }

  get isCrowded(): boolean {
    return this.#isCrowded;
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
    return (this.#ended || this.#following !== undefined) && offset >= this.#buffer.end;
  }

  /** Reads once. Returns the number of bytes; 0 at the end; undefined when nothing is at hand. @throws what the reader throws */
  load(): number | undefined {
    for (;;) {
      const count = this.#load(this.#buffer.end + 1);
      if (count !== 0 || this.#ended || this.#following !== undefined) return count;
    }
  }

  timeBefore(end: number): number | undefined {
    return this.#marks?.timeBefore(end);
  }

  beginFollowing(): void {
    if (this.#marks === undefined || this.#following === undefined) return;
    this.#reader.position = this.#buffer.reader;
    this.#reader.pass?.();
    this.#marks.begin(this.#following.source, this.#reader.position);
    this.#reader.settle?.();
    this.#following = undefined;
  }

  /**
   * When it had to be waited for, the same question asked again behind that gets the same answer at once.
   * @param atLeast With so many bytes, more are waited for only a little while: for input that comes slowly. Fewer than
   *   `wanted` then do not mean that the input has ended; `endsAt` tells. Of loads, such as packets, no more come than hold so many.
   *   Default: as many as wanted.
   */
  available(offset: number, wanted: number, atLeast = wanted): number | Promise<number> {
    const answer = this.#answer;
    this.#answer = undefined;
    if (answer?.offset === offset && answer.wanted === wanted && answer.atLeast === atLeast) return answer.count;
    if (offset < this.#buffer.start)
      return Promise.reject(new HostError('ERR_INTERNAL', `The input at byte ${offset} was consumed before.`));
    return this.#fill(offset, wanted, atLeast)
      ? this.#show(offset, wanted, atLeast)
      : this.#wait(offset, wanted, atLeast);
  }

  read(target: Uint8Array, offset: number): number {
    const count = Math.max(0, Math.min(target.length, this.#buffer.end - offset));
    copyBytes(target, this.#buffer.bytes(offset, count));
    return count;
  }

  consume(offset: number): void {
    this.#buffer.consume(offset);
    this.#marks?.consume(offset);
    if (!this.#isCrowded) return;
    // What is kept was not enough: it is wanted at once.
    this.#marks?.join();
    this.#isCrowded = false;
  }

  stop(): void {
    this.#reader.stop?.();
  }

  close(): void | Promise<void> {
    return this.#reader.close?.();
  }

  /** Reads until what is wanted is there. Returns false when it has to be waited for, true when it is there or nothing follows. */
  #fill(offset: number, wanted: number, atLeast: number): boolean {
    const nothingFollows = () => this.#ended || this.#failure !== undefined || this.#following !== undefined;
    while (this.#buffer.end < offset + (this.#marks?.hasLoads ? atLeast : wanted) && !nothingFollows()) {
      try {
        if (this.#load(offset + wanted) === undefined) return false;
      } catch (error) {
        this.#failure = { error };
      }
    }
    return true;
  }

  /** Returns how many bytes were read; 0 when something else was, or it has ended; undefined when it has to be waited for. */
  #load(upTo: number): number | undefined {
    // Not where it believes to stand: this thread, or one before it, may have been interrupted between `read` and `add`.
    if (this.#reader.position !== undefined) this.#reader.position = this.#buffer.reader;
    const mark = this.#marks && this.#reader.mark?.();
    if (mark !== undefined && 'message' in mark) return this.#take(mark);
    const space = this.#buffer.space(mark === undefined ? upTo : Math.max(upTo, this.#buffer.end + mark.byteLength));
    const count = this.#reader.read(space);
    if (count === undefined) return undefined;
    if (!Number.isInteger(count) || count < 0 || count > space.length)
      throw new PluginContractError(`A source was asked for ${space.length} bytes and says that it read ${count}.`, {
        phase: 'read',
      });
    const position = this.#reader.position ?? NOWHERE;
    if (count === 0) this.#ended = true;
    else if (mark?.kind !== 'load') this.#buffer.add(count, position);
    else if (this.#marks?.addLoad(count, mark.timeMs, position) === false) return this.#noRoom();
    this.#reader.settle?.();
    return count;
  }

  #take({ kind, message }: Extract<ByteRingMark, { message: Uint8Array }>): number | undefined {
    if (kind === 'segment') {
      this.#following = this.#followingInput(message);
      return 0;
    }
    this.#reader.pass?.();
    if (this.#marks?.addEvent(message, this.#reader.position ?? NOWHERE) === false) return this.#noRoom();
    this.#hasEvent = true;
    this.#reader.settle?.();
    return 0;
  }

  #noRoom(): undefined {
    this.#isCrowded = true;
  }

  #followingInput(message: Uint8Array): FollowingInput {
    const { name, type, note } = JSON.parse(Buffer.from(message).toString('utf8')) as SegmentMessage;
    const before = this.#marks?.input;
    const { first, step } = this.#numbers;
    // The input that a session begins with may get its name only here.
    const isFirst = before === undefined && this.#buffer.end === 0;
    return { source: { number: isFirst ? first : (before?.number ?? first) + step, name, type }, note };
  }

  async #wait(offset: number, wanted: number, atLeast: number): Promise<number> {
    let lingerUntil: number | undefined;
    do {
      // No answer: it is asked again when that is dealt with.
      if (this.#hasEvent || this.#isCrowded) {
        this.#hasEvent = false;
        return 0;
      }
      if (this.#buffer.end - offset < atLeast) {
        await this.#whenReady();
        continue;
      }
      lingerUntil ??= performance.now() + this.#lingerMs;
      const left = lingerUntil - performance.now();
      if (left <= 0) break;
      await within(left, this.#whenReady());
    } while (!this.#fill(offset, wanted, atLeast));
    const count = await this.#show(offset, wanted, atLeast);
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
  #show(offset: number, wanted: number, atLeast: number): number | Promise<number> {
    const until = this.#marks?.boundary(offset + atLeast) ?? this.#buffer.end;
    const count = Math.max(0, Math.min(wanted, until - offset));
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
