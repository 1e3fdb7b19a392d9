/** Tells the log of lines that are no objects of JSON, or no valid UTF-8: of the first ten of either. */
import { log } from '@chipmunk-host/sdk/assembly';
import { Fault } from './json-scan';

/** Warnings stop after so many. */
const MOST_WARNINGS: i32 = 10;

export class BrokenLines {
  private broken: i32 = 0;
  private invalid: i32 = 0;

  /** The line that begins `position` bytes after the start of the input has the fault at its byte `place`, and is shown as text. */
  broke(position: u64, what: i32, place: usize): void {
    if (this.broken >= MOST_WARNINGS) return;
    this.broken++;
    const last = this.broken == MOST_WARNINGS ? '; more of these are shown without a message' : '';
    log.warn(
      `shown as text: the line ${position} bytes after the start of the input is no JSON object: ${expected(what)} at byte ${place}${last}`,
    );
  }

  /** The invalid parts of a line became U+FFFD. */
  replaced(position: u64): void {
    if (this.invalid >= MOST_WARNINGS) return;
    this.invalid++;
    const last = this.invalid == MOST_WARNINGS ? '; more of these are replaced without a message' : '';
    log.warn(
      `replaced with U+FFFD what is not valid UTF-8 in the line ${position} bytes after the start of the input${last}`,
    );
  }
}

function expected(what: i32): string {
  switch (what) {
    case Fault.Object:
      return "expected '{'";
    case Fault.Value:
      return 'expected a value';
    case Fault.Name:
      return 'expected the name of a member';
    case Fault.Colon:
      return "expected ':'";
    case Fault.Comma:
      return "expected ',' or '}'";
    case Fault.CommaInArray:
      return "expected ',' or ']'";
    case Fault.Text:
      return "expected '\"' before a control character or the end of the line";
    case Fault.Escape:
      return 'expected an escape';
    case Fault.Digit:
      return 'expected a digit';
    default:
      return 'expected the end of the line';
  }
}
