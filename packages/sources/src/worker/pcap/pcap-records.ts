/** The format of tcpdump: a header, then records, each a packet. In the byte order of the machine that wrote it. */
import { damaged } from './capture-error.js';
import type { CaptureFormat, CaptureWindow, Frame } from './capture-window.js';

const HEADER_BYTES = 24;
/** As in libpcap. */
const MAX_PACKET_BYTES = 256 * 1024;
/** Bits above say how long the check sequence of frames is. */
const LINK_TYPE_BITS = 0x03ff_ffff;

interface Variant {
  readonly littleEndian: boolean;
  /** Of the fraction of a second, in a millisecond. */
  readonly unitsPerMs: number;
  readonly recordHeaderBytes: number;
}

/** By the first four bytes, read in big-endian. */
const VARIANTS: ReadonlyMap<number, Variant> = new Map([
  [0xa1b2_c3d4, { littleEndian: false, unitsPerMs: 1000, recordHeaderBytes: 16 }],
  [0xd4c3_b2a1, { littleEndian: true, unitsPerMs: 1000, recordHeaderBytes: 16 }],
  [0xa1b2_3c4d, { littleEndian: false, unitsPerMs: 1_000_000, recordHeaderBytes: 16 }],
  [0x4d3c_b2a1, { littleEndian: true, unitsPerMs: 1_000_000, recordHeaderBytes: 16 }],
  // Of patched versions of libpcap, with 8 more bytes in front of each packet.
  [0xa1b2_cd34, { littleEndian: false, unitsPerMs: 1000, recordHeaderBytes: 24 }],
  [0x34cd_b2a1, { littleEndian: true, unitsPerMs: 1000, recordHeaderBytes: 24 }],
]);

export class PcapRecords implements CaptureFormat {
  readonly #window: CaptureWindow;
  readonly #variant: Variant;
  #linkType = -1;

  /** @param window begins with a magic number of this format */
  constructor(window: CaptureWindow, magic: number) {
    this.#window = window;
    this.#variant = VARIANTS.get(magic) as Variant;
  }

  static isMagic(magic: number): boolean {
    return VARIANTS.has(magic);
  }

  next(frame: Frame): boolean {
    const window = this.#window;
    if (this.#linkType === -1 && !this.#readHeader()) return false;
    const { littleEndian, unitsPerMs, recordHeaderBytes } = this.#variant;
    if (window.length < recordHeaderBytes) return false;
    const { at, view } = window;
    const captured = view.getUint32(at + 8, littleEndian);
    if (captured > MAX_PACKET_BYTES)
      throw damaged(window.position, `a packet of ${captured} bytes; expected at most ${MAX_PACKET_BYTES}`);
    const start = at + recordHeaderBytes;
    const end = start + captured;
    if (end > window.end) return false;
    frame.start = start;
    frame.end = end;
    frame.wireLength = view.getUint32(at + 12, littleEndian);
    frame.timeMs =
      view.getUint32(at, littleEndian) * 1000 + Math.floor(view.getUint32(at + 4, littleEndian) / unitsPerMs);
    frame.linkType = this.#linkType;
    window.at = end;
    return true;
  }

  unfinished(): string | undefined {
    if (this.#linkType === -1) return 'its header';
    return this.#window.length === 0 ? undefined : 'a packet';
  }

  #readHeader(): boolean {
    const window = this.#window;
    if (window.length < HEADER_BYTES) return false;
    this.#linkType = window.view.getUint32(window.at + 20, this.#variant.littleEndian) & LINK_TYPE_BITS;
    window.at += HEADER_BYTES;
    return true;
  }
}
