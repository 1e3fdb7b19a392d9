/**
 * The time of a storage header of version 2. Three layouts of its nine bytes are in use: seconds, big-endian, and nanoseconds in the order
 * of the writer's processor (dlt-daemon) or big-endian; or nanoseconds and seconds, both little-endian (dlt-viewer). The one that gives a
 * plausible time is taken, or that of the header before.
 */
import { u32At } from '@chipmunk-host/sdk/assembly';
import { seconds40 } from './message-2';

/** The years 2000 to 2100. */
const FIRST_SECOND: u64 = 946684800;
const LAST_SECOND: u64 = 4102444800;
const NANOS_A_SECOND: u32 = 1000000000;
const LAYOUTS: i32 = 3;

export class Storage2Time {
  seconds: u64 = 0;
  nanoseconds: u32 = 0;
  private layout: i32 = 0;

  /** Whether another layout than the first one was found, which later headers are then read by. */
  get decides(): bool {
    return this.layout != 0;
  }

  /** Reads the nine bytes at `at`; false when no layout gives a time. */
  read(at: usize): bool {
    if (this.take(at, this.layout)) return true;
    for (let layout = 0; layout < LAYOUTS; layout++) {
      if (!this.take(at, layout)) continue;
      this.layout = layout;
      return true;
    }
    return false;
  }

  private take(at: usize, layout: i32): bool {
    const isLast = layout == 2;
    this.seconds = isLast ? <u64>load<u32>(at + 4) | ((<u64>load<u8>(at + 8)) << 32) : seconds40(at);
    this.nanoseconds = isLast ? load<u32>(at) : u32At(at + 5, layout == 1);
    return this.nanoseconds < NANOS_A_SECOND && this.seconds >= FIRST_SECOND && this.seconds < LAST_SECOND;
  }
}
