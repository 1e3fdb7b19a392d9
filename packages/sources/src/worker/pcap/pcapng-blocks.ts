/** The format pcapng: sections of blocks, each in a byte order of its own. Blocks that are not known, and options, are passed over. */
import { damaged } from './capture-error.js';
import { TimeScale } from './capture-time.js';
import { type CaptureFormat, type CaptureWindow, type Frame, MAX_RECORD_BYTES } from './capture-window.js';

/** The same in both byte orders. */
export const SECTION_HEADER = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION = 1;
/** Of before the enhanced one. */
const PACKET = 2;
const SIMPLE_PACKET = 3;
const INTERFACE_STATISTICS = 5;
const ENHANCED_PACKET = 6;

const BYTE_ORDER_MAGIC = 0x1a2b_3c4d;
const SWAPPED_MAGIC = 0x4d3c_2b1a;
/** Type, length, and the length again at the end. */
const FRAMING_BYTES = 12;
/** Up to the packet's bytes. */
const ENHANCED_BYTES = 28;
const SIMPLE_BYTES = 12;
const MAX_INTERFACES = 65_536;

const OPTION_END = 0;
const OPTION_TIME_RESOLUTION = 9;
const OPTION_TIME_OFFSET = 14;
const OPTION_INTERFACE_DROPPED = 5;
const OPTION_SYSTEM_DROPPED = 7;

interface Interface {
  readonly linkType: number;
  /** 0: no limit. */
  readonly snapLength: number;
  readonly time: TimeScale;
  /** What its statistics said last. */
  dropped: number;
}

export class PcapngBlocks implements CaptureFormat {
  readonly #window: CaptureWindow;
  /** Told how many packets more an interface lost while it captured. */
  readonly #onDropped: (count: number) => void;
  #littleEndian = true;
  #interfaces: Interface[] = [];
  /** Bytes of a long block that are still to be passed over. */
  #skipping = 0;
  #begun = false;

  constructor(window: CaptureWindow, onDropped: (count: number) => void) {
    this.#window = window;
    this.#onDropped = onDropped;
  }

  next(frame: Frame): boolean {
    const window = this.#window;
    for (;;) {
      if (this.#skipping > 0 && !this.#skip()) return false;
      if (window.length < FRAMING_BYTES) return false;
      const { at, view } = window;
      if (view.getUint32(at, true) === SECTION_HEADER) this.#readByteOrder(at);
      const type = view.getUint32(at, this.#littleEndian);
      const length = view.getUint32(at + 4, this.#littleEndian);
      if (length < FRAMING_BYTES || length % 4 !== 0)
        throw this.#damaged(`a block of ${length} bytes; expected a multiple of 4, of 12 or more`);
      if (length > MAX_RECORD_BYTES) {
        if (isRead(type))
          throw this.#damaged(`a block of ${length} bytes with a packet; expected at most ${MAX_RECORD_BYTES}`);
        this.#skipping = length;
        continue;
      }
      if (window.length < length) return false;
      const again = view.getUint32(at + length - 4, this.#littleEndian);
      if (again !== length)
        throw this.#damaged(`a block of ${length} bytes that says ${again} at its end; expected the same number`);
      const isFrame = this.#readBlock(type, at, at + length - 4, frame);
      window.at = at + length;
      if (isFrame) return true;
    }
  }

  unfinished(): string | undefined {
    if (!this.#begun) return 'its header';
    return this.#window.length > 0 || this.#skipping > 0 ? 'a block' : undefined;
  }

  #skip(): boolean {
    const count = Math.min(this.#skipping, this.#window.length);
    this.#window.at += count;
    this.#skipping -= count;
    return this.#skipping === 0;
  }

  #readByteOrder(at: number): void {
    const magic = this.#window.view.getUint32(at + 8, true);
    if (magic !== BYTE_ORDER_MAGIC && magic !== SWAPPED_MAGIC)
      throw this.#damaged('the header of a section without its byte order; expected 1a2b3c4d');
    this.#littleEndian = magic === BYTE_ORDER_MAGIC;
  }

  /** @returns whether it is a packet, which is then in `frame` */
  #readBlock(type: number, at: number, end: number, frame: Frame): boolean {
    switch (type) {
      case ENHANCED_PACKET:
        this.#readPacket(at, end, this.#window.view.getUint32(at + 8, this.#littleEndian), frame);
        return true;
      case PACKET:
        this.#readPacket(at, end, this.#window.view.getUint16(at + 8, this.#littleEndian), frame);
        return true;
      case SIMPLE_PACKET:
        this.#readSimplePacket(at, end, frame);
        return true;
      case SECTION_HEADER:
        this.#interfaces = [];
        this.#begun = true;
        return false;
      case INTERFACE_DESCRIPTION:
        this.#readInterface(at, end);
        return false;
      case INTERFACE_STATISTICS:
        this.#readStatistics(at, end);
        return false;
      default:
        return false;
    }
  }

  #readPacket(at: number, end: number, interfaceId: number, frame: Frame): void {
    const { view } = this.#window;
    const start = at + ENHANCED_BYTES;
    if (start > end) throw this.#damaged('a block that is too short for a packet');
    const from = this.#interface(interfaceId);
    const captured = view.getUint32(at + 20, this.#littleEndian);
    if (captured > end - start)
      throw this.#damaged(`a packet of ${captured} bytes in a block with room for ${end - start}`);
    frame.start = start;
    frame.end = start + captured;
    frame.wireLength = view.getUint32(at + 24, this.#littleEndian);
    frame.timeMs = from.time.toMs(
      view.getUint32(at + 12, this.#littleEndian),
      view.getUint32(at + 16, this.#littleEndian),
    );
    frame.linkType = from.linkType;
  }

  #readSimplePacket(at: number, end: number, frame: Frame): void {
    const start = at + SIMPLE_BYTES;
    if (start > end) throw this.#damaged('a block that is too short for a packet');
    const from = this.#interface(0);
    const wireLength = this.#window.view.getUint32(at + 8, this.#littleEndian);
    const most = from.snapLength === 0 ? wireLength : Math.min(wireLength, from.snapLength);
    // The block is filled up to a multiple of 4. More than that is missing in a block that is too short.
    if (most > end - start) throw this.#damaged(`a packet of ${most} bytes in a block with room for ${end - start}`);
    frame.start = start;
    frame.end = start + most;
    frame.wireLength = wireLength;
    frame.timeMs = -1;
    frame.linkType = from.linkType;
  }

  #interface(id: number): Interface {
    const found = this.#interfaces[id];
    if (found === undefined)
      throw this.#damaged(`a packet of interface ${id}; ${this.#interfaces.length} are described before it`);
    return found;
  }

  #readInterface(at: number, end: number): void {
    const { view } = this.#window;
    if (at + 16 > end) throw this.#damaged('a description of an interface that is too short');
    if (this.#interfaces.length === MAX_INTERFACES)
      throw this.#damaged(`more than ${MAX_INTERFACES} interfaces in one section`);
    let resolution: number | undefined;
    let offsetSeconds: bigint | undefined;
    this.#readOptions(at + 16, end, (code, value, length) => {
      if (code === OPTION_TIME_RESOLUTION && length >= 1) resolution = view.getUint8(value);
      if (code === OPTION_TIME_OFFSET && length >= 8) offsetSeconds = view.getBigInt64(value, this.#littleEndian);
    });
    this.#interfaces.push({
      linkType: view.getUint16(at + 8, this.#littleEndian),
      snapLength: view.getUint32(at + 12, this.#littleEndian),
      time: new TimeScale(resolution, offsetSeconds),
      dropped: 0,
    });
  }

  #readStatistics(at: number, end: number): void {
    const { view } = this.#window;
    if (at + 20 > end) return;
    const of = this.#interfaces[view.getUint32(at + 8, this.#littleEndian)];
    if (of === undefined) return;
    let dropped = 0;
    this.#readOptions(at + 20, end, (code, value, length) => {
      if ((code === OPTION_INTERFACE_DROPPED || code === OPTION_SYSTEM_DROPPED) && length >= 8)
        dropped += Number(view.getBigUint64(value, this.#littleEndian));
    });
    if (dropped > of.dropped) this.#onDropped(dropped - of.dropped);
    of.dropped = Math.max(of.dropped, dropped);
  }

  #readOptions(at: number, end: number, take: (code: number, value: number, length: number) => void): void {
    const { view } = this.#window;
    for (let option = at; option + 4 <= end; ) {
      const code = view.getUint16(option, this.#littleEndian);
      const length = view.getUint16(option + 2, this.#littleEndian);
      if (code === OPTION_END || option + 4 + length > end) return;
      take(code, option + 4, length);
      option += 4 + ((length + 3) & ~3);
    }
  }

  #damaged(what: string): Error {
    return damaged(this.#window.position, what);
  }
}

function isRead(type: number): boolean {
  return type === ENHANCED_PACKET || type === SIMPLE_PACKET || type === PACKET || type === INTERFACE_DESCRIPTION;
}
