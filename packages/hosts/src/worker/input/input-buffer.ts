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

/**
 * One thread at a time works on a memory: what the valid commit says is read once, and then known. All positions but `start` and `end`
 * are in the input.
 */
export class InputBuffer {
  readonly #memory: WebAssembly.Memory;
  /** In the first page, which growing leaves where it is. */
  readonly #valid: Int32Array;
  readonly #commits: readonly [Float64Array, Float64Array];
  /** All of the memory. */
  #bytes: Uint8Array;
  #commitIndex: number;
  #base = 0;
  #start = 0;
  #end = 0;
  #readerSlot = 0;
  #readerByte = 0;
  #marksStart = 0;
  #marksEnd = 0;
  #segment = 0;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    const { buffer } = memory;
    this.#bytes = new Uint8Array(buffer);
    this.#valid = new Int32Array(buffer, 0, 1);
    this.#commits = [
      new Float64Array(buffer, COMMIT_OFFSETS[0], InputField.fields),
      new Float64Array(buffer, COMMIT_OFFSETS[1], InputField.fields),
    ];
    this.#commitIndex = Atomics.load(this.#valid, VALID_COMMIT) === 0 ? 0 : 1;
    const fields = this.#commits[this.#commitIndex === 0 ? 0 : 1];
    const field = (index: number) => fields[index] ?? 0;
    this.#base = field(InputField.base);
    this.#start = field(InputField.start);
    this.#end = field(InputField.end);
    this.#readerSlot = field(InputField.slot);
    this.#readerByte = field(InputField.byte);
    this.#marksStart = field(InputField.marksStart);
    this.#marksEnd = field(InputField.marksEnd);
    this.#segment = field(InputField.segment);
  }

  /** Position in the input of the first byte that is kept. */
  get start(): number {
    return this.#base + this.#start;
  }

  /** Position in the input behind the last byte that is kept. */
  get end(): number {
    return this.#base + this.#end;
  }

  /** Where the reader of the source stood when it delivered the last byte that is kept. */
  get reader(): RingPosition {
    return { slot: this.#readerSlot, byte: this.#readerByte };
  }

  /** The bytes from position `offset` on; valid until `space` is called. */
  bytes(offset: number, byteLength: number): Uint8Array {
    const at = DATA_OFFSET + offset - this.#base;
    return this.#bytes.subarray(at, at + byteLength);
  }

  /** Memory for the bytes behind the last, at least up to position `upTo`. What is put there counts from `add` on. */
  space(upTo: number): Uint8Array {
    if (upTo - this.#base > this.#capacity && this.#movePays) this.#moveToFront();
    if (upTo - this.#base > this.#capacity && !this.#grow(upTo - this.#base)) {
      this.#moveToFront();
      if (upTo - this.#base > this.#capacity && !this.#grow(upTo - this.#base)) throw tooMuch(upTo - this.#base);
    }
    return this.#bytes.subarray(DATA_OFFSET + this.#end);
  }

  /**
   * So many bytes were put into `space`; the reader then stood at `reader`.
   * @param marks those that are kept from then on. Default: as before
   */
  add(byteLength: number, reader: RingPosition, marks?: Partial<MarksExtent>): void {
    this.#end += byteLength;
    this.#readerSlot = reader.slot;
    this.#readerByte = reader.byte;
    if (marks !== undefined) this.#setMarks(marks);
    this.#commit();
  }

  /** Which marks are kept. */
  get marks(): MarksExtent {
    return { marksStart: this.#marksStart, marksEnd: this.#marksEnd, segment: this.#segment };
  }

  set marks(marks: MarksExtent) {
    this.#setMarks(marks);
    this.#commit();
  }

  /** The bytes before position `offset` are not needed any more. */
  consume(offset: number): void {
    const start = Math.min(offset - this.#base, this.#end);
    if (start <= this.#start) return;
    this.#start = start;
    this.#commit();
  }

  get #capacity(): number {
    return this.#bytes.length - DATA_OFFSET;
  }

  /** Each byte that is moved is paid for by one that was used up: all moves together are linear in the input. */
  get #movePays(): boolean {
    return this.#start > 0 && this.#end - this.#start <= this.#start;
  }

  #setMarks({
    marksStart = this.#marksStart,
    marksEnd = this.#marksEnd,
    segment = this.#segment,
  }: Partial<MarksExtent>) {
    this.#marksStart = marksStart;
    this.#marksEnd = marksEnd;
    this.#segment = segment;
  }

  #moveToFront(): void {
    const [start, end] = [this.#start, this.#end];
    this.#bytes.copyWithin(DATA_OFFSET, DATA_OFFSET + start, DATA_OFFSET + end);
    this.#base += start;
    this.#start = 0;
    this.#end = end - start;
    this.#commit();
  }

  #grow(byteLength: number): boolean {
    const missing = Math.ceil((byteLength - this.#capacity) / WASM_PAGE_BYTES);
    try {
      this.#memory.grow(missing);
    } catch {
      // Beyond its maximum, or the machine has no more.
      return false;
    }
    this.#bytes = new Uint8Array(this.#memory.buffer);
    return true;
  }

  /** Writes the commit that is not valid, and makes it the valid one. */
  #commit(): void {
    const other = 1 - this.#commitIndex;
    const fields = this.#commits[other === 0 ? 0 : 1];
    fields[InputField.base] = this.#base;
    fields[InputField.start] = this.#start;
    fields[InputField.end] = this.#end;
    fields[InputField.slot] = this.#readerSlot;
    fields[InputField.byte] = this.#readerByte;
    fields[InputField.marksStart] = this.#marksStart;
    fields[InputField.marksEnd] = this.#marksEnd;
    fields[InputField.segment] = this.#segment;
    Atomics.store(this.#valid, VALID_COMMIT, other);
    this.#commitIndex = other;
  }
}

function tooMuch(byteLength: number): EnvironmentError {
  return new EnvironmentError(`Not enough memory to keep ${byteLength} bytes of input.`, {
    help: 'Lower window.hardMaxBytes.',
  });
}
