/** The part of a capture that is in memory: what was read and not yet taken. Records lie in it as a whole, so none is copied to be read. */

/** The longest record that is read. A packet has at most 256 KiB in a capture, as in libpcap. */
export const MAX_RECORD_BYTES = 512 * 1024;
/** Large enough that moving the rest to the front is rare. */
const WINDOW_BYTES = 2 * MAX_RECORD_BYTES;

export class CaptureWindow {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** The first byte that was not taken. */
  at = 0;
  /** Behind the last byte that was read. */
  end = 0;
  /** Position of `bytes[0]` in the capture. */
  #base = 0;

  constructor(byteLength = WINDOW_BYTES) {
    const buffer = new ArrayBuffer(byteLength);
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
  }

  /** Bytes that were read and not taken. */
  get length(): number {
    return this.end - this.at;
  }

  /** Position in the capture of the first byte that was not taken. */
  get position(): number {
    return this.#base + this.at;
  }

  /** Where more bytes can be read to; never empty when no record is longer than `MAX_RECORD_BYTES`. Moves what is in memory. */
  space(): Uint8Array {
    if (this.at === this.end) this.#moveTo(0);
    else if (this.bytes.length - this.end < this.bytes.length / 2) {
      this.bytes.copyWithin(0, this.at, this.end);
      this.#moveTo(this.end - this.at);
    }
    return this.bytes.subarray(this.end);
  }

  /** So many bytes were read to the start of `space()`. */
  filled(byteLength: number): void {
    this.end += byteLength;
  }

  #moveTo(end: number): void {
    this.#base += this.at;
    this.at = 0;
    this.end = end;
  }
}

/** A captured frame, as positions in the window. One object is used for all frames. */
export class Frame {
  start = 0;
  /** Behind the last byte that was captured. */
  end = 0;
  /** Bytes that were on the wire; more than captured when the capture was made with a snap length. */
  wireLength = 0;
  /** Milliseconds since 1970; -1 when it is not known. */
  timeMs = -1;
  linkType = 0;
}

/** A format of captures. */
export interface CaptureFormat {
  /** Finds the next frame in the window, and takes it. false: more bytes are needed. @throws HostError `ERR_SOURCE_READ` */
  next(frame: Frame): boolean;
  /** What is incomplete when the capture ends here; undefined when it may. */
  unfinished(): string | undefined;
}
