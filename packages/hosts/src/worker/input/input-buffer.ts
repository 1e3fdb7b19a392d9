/** The bytes in an input memory (shared/protocol/input-memory.ts): added at the end, consumed at the start, moved only when it pays. */
import { EnvironmentError, type RingPosition } from '@chipmunk-host/runtime/internal/shared';
import {
  COMMIT_OFFSETS,
  DATA_OFFSET,
  InputField,
  VALID_COMMIT,
  WASM_PAGE_BYTES,
} from '../../shared/protocol/input-memory.js';

/** Which marks are kept; see input-marks.ts. */
export interface MarksExtent {
  readonly marksStart: number;
  readonly marksEnd: number;
  readonly segment: number;
}

/** What the valid commit says; all positions but `start` and `end` are in the input. */
interface Extent extends MarksExtent {
  readonly base: number;
  readonly start: number;
  readonly end: number;
  readonly reader: RingPosition;
}

export class InputBuffer {
  readonly #memory: WebAssembly.Memory;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
  }

  /** Position in the input of the first byte that is kept. */
  get start(): number {
    const { base, start } = this.#extent();
    return base + start;
  }

  /** Position in the input behind the last byte that is kept. */
  get end(): number {
    const { base, end } = this.#extent();
    return base + end;
  }

  /** Where the reader of the source stood when it delivered the last byte that is kept. */
  get reader(): RingPosition {
    return this.#extent().reader;
  }

  /** The bytes from position `offset` on; valid until `space` is called. */
  bytes(offset: number, byteLength: number): Uint8Array {
    const { base } = this.#extent();
    return new Uint8Array(this.#memory.buffer, DATA_OFFSET + offset - base, byteLength);
  }

  /** Memory for the bytes behind the last, at least up to position `upTo`. What is put there counts from `add` on. */
  space(upTo: number): Uint8Array {
    let extent = this.#extent();
    if (upTo - extent.base > this.#capacity && this.#movePays(extent)) extent = this.#moveToFront(extent);
    if (upTo - extent.base > this.#capacity && !this.#grow(upTo - extent.base)) {
      extent = this.#moveToFront(extent);
      if (upTo - extent.base > this.#capacity && !this.#grow(upTo - extent.base)) throw tooMuch(upTo - extent.base);
    }
    return new Uint8Array(this.#memory.buffer, DATA_OFFSET + extent.end, this.#capacity - extent.end);
  }

  /**
   * So many bytes were put into `space`; the reader then stood at `reader`.
   * @param marks those that are kept from then on. Default: as before
   */
  add(byteLength: number, reader: RingPosition, marks: Partial<MarksExtent> = {}): void {
    const extent = this.#extent();
    this.#commit({ ...extent, ...marks, end: extent.end + byteLength, reader });
  }

  /** Which marks are kept. */
  get marks(): MarksExtent {
    return this.#extent();
  }

  set marks(marks: MarksExtent) {
    this.#commit({ ...this.#extent(), ...marks });
  }

  /** The bytes before position `offset` are not needed any more. */
  consume(offset: number): void {
    const extent = this.#extent();
    const start = Math.min(offset - extent.base, extent.end);
    if (start > extent.start) this.#commit({ ...extent, start });
  }

  get #capacity(): number {
    return this.#memory.buffer.byteLength - DATA_OFFSET;
  }

  /** Each byte that is moved is paid for by one that was used up: all moves together are linear in the input. */
  #movePays({ start, end }: Extent): boolean {
    return start > 0 && end - start <= start;
  }

  #moveToFront(extent: Extent): Extent {
    const { base, start, end } = extent;
    const data = new Uint8Array(this.#memory.buffer, DATA_OFFSET, end);
    data.copyWithin(0, start, end);
    return this.#commit({ ...extent, base: base + start, start: 0, end: end - start });
  }

  #grow(byteLength: number): boolean {
    const missing = Math.ceil((byteLength - this.#capacity) / WASM_PAGE_BYTES);
    try {
      this.#memory.grow(missing);
      return true;
    } catch {
      // Beyond its maximum, or the machine has no more.
      return false;
    }
  }

  #extent(): Extent {
    const valid = Atomics.load(new Int32Array(this.#memory.buffer, 0, 1), VALID_COMMIT);
    const fields = this.#fields(valid);
    const field = (index: number) => fields[index] ?? 0;
    return {
      base: field(InputField.base),
      start: field(InputField.start),
      end: field(InputField.end),
      reader: { slot: field(InputField.slot), byte: field(InputField.byte) },
      marksStart: field(InputField.marksStart),
      marksEnd: field(InputField.marksEnd),
      segment: field(InputField.segment),
    };
  }

  #commit(extent: Extent): Extent {
    const valid = new Int32Array(this.#memory.buffer, 0, 1);
    const other = 1 - Atomics.load(valid, VALID_COMMIT);
    const { base, start, end, reader, marksStart, marksEnd, segment } = extent;
    this.#fields(other).set([base, start, end, reader.slot, reader.byte, marksStart, marksEnd, segment]);
    Atomics.store(valid, VALID_COMMIT, other);
    return extent;
  }

  #fields(index: number): Float64Array {
    return new Float64Array(this.#memory.buffer, COMMIT_OFFSETS[index === 0 ? 0 : 1], InputField.fields);
  }
}

function tooMuch(byteLength: number): EnvironmentError {
  return new EnvironmentError(`Not enough memory to keep ${byteLength} bytes of input.`, {
    help: 'Lower window.hardMaxBytes.',
  });
}
