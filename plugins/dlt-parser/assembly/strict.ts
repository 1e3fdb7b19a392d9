/**
 * Messages as Chipmunk's own parser takes them: it reads as many arguments as a message claims, whatever its length is, goes on behind
 * the last one, and after an error looks for the next storage header one byte further on.
 */
import { findPattern } from '@chipmunk-host/sdk/assembly';
import { Outcome } from './arguments';
import { Found, Framing } from './framing';
import {
  HAS_ECU,
  HAS_SESSION,
  HAS_TIME,
  headerBytes,
  Message,
  messageBytes,
  STORAGE_HEADER_BYTES,
  STORAGE_PATTERN,
} from './message';
import { RowWriter } from './row';

export const enum StrictResult {
  Message,
  Skip,
  Wait,
}

const enum Mode {
  Unknown,
  /** All messages have storage headers. */
  Storage,
  /** None has. */
  Bare,
}

const SMALLEST_MESSAGE: usize = 4;
/** So much is looked at to find out whether there are storage headers. */
const PROBE_BYTES: usize = 0x10000;

export class StrictReader {
  /** Where what was found ends. */
  end: usize = 0;
  private mode: Mode = Mode.Unknown;

  /** Looks at what begins at `at`. A message is read into `message`, and its row is begun. */
  next(at: usize, end: usize, isLast: bool, message: Message, rows: RowWriter): StrictResult {
    if (this.mode == Mode.Unknown) {
      if (!isLast && end - at < PROBE_BYTES) return StrictResult.Wait;
      this.mode = hasStorageHeaders(at, end, isLast) ? Mode.Storage : Mode.Bare;
    }
    const hasStorage = this.mode == Mode.Storage;
    let start = at;
    if (hasStorage) {
      start = findPattern(at, end, STORAGE_PATTERN);
      if (start == end) {
        if (!isLast && end - at < SMALLEST_MESSAGE) return StrictResult.Wait;
        return this.skip(isLast ? end : end - (SMALLEST_MESSAGE - 1));
      }
    }
    const header = hasStorage ? start + STORAGE_HEADER_BYTES : start;
    if (header + SMALLEST_MESSAGE > end) return this.incomplete(start, isLast);
    const htyp = <u32>load<u8>(header);
    const standard = headerBytes(htyp & (HAS_ECU | HAS_SESSION | HAS_TIME));
    if (header + standard > end) return this.incomplete(start, isLast);
    const bytes = messageBytes(header);
    const headers = headerBytes(htyp);
    if (bytes < headers) return this.skip(start + 1);
    if (header + max(headers, bytes) > end) return this.incomplete(start, isLast);

    message.read(start, header, header + bytes, hasStorage);
    rows.begin(message, end);
    const args = rows.arguments;
    if (args.outcome == Outcome.Complete) {
      this.end = message.isVerbose ? args.next : message.end;
      return StrictResult.Message;
    }
    if (args.outcome == Outcome.Short && message.isVerbose) return this.incomplete(start, isLast);
    return this.skip(start + 1);
  }

  private incomplete(start: usize, isLast: bool): StrictResult {
    return isLast ? this.skip(start + 1) : StrictResult.Wait;
  }

  private skip(end: usize): StrictResult {
    this.end = end;
    return StrictResult.Skip;
  }
}

function hasStorageHeaders(at: usize, end: usize, isLast: bool): bool {
  const framing = new Framing();
  if (framing.find(at, end, isLast) == Found.Message) return framing.hasStorage;
  return findPattern(at, end, STORAGE_PATTERN) < end;
}
