/**
 * Messages of version 2 that were cut into segments: their payloads are joined again when all frames came in order. Series of one sender
 * follow each other, so a new first frame ends the one before.
 */
import { ByteBuffer, log } from '@chipmunk-host/sdk/assembly';
import { Field, Message2 } from './message-2';

const enum Frame {
  First,
  Consecutive,
  Last,
  Abort,
}

/** Payloads that are kept at most; the oldest series is given up beyond that. */
const MOST_BYTES: usize = 0x2000000;
/** Warnings stop after so many. */
const MOST_WARNINGS: i32 = 10;
const NO_NUMBER: i64 = -1;

class Series {
  readonly data: ByteBuffer = new ByteBuffer();
  /** The number that the next consecutive frame must have; the first one may have 0 or 1. */
  next: i64 = NO_NUMBER;

  constructor(
    readonly key: string,
    readonly total: u64,
  ) {}
}

export class Segments {
  private readonly open: Series[] = [];
  private bytes: usize = 0;
  private warnings: i32 = 0;
  /** The payload of the latest whole message, until the next `take`. */
  private whole: ByteBuffer = new ByteBuffer();

  /** Whether a series is not at its end. */
  get isOpen(): bool {
    return this.open.length != 0;
  }

  /** Takes a frame; returns the payload of the whole message when this was the last one of it, else null. */
  take(message: Message2): ByteBuffer | null {
    this.whole.free();
    const key = keyOf(message);
    const series = this.find(key);
    switch (message.segmentType) {
      case Frame.First: {
        if (series !== null) this.drop(series, 'another one began');
        const begun = new Series(key, message.segmentValue);
        this.open.push(begun);
        this.append(begun, message);
        return null;
      }
      case Frame.Consecutive: {
        if (series === null) return null;
        const number = <i64>message.segmentValue;
        if (series.next == NO_NUMBER ? number > 1 : number != series.next) {
          this.drop(series, 'a part was missing');
          return null;
        }
        series.next = number + 1;
        this.append(series, message);
        return null;
      }
      case Frame.Last: {
        if (series === null) return null;
        this.append(series, message);
        if (<u64>series.data.length != series.total) {
          this.drop(series, 'it ended');
          return null;
        }
        this.remove(series);
        this.whole = series.data;
        return this.whole;
      }
      case Frame.Abort:
        if (series !== null) this.drop(series, 'it was aborted');
        return null;
      default:
        return null;
    }
  }

  private append(series: Series, message: Message2): void {
    const bytes = message.end - message.payload;
    series.data.append(message.payload, bytes);
    this.bytes += bytes;
    while (this.bytes > MOST_BYTES && this.open.length > 1) this.drop(this.open[0], 'there were too many others');
  }

  private find(key: string): Series | null {
    for (let i = 0; i < this.open.length; i++) {
      if (this.open[i].key == key) return this.open[i];
    }
    return null;
  }

  private drop(series: Series, reason: string): void {
    this.remove(series);
    const bytes = series.data.length;
    series.data.free();
    if (this.warnings >= MOST_WARNINGS) return;
    this.warnings++;
    const last = this.warnings == MOST_WARNINGS ? '; there are no more messages about segments' : '';
    log.warn(`${bytes} of the ${series.total} bytes of a message in segments had come when ${reason}${last}`);
  }

  private remove(series: Series): void {
    this.bytes -= series.data.length;
    this.open.splice(this.open.indexOf(series), 1);
  }
}

function keyOf(message: Message2): string {
  const session = message.hasSession ? message.session.toString() : '';
  return [textOf(message.ecu), textOf(message.application), textOf(message.context), session].join('\0');
}

/** The bytes of an id as characters of that number: it need not be valid text. */
function textOf(field: Field): string {
  let text = '';
  for (let i: usize = 0; i < field.length; i++) text += String.fromCharCode(load<u8>(field.start + i));
  return text;
}
