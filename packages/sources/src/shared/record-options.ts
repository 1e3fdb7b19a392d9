/** How what a source delivers is recorded. */
import { type OptionTable, option } from '@chipmunk-host/runtime/internal/options';

/** Where what a source delivers is kept while it is parsed, so that it can be read again: streams as their bytes, datagrams as pcapng. */
export interface RecordOptions {
  /** The first file. Others are numbered: behind each end of an input (another connection), and behind each `maxBytes`. */
  readonly file: string;
  /** Another file is begun before one becomes larger, in bytes. A datagram is not cut. Default Infinity. */
  readonly maxBytes?: number | undefined;
  /** So many files are kept: the oldest ones are removed. Default Infinity. */
  readonly maxFiles?: number | undefined;
}

/** The least that a file may be limited to, in bytes. */
const LEAST_BYTES = 4096;

export const RECORD: OptionTable<RecordOptions> = {
  file: option.required(option.path),
  maxBytes: option.limit(LEAST_BYTES, Number.MAX_SAFE_INTEGER),
  maxFiles: option.limit(1),
};
