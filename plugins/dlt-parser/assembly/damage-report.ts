/** Tells the log of input that is no message: once for each stretch, up to ten times. */
import { log } from '@chipmunk-host/sdk/assembly';

/** Warnings stop after so many. */
const MOST_WARNINGS: i32 = 10;

export class DamageReport {
  private warnings: i32 = 0;
  private begin: u64 = 0;
  private bytes: u64 = 0;

  /** `bytes` bytes that begin `position` bytes after the start of the input are no message. */
  skipped(position: u64, bytes: usize): void {
    if (this.bytes != 0 && this.begin + this.bytes == position) {
      this.bytes += bytes;
      return;
    }
    this.flush();
    this.begin = position;
    this.bytes = bytes;
  }

  /** Tells of the stretch that was skipped last, once something else follows it. */
  flush(): void {
    if (this.bytes == 0) return;
    const bytes = this.bytes;
    this.bytes = 0;
    if (this.warnings >= MOST_WARNINGS) return;
    this.warnings++;
    const last = this.warnings == MOST_WARNINGS ? '; more of these are skipped without a message' : '';
    log.warn(`skipped ${bytes} bytes that are no DLT message, ${this.begin} bytes after the start of the input${last}`);
  }
}
