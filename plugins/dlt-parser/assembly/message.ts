/** One message of protocol version 1 as its headers describe it; addresses lie in the input. */
import { u32At } from '@chipmunk-host/sdk/assembly';

/** `DLT` and 1, before a message in a file; `DLS` and 1, before one on a serial line. Read as little-endian numbers. */
export const STORAGE_PATTERN: u32 = 0x01544c44;
export const SERIAL_PATTERN: u32 = 0x01534c44;
export const STORAGE_HEADER_BYTES: usize = 16;
export const SERIAL_HEADER_BYTES: usize = 4;

/** Of the first byte of a message, HTYP. */
export const HAS_EXTENDED_HEADER: u32 = 1;
export const IS_BIG_ENDIAN: u32 = 2;
export const HAS_ECU: u32 = 4;
export const HAS_SESSION: u32 = 8;
export const HAS_TIME: u32 = 16;

export const EXTENDED_HEADER_BYTES: usize = 10;

export const enum Kind {
  Log,
  Trace,
  Network,
  Control,
}

/** Bytes of all headers of a message whose first byte is `htyp`. */
// @ts-ignore: decorator
@inline
export function headerBytes(htyp: u32): usize {
  const words = ((htyp >> 2) & 1) + ((htyp >> 3) & 1) + ((htyp >> 4) & 1);
  return 4 + (words << 2) + <usize>(htyp & HAS_EXTENDED_HEADER) * EXTENDED_HEADER_BYTES;
}

/** Bytes of the message at `at`, from its first byte to the end of its payload. */
// @ts-ignore: decorator
@inline
export function messageBytes(at: usize): usize {
  return bswap<u16>(load<u16>(at, 2));
}

export class Message {
  /** The first byte: of the storage header or the serial header, where there is one. */
  start: usize = 0;
  /** Where HTYP lies. */
  header: usize = 0;
  payload: usize = 0;
  end: usize = 0;
  hasStorage: bool = false;
  htyp: u32 = 0;
  /** Message type and argument count; 0 without an extended header. */
  msin: u32 = 0;
  argumentCount: u32 = 0;
  /** Addresses of ids of four bytes; 0 where the message has none. */
  ecu: usize = 0;
  application: usize = 0;
  context: usize = 0;
  session: u32 = 0;
  time: u32 = 0;

  // @ts-ignore: decorator
  @inline
  get bigEndian(): bool {
    return (this.htyp & IS_BIG_ENDIAN) != 0;
  }

  // @ts-ignore: decorator
  @inline
  get hasExtendedHeader(): bool {
    return (this.htyp & HAS_EXTENDED_HEADER) != 0;
  }

  // @ts-ignore: decorator
  @inline
  get isVerbose(): bool {
    return (this.msin & 1) != 0;
  }

  /** One of `Kind`, or a reserved number up to 7. */
  // @ts-ignore: decorator
  @inline
  get kind(): u32 {
    return (this.msin >> 1) & 7;
  }

  /** Reads the headers at `header`, all of which lie in the input. */
  // @ts-ignore: decorator
  @inline
  read(start: usize, header: usize, end: usize, hasStorage: bool): void {
    const htyp = <u32>load<u8>(header);
    this.start = start;
    this.header = header;
    this.end = end;
    this.hasStorage = hasStorage;
    this.htyp = htyp;
    let at = header + 4;
    this.ecu = 0;
    if ((htyp & HAS_ECU) != 0) {
      this.ecu = at;
      at += 4;
    }
    if ((htyp & HAS_SESSION) != 0) {
      this.session = u32At(at, true);
      at += 4;
    }
    if ((htyp & HAS_TIME) != 0) {
      this.time = u32At(at, true);
      at += 4;
    }
    if ((htyp & HAS_EXTENDED_HEADER) != 0) {
      this.msin = load<u8>(at);
      this.argumentCount = load<u8>(at, 1);
      this.application = at + 2;
      this.context = at + 6;
      at += EXTENDED_HEADER_BYTES;
    } else {
      this.msin = 0;
      this.argumentCount = 0;
      this.application = 0;
      this.context = 0;
    }
    this.payload = at;
  }
}
