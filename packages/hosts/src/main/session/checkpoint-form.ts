/** What is kept of a session to go on where it was. */
import type { FilePosition } from '@chipmunk-host/sources';

/** Where a session is in its input. Plain JSON: keep it as it is, and give it back as the option `from`. */
export interface Checkpoint {
  readonly version: 1;
  /** Of which type the source is, as batches say it: `file`, `follow`. */
  readonly type: string;
  /** What batches call the source. */
  readonly name: string;
  /** The first byte that was not delivered. */
  readonly place: FilePosition;
}
