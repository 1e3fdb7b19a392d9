/** What a session can be told, with the defaults, and the checks of it. */
import type { WorkerPool } from '@chipmunk-host/runtime/internal';
import type { RecordOptions } from '@chipmunk-host/sources';
import type { Given } from '../../shared/given.js';
import type { WindowOptions } from '../../shared/protocol/parser-messages.js';
import type { RecoveryOptions } from '../../shared/protocol/recovery-options.js';
import { DEFAULT_MAX_LATENCY_MS, DEFAULT_RECOVERY, DEFAULT_WINDOW } from '../../shared/protocol/session-defaults.js';
import type { SelectOptions } from '../../shared/select/select-options.js';
import type { ConfigSource } from '../grants/plugin-config.js';
import type { ParserHostOptions } from '../host/parser-host.js';
import type { ParallelOptions } from '../input/file-split.js';
import type { SourceOptions } from '../input/session-input.js';
import { defined } from '../options/defined.js';
import type { Checkpoint } from './checkpoint-form.js';
import type { Progress } from './ingest-progress.js';

/** What a session reads, with which parser, and within what limits. */
export interface IngestOptions extends Omit<ParserHostOptions, 'quarantine' | 'onParseErrors'> {
  /** A session takes all the workers that it needs at once, or waits for them. */
  readonly pool: WorkerPool;
  readonly source: SourceOptions;
  /** The plugin's configuration. Default: the defaults of its schemas. */
  readonly config?: ConfigSource | undefined;
  readonly window?: Given<WindowOptions> | undefined;
  /** What is done when the plugin fails in the middle of the input; also for a byte-source plugin, where its own `recovery` says nothing. */
  readonly recovery?: Given<RecoveryOptions> | undefined;
  /** Has several instances work on one file at once. Default: one. The items and their order are the same. */
  readonly parallel?: ParallelOptions | undefined;
  /**
   * Directory in which input is kept on which the plugin fails, a file for each gap, with all that is needed to try it again
   * (`replay`). It is made, if it is not there, and has to be writable when the session starts. Default: none, nothing is kept. At most
   * 100 files a session, of at most 64 MiB of input. What became of the input is in the summary (`quarantine`).
   */
  readonly quarantineDirectory?: string | undefined;
  /** Which items are delivered. It is decided in the parser's workers: what is left out costs little. Default: all. */
  readonly select?: SelectOptions | undefined;
  /**
   * Where what the source delivers is kept while it is parsed, so that it can be read again: a stream as its bytes, datagrams as pcapng. For
   * streams and built-in sources. When it cannot be written any more, the session ends with `ERR_RECORD`.
   */
  readonly record?: RecordOptions | undefined;
  /**
   * How long an item may wait for others that are published with it, in milliseconds, where the input comes slowly. Default 50; 0: not at
   * all. Less costs more, since more batches are made.
   */
  readonly maxLatencyMs?: number | undefined;
  /**
   * Where to go on: what `checkpoint` of an earlier session gave. The parser starts afresh there, and a notice `fresh` in the stream says so. For
   * files and files that are followed; a file that is another one by now is refused with `ERR_CHECKPOINT`. Default: at the beginning.
   */
  readonly from?: Checkpoint | undefined;
  /** Whether to begin at the start of the file that is there when the one of `from` is not there any more. Default: false, it is an error. */
  readonly startOver?: boolean | undefined;
  /** Told how far the session is: at most every 100 ms while batches are taken, and once when it is closed. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export function withDefaults(options: IngestOptions): {
  window: WindowOptions;
  recovery: RecoveryOptions;
  maxLatencyMs: number;
} {
  const window = { ...DEFAULT_WINDOW, ...defined(options.window) };
  const recovery = { ...DEFAULT_RECOVERY, ...defined(options.recovery) };
  return { window, recovery, maxLatencyMs: options.maxLatencyMs ?? DEFAULT_MAX_LATENCY_MS };
}
