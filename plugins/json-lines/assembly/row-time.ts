/** The time of the row that is being made: the one place that knows it. */
import { Items } from '@chipmunk-host/sdk/assembly';
import { TimeForm } from './time-form';

export class RowTime {
  private isKnown: bool = false;
  private readonly form: TimeForm = new TimeForm();

  clear(): void {
    this.isKnown = false;
  }

  /** Takes the time of a text or number; false where it is none, and the time is as before. */
  // @ts-ignore: decorator
  @inline
  take(at: usize, length: usize): bool {
    if (!this.form.read(at, length)) return false;
    this.isKnown = true;
    return true;
  }

  /** Gives the item that was put in last its time, where that is known. */
  // @ts-ignore: decorator
  @inline
  put(out: Items): void {
    if (this.isKnown) out.time(this.form.nanoseconds);
  }
}
