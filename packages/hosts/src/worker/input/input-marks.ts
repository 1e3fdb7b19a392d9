/**
 * What a source tells beside its bytes, as far as it is still needed: where its loads begin (packets, or bytes of one time), what
 * happened, and which input the bytes are from. It lies in shared memory beside the bytes that are kept
 * (shared/protocol/input-memory.ts) and is committed with them, so that it outlives a parser's thread.
 *
 *   | the input, when its number is even | when it is odd | one half of the marks | the other half |
 *
 * Marks are added to one half. When that is full, those that are still needed are written to the other half, which is then committed: a
 * thread that ends at any instruction leaves whole ones behind. A mark has a head of 24 bytes, and of an event its text: position and
 * value as float64 (of a load its time, of an event its number), u32 kind, u32 bytes of the text.
 */
import type { SourceInfo } from '@chipmunk-host/batch';
import type { RingPosition } from '@chipmunk-host/runtime/internal/shared';
import type { InputBuffer } from './input-buffer.js';

/** A name of 1,024 UTF-16 code units takes at most 6 KiB as JSON. */
const INPUT_BYTES = 8 * 1024;
const MARKS_AT = 2 * INPUT_BYTES;
const HEAD_BYTES = 24;
const ALIGN = 8;

const Kind = { load: 0, event: 1 } as const;

interface Load {
  readonly position: number;
  /** Of it, or of the last one before it that has a time; NaN when none has. */
  readonly timeMs: number;
}

interface KeptEvent {
  readonly position: number;
  readonly number: number;
  readonly text: Buffer;
}

export interface InputMarksParts {
  readonly memory: SharedArrayBuffer;
  readonly buffer: InputBuffer;
  /** Number of the last event that the stream of batches tells of. */
  reported(): number;
  /** Told of each event when the reader comes to it; again of one that another thread came to and did not report. */
  onEvent(position: number, text: Uint8Array): void;
}

export class InputMarks {
  readonly #parts: InputMarksParts;
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #halfBytes: number;
  /** In the order of their positions. What comes before the index is not needed any more. */
  #loads: Load[] = [];
  #firstLoad = 0;
  #events: KeptEvent[] = [];

  constructor(parts: InputMarksParts) {
    this.#parts = parts;
    this.#bytes = Buffer.from(parts.memory);
    this.#view = new DataView(parts.memory);
    this.#halfBytes = (parts.memory.byteLength - MARKS_AT) / 2;
    this.#readAll();
  }

  /** What is known of the input that the bytes are from; undefined for the one that the source began with. */
  get input(): SourceInfo | undefined {
    const { segment } = this.#parts.buffer.marks;
    if (segment === 0) return undefined;
    const at = inputAt(segment);
    const text = this.#bytes.subarray(at + 4, at + 4 + this.#bytes.readUInt32LE(at));
    return JSON.parse(text.toString('utf8')) as SourceInfo;
  }

  /** Whether the input comes in loads. */
  get hasLoads(): boolean {
    return this.#loads.length > 0;
  }

  /** Where the first load begins at or behind `position`; undefined when none does. */
  boundary(position: number): number | undefined {
    return this.#loads[this.#indexFrom(position)]?.position;
  }

  /** The time that was seen last before position `end`. */
  timeBefore(end: number): number | undefined {
    const load = this.#loads[this.#indexFrom(end) - 1];
    return load === undefined || Number.isNaN(load.timeMs) ? undefined : load.timeMs;
  }

  /** So many bytes were read, which begin a load, and the reader then stood at `reader`. Returns false when there is no room to note it. */
  addLoad(byteLength: number, timeMs: number, reader: RingPosition): boolean {
    const { buffer } = this.#parts;
    const position = buffer.end;
    const marksEnd = this.#put(position, timeMs, Kind.load);
    if (marksEnd === undefined) return false;
    buffer.add(byteLength, reader, { marksEnd });
    this.#addLoad(position, timeMs);
    return true;
  }

  /** Keeps an event, behind which the reader stood at `reader`. Returns false when there is no room. */
  addEvent(message: Uint8Array, reader: RingPosition): boolean {
    const { buffer, onEvent } = this.#parts;
    const text = Buffer.from(message);
    const event = { position: buffer.end, number: numberOf(text), text };
    const marksEnd = this.#put(event.position, event.number, Kind.event, text);
    if (marksEnd === undefined) return false;
    buffer.add(0, reader, { marksEnd });
    this.#events.push(event);
    onEvent(event.position, text);
    return true;
  }

  /** What follows, where the reader then stands at `reader`, is another input. All that came before it is consumed and reported. */
  begin(input: SourceInfo, reader: RingPosition): void {
    const { buffer } = this.#parts;
    const segment = buffer.marks.segment + 1;
    const at = inputAt(segment);
    const text = Buffer.from(JSON.stringify(input), 'utf8');
    this.#bytes.writeUInt32LE(text.length, at);
    text.copy(this.#bytes, at + 4);
    buffer.add(0, reader, { marksStart: 0, marksEnd: 0, segment });
    this.#loads = [];
    this.#firstLoad = 0;
    this.#events = [];
  }

  /** The bytes before `offset` are not needed any more. */
  consume(offset: number): void {
    // The last load that begins there stays: it may be kept in part, and its time was seen last.
    while ((this.#loads[this.#firstLoad + 1]?.position ?? Number.POSITIVE_INFINITY) <= offset) this.#firstLoad++;
    if (this.#firstLoad > 1024 && this.#firstLoad > this.#loads.length / 2) this.#forgetLoads();
  }

  /** All loads that are kept count as one from then on, so that there is room: when a parser asks for more than all of them at once. */
  join(): void {
    this.#firstLoad = Math.max(this.#firstLoad, this.#loads.length - 1);
  }

  #forgetLoads(): void {
    this.#loads.splice(0, this.#firstLoad);
    this.#firstLoad = 0;
  }

  #addLoad(position: number, timeMs: number): void {
    const seen = Number.isNaN(timeMs) ? (this.#loads.at(-1)?.timeMs ?? Number.NaN) : timeMs;
    this.#loads.push({ position, timeMs: seen });
  }

  /** Index of the first load at or behind `position`. */
  #indexFrom(position: number): number {
    let low = this.#firstLoad;
    let high = this.#loads.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#loads[middle] as Load).position < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Writes a mark behind the others. Returns where it ends; undefined when there is no room. */
  #put(position: number, value: number, kind: number, text?: Buffer): number | undefined {
    const { buffer } = this.#parts;
    const size = sizeOf(text);
    const { marksStart, marksEnd } = buffer.marks;
    const half = marksStart < this.#halfBytes ? 0 : 1;
    if (marksEnd + size <= (half + 1) * this.#halfBytes) return this.#write(marksEnd, position, value, kind, text);
    this.#rewrite(1 - half);
    const end = buffer.marks.marksEnd;
    if (end + size > (2 - half) * this.#halfBytes) return undefined;
    return this.#write(end, position, value, kind, text);
  }

  /** Writes what is needed to the other half. */
  #rewrite(half: number): void {
    const { buffer, reported } = this.#parts;
    this.#forgetLoads();
    this.#events = this.#events.filter(({ number }) => number > reported());
    const marksStart = half * this.#halfBytes;
    let end = marksStart;
    for (const { position, timeMs } of this.#loads) end = this.#write(end, position, timeMs, Kind.load);
    for (const { position, number, text } of this.#events) end = this.#write(end, position, number, Kind.event, text);
    buffer.marks = { ...buffer.marks, marksStart, marksEnd: end };
  }

  #write(at: number, position: number, value: number, kind: number, text?: Buffer): number {
    const start = MARKS_AT + at;
    this.#view.setFloat64(start, position, true);
    this.#view.setFloat64(start + 8, value, true);
    this.#view.setUint32(start + 16, kind, true);
    this.#view.setUint32(start + 20, text?.length ?? 0, true);
    text?.copy(this.#bytes, start + HEAD_BYTES);
    return at + sizeOf(text);
  }

  /** What another thread has left. */
  #readAll(): void {
    const { buffer, reported, onEvent } = this.#parts;
    const { marksStart, marksEnd } = buffer.marks;
    for (let at = marksStart; at < marksEnd; ) {
      const start = MARKS_AT + at;
      const position = this.#bytes.readDoubleLE(start);
      const value = this.#bytes.readDoubleLE(start + 8);
      const textBytes = this.#bytes.readUInt32LE(start + 20);
      const text = Buffer.from(this.#bytes.subarray(start + HEAD_BYTES, start + HEAD_BYTES + textBytes));
      at += sizeOf(text);
      if (this.#bytes.readUInt32LE(start + 16) === Kind.load) this.#addLoad(position, value);
      else if (value > reported()) {
        this.#events.push({ position, number: value, text });
        onEvent(position, text);
      }
    }
    this.consume(buffer.start);
  }
}

function inputAt(segment: number): number {
  return (segment % 2) * INPUT_BYTES;
}

function sizeOf(text: Buffer | undefined): number {
  return HEAD_BYTES + Math.ceil((text?.length ?? 0) / ALIGN) * ALIGN;
}

function numberOf(text: Buffer): number {
  return (JSON.parse(text.toString('utf8')) as { readonly number: number }).number;
}
