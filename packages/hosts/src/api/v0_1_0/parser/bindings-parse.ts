/** `parse` through jco's bindings, for components whose lifting is not understood: slower, with the same items. */
import type { LiftBounds, LiftLimits } from '@chipmunk-host/runtime/internal/worker';
import type { FrameBuilder } from '../../../worker/output/frame-builder.js';
import type { FrameSource } from '../../../worker/output/frame-source.js';
import type { LiftedFrame } from '../../../worker/output/lifted-frame.js';
import type { ParseOutcome } from '../../contract/parser-adapter.js';
import type { BindingsParseError, ParserBindings, TimesBindings } from '../common/bindings.js';
import { parseLimits, timesLimits } from '../common/bindings-bounds.js';
import { cutMessage } from '../common/error-message.js';
import { contractBreach } from '../common/plugin-memory.js';
import { BindingsLifter } from '../lifter/bindings-lifter.js';
import { GET_TIMES, requireTimes, Time } from '../lifter/item-times.js';
import type { ParsePath } from './parse-path.js';

const PARSE_ERROR_TAGS = ['unrecoverable', 'parse', 'incomplete', 'eof'];

export class BindingsParse implements ParsePath {
  readonly memoryBytes = 0;
  readonly #bindings: ParserBindings;
  readonly #bounds: LiftBounds;
  readonly #limits: LiftLimits;
  readonly #times: TimesBindings | undefined;
  #slice = new Uint8Array(0);
  #lifter: BindingsLifter | undefined;
  mostColumns = 0;

  /**
   * @param outputBytes most bytes that one call may become; Infinity: no limit
   * @param times what gives the times of the items; undefined where the plugin gives none
   */
  constructor(bindings: ParserBindings, bounds: LiftBounds, outputBytes: number, times?: TimesBindings) {
    this.#bindings = bindings;
    this.#times = times;
    this.#bounds = bounds;
    this.#limits = parseLimits(outputBytes);
  }

  prepare(byteLength: number): Uint8Array {
    if (this.#slice.length < byteLength) this.#slice = new Uint8Array(byteLength);
    return this.#slice.subarray(0, byteLength);
  }

  parse(byteLength: number, timeMs?: number): ParseOutcome {
    try {
      const slice = this.#slice.subarray(0, byteLength);
      const time = timeMs === undefined ? undefined : BigInt(Math.trunc(timeMs));
      const items = this.#bounds.within(this.#limits, () => this.#bindings.parse(slice, time));
      const { hasOversized } = this.#bounds;
      const times =
        items.length > 0 && this.#times !== undefined ? this.#timesOf(this.#times, items.length) : undefined;
      this.#lifter = new BindingsLifter(items, byteLength, this.mostColumns, hasOversized, times);
      return { kind: 'items', count: items.length };
    } catch (error) {
      if (!isParseError(error)) throw error;
      return error.tag === 'incomplete' || error.tag === 'eof'
        ? { kind: error.tag }
        : { kind: error.tag, message: cutMessage(error.val) };
    }
  }

  #timesOf(bindings: TimesBindings, items: number): BigInt64Array {
    const times: unknown = this.#bounds.within(timesLimits(items * Time.bytes), () => bindings.getItemTimes());
    if (!(times instanceof BigInt64Array)) throw contractBreach('it is no list<s64>', GET_TIMES);
    requireTimes(times.length, items);
    return times;
  }

  next(_slotOffset: number, slotBytes: number, offset: number, source?: FrameSource): LiftedFrame | undefined {
    return this.#lifter?.next(slotBytes, offset, source);
  }

  readInto(builder: FrameBuilder): void {
    this.#lifter?.readInto(builder);
  }

  release(): void {
    this.#lifter = undefined;
  }
}

function isParseError(error: unknown): error is BindingsParseError {
  const { tag } = (error ?? {}) as { tag?: unknown };
  return typeof tag === 'string' && PARSE_ERROR_TAGS.includes(tag);
}
