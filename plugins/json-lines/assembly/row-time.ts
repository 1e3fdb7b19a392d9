/** The time of the row that is being made: the one place that knows it. */
import { TimeForm } from './time-form';

export class RowTime {
  isKnown: bool = false;
  private readonly form: TimeForm = new TimeForm();

  /** In nanoseconds since 1970, where it is known. */
  get nanoseconds(): i64 {
    return this.form.nanoseconds;
  }

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
}
