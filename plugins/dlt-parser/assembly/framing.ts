/**
 * Where messages begin and end.
 *
 * A message has a storage header, a serial header, or neither. `DLT` 1 and `DLS` 1 may also occur in a payload, so the length of a message
 * is believed: where it ends, the next one begins. It is not believed when it leads nowhere and another message begins within it: then
 * the length is damaged, or bytes are missing, and the message ends where that one begins.
 *
 * What is decided depends on the input only, never on where a slice of it ends: what needs bytes behind the slice waits for them.
 */
import { findPattern } from '@chipmunk-host/sdk/assembly';
import { bareBytes, isId, isUnmistakable, NO_MESSAGE, UNKNOWN, VERSION } from './bare-headers';
import {
  EXTENDED_HEADER_BYTES,
  HAS_EXTENDED_HEADER,
  headerBytes,
  messageBytes,
  SERIAL_HEADER_BYTES,
  SERIAL_PATTERN,
  STORAGE_HEADER_BYTES,
  STORAGE_PATTERN,
} from './message';
import {
  canBeVersion2,
  isPlainVersion2,
  leastBytes2,
  Message2,
  messageBytes2,
  STORAGE_2_BYTES,
  STORAGE_2_PATTERN,
} from './message-2';

export const enum Found {
  /** A message, from the place that was asked for. */
  Message,
  /** Bytes that are no message, up to `end`. */
  Damage,
  /** It cannot be told without bytes behind the slice. */
  Wait,
}

const VERSION_2: u32 = 2;
/** HTYP with a counter and a length, which no message goes without. */
const SMALLEST_MESSAGE: usize = 4;
/** So many messages without a header behind each other are no chance, where none has a header. Elsewhere they must lead to one that has. */
const CHAIN: i32 = 3;
/** A leap second has up to two million microseconds. */
const MOST_MICROS: u32 = 2000000;

/** Of numbers in headers of version 2: written either way, and the same in a whole file. */
const enum Order {
  Unknown,
  BigEndian,
  LittleEndian,
}

export class Framing {
  /** Of what was found: where HTYP lies, and where the message or the damage ends. */
  header: usize = 0;
  end: usize = 0;
  hasStorage: bool = false;
  /** Of the protocol: 1, or 2, whose message is then in `message2`. */
  version: u32 = 1;
  readonly message2: Message2 = new Message2();
  /** Where the storage header of version 2 lies; 0 for none. */
  storage2: usize = 0;
  private order: Order = Order.Unknown;
  /** Whether a message without any header ended where the next one is looked for. */
  afterBare: bool = false;
  /** Whether a message with a header was found: then those without one must be beyond doubt. */
  private hasPatterns: bool = false;

  /** Whether the order of bytes in headers of version 2 was found, which later ones are then read by. */
  get decides(): bool {
    return this.order != Order.Unknown;
  }

  /** Looks at what begins at `at`. `isLast`: nothing follows the slice, which ends at `end`. */
  // @ts-ignore: decorator
  @inline
  find(at: usize, end: usize, isLast: bool): Found {
    if (at + STORAGE_HEADER_BYTES + SMALLEST_MESSAGE <= end && load<u32>(at) == STORAGE_PATTERN) {
      const header = at + STORAGE_HEADER_BYTES;
      const next = header + messageBytes(header);
      // By far the most frequent case: another one follows.
      if (
        next + 4 <= end &&
        load<u32>(next) == STORAGE_PATTERN &&
        next - header >= headerBytes(load<u8>(header)) &&
        load<u8>(header) >> 5 != VERSION_2
      ) {
        this.version = 1;
        this.storage2 = 0;
        this.header = header;
        this.end = next;
        this.hasStorage = true;
        this.afterBare = false;
        this.hasPatterns = true;
        return Found.Message;
      }
    }
    return this.look(at, end, isLast);
  }

  private look(at: usize, end: usize, isLast: bool): Found {
    const length = end - at;
    if (length < SMALLEST_MESSAGE) return isLast ? this.damage(end) : Found.Wait;
    const word = load<u32>(at);
    this.version = 1;
    this.storage2 = 0;
    if (word == STORAGE_2_PATTERN) return this.headed2(at, end, isLast);
    if (word == STORAGE_PATTERN) return this.headed(at, at + STORAGE_HEADER_BYTES, true, end, isLast);
    if (word == SERIAL_PATTERN) return this.headed(at, at + SERIAL_HEADER_BYTES, false, end, isLast);
    if (this.afterBare) {
      const bytes = bareBytes(at, end);
      if (bytes > 0) return this.bare(at, <usize>bytes, end, isLast);
      if (bytes == UNKNOWN && !isLast) return Found.Wait;
      this.afterBare = false;
    }
    // Among messages of version 2 without headers, or where the input begins with one.
    if (!this.hasPatterns && isPlainVersion2(at)) return this.takeVersion2(at, at, end, isLast);
    const isBare = this.beginsBare(at, end, isLast);
    if (isBare < 0) return Found.Wait;
    if (isBare > 0) {
      const bytes = bareBytes(at, end);
      return this.bare(at, <usize>bytes, end, isLast);
    }
    return this.resynchronise(at + 1, end, isLast);
  }

  /** A message behind a header with a pattern. */
  private headed(at: usize, header: usize, isStorage: bool, end: usize, isLast: bool): Found {
    // A serial header may follow the one of the file.
    if (isStorage && header + 4 <= end && load<u32>(header) == SERIAL_PATTERN) header += SERIAL_HEADER_BYTES;
    this.afterBare = false;
    this.hasPatterns = true;
    if (header + SMALLEST_MESSAGE > end) return isLast ? this.resynchronise(at + 4, end, isLast) : Found.Wait;
    this.hasStorage = isStorage;
    if (canBeVersion2(header)) return this.takeVersion2(at, header, end, isLast);
    const bytes = messageBytes(header);
    const least = headerBytes(load<u8>(header));
    // Files have storage headers before messages of any version; a serial header is a chance more often.
    if (bytes < least || (!isStorage && load<u8>(header) >> 5 != VERSION)) return this.resynchronise(at + 4, end, isLast);
    const next = header + bytes;
    if (next > end) return isLast ? this.resynchronise(at + 4, end, isLast) : Found.Wait;
    return this.settle(at, header, next, false, end, isLast);
  }

  /** A message behind a storage header of version 2. */
  private headed2(at: usize, end: usize, isLast: bool): Found {
    this.afterBare = false;
    this.hasPatterns = true;
    if (at + STORAGE_2_BYTES > end) return isLast ? this.resynchronise(at + 4, end, isLast) : Found.Wait;
    let header = at + STORAGE_2_BYTES + <usize>load<u8>(at, STORAGE_2_BYTES - 1);
    if (header + SMALLEST_MESSAGE > end) return isLast ? this.resynchronise(at + 4, end, isLast) : Found.Wait;
    // The length of the id is text of the next message where the header is cut off.
    if (nextPattern(at + 4, header) < header) return this.resynchronise(at + 4, end, isLast);
    if (load<u32>(header) == SERIAL_PATTERN) header += SERIAL_HEADER_BYTES;
    this.storage2 = at;
    this.hasStorage = false;
    if (header + SMALLEST_MESSAGE > end) return isLast ? this.resynchronise(at + 4, end, isLast) : Found.Wait;
    if (canBeVersion2(header)) return this.takeVersion2(at, header, end, isLast);
    if (load<u8>(header) >> 5 != VERSION) return this.resynchronise(at + 4, end, isLast);
    const bytes = messageBytes(header);
    if (bytes < headerBytes(load<u8>(header))) return this.resynchronise(at + 4, end, isLast);
    if (header + bytes > end) return isLast ? this.resynchronise(at + 4, end, isLast) : Found.Wait;
    return this.settle(at, header, header + bytes, false, end, isLast);
  }

  /** A message of version 2 whose HTYP2 is at `header`. */
  private takeVersion2(at: usize, header: usize, end: usize, isLast: bool): Found {
    const after = at == header ? at + 1 : at + 4;
    const least = leastBytes2(header);
    if (header + least > end) return isLast ? this.resynchronise(after, end, isLast) : Found.Wait;
    if (this.order == Order.Unknown) {
      const big = this.leads(header, true, end, isLast);
      const little = this.leads(header, false, end, isLast);
      if ((big < 0 && little <= 0) || (little < 0 && big <= 0)) return Found.Wait;
      if (big > 0) this.order = Order.BigEndian;
      else if (little > 0) this.order = Order.LittleEndian;
    }
    const bigEndian = this.order != Order.LittleEndian;
    const bytes = messageBytes2(header, bigEndian);
    const next = header + bytes;
    if (bytes < least) return this.resynchronise(after, end, isLast);
    if (next > end) return isLast ? this.resynchronise(after, end, isLast) : Found.Wait;
    const found = this.settle(at, header, next, false, end, isLast);
    if (found != Found.Message) return found;
    if (!this.message2.read(header, this.end, bigEndian)) return this.resynchronise(after, end, isLast);
    this.version = VERSION_2;
    return found;
  }

  /** Whether the length leads to another message, or to the end: 1 yes, 0 no, -1 not known. */
  private leads(header: usize, bigEndian: bool, end: usize, isLast: bool): i32 {
    const bytes = messageBytes2(header, bigEndian);
    const next = header + bytes;
    if (bytes < leastBytes2(header)) return 0;
    if (next == end && isLast) return 1;
    if (next + 4 > end) return isLast ? 0 : -1;
    return isPattern(next) || isPlainVersion2(next) ? 1 : 0;
  }

  private bare(at: usize, bytes: usize, end: usize, isLast: bool): Found {
    const next = at + bytes;
    if (next > end) {
      if (!isLast) return Found.Wait;
      this.afterBare = false;
      return this.resynchronise(at + 1, end, isLast);
    }
    this.hasStorage = false;
    this.afterBare = true;
    return this.settle(at, at, next, true, end, isLast);
  }

  /** Decides whether the message from `at` ends at `next`, as its length says. */
  private settle(at: usize, header: usize, next: usize, isBare: bool, end: usize, isLast: bool): Found {
    this.header = header;
    this.end = next;
    /** Whether bytes behind the slice may show that the length leads to another message. */
    let isOpen = false;
    // Among messages with headers, one without may have none of them within it, wherever it leads.
    if (!isBare || !this.hasPatterns) {
      if (next + 4 <= end) {
        if (isPattern(next)) return Found.Message;
        const following = isBare ? bareBytes(next, end) : NO_MESSAGE;
        // Where the first headers are destroyed, the next message may begin within it.
        if (following > 0 && nextPattern(at + 4, next + 3) >= next) return Found.Message;
        isOpen = following == UNKNOWN;
      } else {
        if (next == end && isLast) return Found.Message;
        isOpen = true;
      }
    }

    // The length leads nowhere. Is there another message within it?
    const limit = min(next + 3, end);
    for (let inner = nextPattern(at + 4, limit); inner < next && inner < limit; inner = nextPattern(inner + 4, limit)) {
      // The serial header of this message itself.
      if (inner + SERIAL_HEADER_BYTES == header && load<u32>(inner) == SERIAL_PATTERN) continue;
      const sound = soundness(inner, end);
      if (sound < 0 && !isLast) return Found.Wait;
      if (sound <= 0) continue;
      if (isOpen && !isLast) return Found.Wait;
      const least = canBeVersion2(header) ? leastBytes2(header) : headerBytes(load<u8>(header));
      const isWhole = !isBare && inner >= header + least;
      if (!isWhole) {
        this.afterBare = false;
        return this.resynchronise(at + 1, end, isLast);
      }
      this.end = inner;
      return Found.Message;
    }
    // The beginning of a pattern at the end of the slice may become one.
    if (!isLast && next + 3 > end && endsInPattern(max(at + 4, end - 3), end)) return Found.Wait;
    return Found.Message;
  }

  /** Whether a message without any header begins at `at`, where none need be: 1 yes, 0 no, -1 not known. */
  private beginsBare(at: usize, end: usize, isLast: bool): i32 {
    const open = isLast ? 0 : -1;
    const first = bareBytes(at, end);
    if (first <= 0) return first == UNKNOWN ? open : 0;
    if (isUnmistakable(at)) return 1;
    let next = at;
    for (let count = 0; count < CHAIN || this.hasPatterns; count++) {
      const bytes = bareBytes(next, end);
      if (bytes <= 0) return bytes == UNKNOWN ? open : 0;
      next += bytes;
      if (next > end) return open;
      if (next == end && isLast) break;
      if (next + 4 > end) return open;
      if (isPattern(next)) break;
    }
    // Such messages are a chance after all when one that is none lies within them.
    for (let inner = nextPattern(at + 1, next); inner < next; inner = nextPattern(inner + 4, next)) {
      if (soundness(inner, end) != 0) return 0;
    }
    return 1;
  }

  /** Finds where the next message begins, from `at` on. */
  private resynchronise(at: usize, end: usize, isLast: bool): Found {
    for (; at + 4 <= end; at++) {
      if (isPattern(at)) return this.damage(at);
      if (load<u8>(at) >> 5 != VERSION) continue;
      const isBare = this.beginsBare(at, end, isLast);
      if (isBare == 0) continue;
      return this.damage(at);
    }
    // The last bytes may be the first ones of a message.
    return this.damage(isLast ? end : min(at, end));
  }

  private damage(end: usize): Found {
    this.end = end;
    return Found.Damage;
  }
}

// @ts-ignore: decorator
@inline
function isPattern(at: usize): bool {
  const word = load<u32>(at);
  return word == STORAGE_PATTERN || word == SERIAL_PATTERN || word == STORAGE_2_PATTERN;
}

/** Whether the headers at `at`, which begin with a pattern, can be ones of a message: 1 yes, 0 no, -1 the slice ends before. */
function soundness(at: usize, end: usize): i32 {
  const word = load<u32>(at);
  if (word == STORAGE_2_PATTERN) {
    if (at + STORAGE_2_BYTES > end) return -1;
    const header = at + STORAGE_2_BYTES + <usize>load<u8>(at, STORAGE_2_BYTES - 1);
    if (header + SMALLEST_MESSAGE > end) return -1;
    return isPlainVersion2(header) || load<u8>(header) >> 5 == VERSION ? 1 : 0;
  }
  const isStorage = word == STORAGE_PATTERN;
  const header = at + (isStorage ? STORAGE_HEADER_BYTES : SERIAL_HEADER_BYTES);
  if (header + SMALLEST_MESSAGE > end) return -1;
  if (isStorage && (!isId(at + 12) || load<u32>(at, 8) >= MOST_MICROS)) return 0;
  const htyp = <u32>load<u8>(header);
  const headers = headerBytes(htyp);
  if (htyp >> 5 == VERSION_2) return isPlainVersion2(header) ? 1 : 0;
  if (htyp >> 5 != VERSION || messageBytes(header) < headers) return 0;
  if ((htyp & HAS_EXTENDED_HEADER) == 0) return 1;
  const extended = header + headers - EXTENDED_HEADER_BYTES;
  if (extended + EXTENDED_HEADER_BYTES > end) return -1;
  return isId(extended + 2) && isId(extended + 6) ? 1 : 0;
}

function nextPattern(at: usize, end: usize): usize {
  const first = min(findPattern(at, end, STORAGE_PATTERN), findPattern(at, end, SERIAL_PATTERN));
  return min(first, findPattern(at, end, STORAGE_2_PATTERN));
}

/** Whether the bytes from `at` up to `end`, fewer than four, are the beginning of a pattern, or end in one. */
function endsInPattern(at: usize, end: usize): bool {
  for (; at < end; at++) {
    const bytes = end - at;
    const mask: u32 = (1 << (<u32>bytes << 3)) - 1;
    const word = load<u32>(at) & mask;
    // The first three bytes of both storage headers are the same.
    if (word == (STORAGE_PATTERN & mask) || word == (SERIAL_PATTERN & mask)) return true;
  }
  return false;
}
