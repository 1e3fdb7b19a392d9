/** `parse` called on the core export: input is written into the plugin's memory, items are lifted out of it by wasm. */
import {
  type DirectFunction,
  PluginContractError,
  type Realloc,
  type RingMemory,
} from '@chipmunk-host/runtime/internal/worker';
import type { FrameBuilder } from '../../../worker/output/frame-builder.js';
import type { FrameSource } from '../../../worker/output/frame-source.js';
import type { LiftedFrame } from '../../../worker/output/lifted-frame.js';
import type { ParseOutcome } from '../../contract/parser-adapter.js';
import { ResultLifter } from '../lifter/result-lifter.js';
import type { ParsePath } from './parse-path.js';

export class DirectParse implements ParsePath {
  /** `parse(data pointer, data length, timestamp is some, timestamp)`. */
  static readonly coreParameters = 4;

  readonly #function: DirectFunction;
  readonly #realloc: Realloc;
  readonly #times: DirectFunction | undefined;
  readonly #lifter: ResultLifter;
  /** The argument's list, allocated by `prepare` and the plugin's own from `parse` on. */
  #pointer = 0;
  #prepared = 0;
  #result: number | undefined;

  #timesResult: number | undefined;

  /**
   * @param outputBytes most bytes that one call may become; Infinity: no limit
   * @param times what gives the times of the items, over the same memory; undefined where the plugin gives none
   */
  constructor(parse: DirectFunction, realloc: Realloc, ring: RingMemory, outputBytes: number, times?: DirectFunction) {
    this.#function = parse;
    this.#realloc = realloc;
    this.#times = times;
    this.#lifter = new ResultLifter(parse.memory, { memory: ring.memory }, { outputBytes });
  }

  set mostColumns(columns: number) {
    this.#lifter.mostColumns = columns;
  }

  get memoryBytes(): number {
    return this.#function.memory.buffer.byteLength;
  }

  prepare(byteLength: number): Uint8Array {
    this.#pointer = this.#checked(this.#realloc(0, 0, 1, byteLength), byteLength);
    this.#prepared = byteLength;
    return new Uint8Array(this.#function.memory.buffer, this.#pointer, byteLength);
  }

  parse(byteLength: number, timeMs?: number): ParseOutcome {
    if (byteLength < this.#prepared)
      this.#pointer = this.#checked(this.#realloc(this.#pointer, this.#prepared, 1, byteLength), byteLength);
    const isTimed = timeMs !== undefined;
    const time = isTimed ? BigInt(Math.trunc(timeMs)) : 0n;
    this.#result = this.#function.call(this.#pointer, byteLength, Number(isTimed), time) >>> 0;
    const opened = this.#lifter.open(this.#result, byteLength);
    if (this.#times !== undefined && opened.kind === 'items' && opened.count > 0) this.#takeTimes(this.#times);
    return opened;
  }

  #takeTimes(times: DirectFunction): void {
    this.#timesResult = times.call();
    this.#lifter.takeTimes(this.#timesResult);
  }

  next(slotOffset: number, slotBytes: number, offset: number, source?: FrameSource): LiftedFrame | undefined {
    return this.#lifter.next(slotOffset, slotBytes, offset, source);
  }

  readInto(builder: FrameBuilder): void {
    this.#lifter.readInto(builder);
  }

  release(): void {
    if (this.#result !== undefined) this.#function.postReturn?.(this.#result);
    this.#result = undefined;
    if (this.#timesResult !== undefined) this.#times?.postReturn?.(this.#timesResult);
    this.#timesResult = undefined;
  }

  #checked(pointer: number, byteLength: number): number {
    const start = pointer >>> 0;
    if (start + byteLength > this.#function.memory.buffer.byteLength)
      throw new PluginContractError(
        `The plugin's realloc returned ${start} for ${byteLength} bytes, outside of its memory.`,
      );
    return start;
  }
}
