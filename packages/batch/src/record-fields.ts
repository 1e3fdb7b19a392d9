/**
 * What stands between batches in a session's stream: gaps, where input was given up, restarts, where a fresh instance took over, and
 * notices of the source. Their bytes are in docs/batch-format.md, Gaps, restarts and notices.
 */

/** What went wrong, without the host's own stack. */
export interface RecordedError {
  readonly name: string;
  readonly message: string;
  /** The stack of the plugin's code, where the engine gave one. */
  readonly stack?: string | undefined;
  readonly code?: string | undefined;
  /** The plugin's name or path. */
  readonly plugin?: string | undefined;
  /** What the plugin was doing: `parse`, for instance. */
  readonly phase?: 'load' | 'instantiate' | 'info' | 'init' | 'parse' | 'read' | 'close' | undefined;
  readonly details?: FailureDetails | undefined;
}

/** Where and when a call failed: what is needed to look into it. */
export interface FailureDetails {
  /** Position in the input of the first byte of the slice that the plugin was given. */
  readonly offset: number;
  /** Bytes of that slice. */
  readonly sliceBytes: number;
  /** The first bytes of the slice, at most 32, in hexadecimal. Empty where they are not to be told. */
  readonly excerpt: string;
  /** Since the call began, in milliseconds. */
  readonly durationMs: number;
  /** Bytes of the plugin's memory. */
  readonly memoryBytes: number;
  /** The last lines that the plugin wrote to its log and to stderr. */
  readonly lastLines: readonly string[];
}

/** What is stored of a gap: input that was given up because the plugin failed on it. */
export interface GapRecord {
  readonly type: 'gap';
  /** Position in the input of the first byte that was given up. */
  readonly offset: number;
  /** Bytes that were given up. */
  readonly length: number;
  /** Fresh instances that were needed to find out what fails. */
  readonly restarts: number;
  /** Why the plugin could not go on. */
  readonly error: RecordedError;
}

/** What is stored of a restart: a fresh instance of a plugin took over. */
export interface RestartRecord {
  readonly type: 'restart';
  /** Whose instance was replaced: the parser's, or that of the byte-source plugin it reads from. */
  readonly side: 'parser' | 'source';
  /** `failed`: the instance before had failed. `recycled`: its memory had grown beyond the high-water mark. */
  readonly reason: 'failed' | 'recycled';
  /**
   * Position in the input. Of a parser: from which the fresh instance reads on; what the one before knew of earlier input is lost. Of a
   * source: where it stands in the stream, behind the first batch that reaches `sourceOffset`.
   */
  readonly offset: number;
  /** 0: a restart takes up no input. */
  readonly length: 0;
  /** Fresh instances since the last gap or restart that told of this side. */
  readonly restarts: number;
  /** Of a source only: position in the input of the first byte that the fresh instance delivered. */
  readonly sourceOffset?: number | undefined;
  /** What the instance before did; undefined when it was recycled. */
  readonly error?: RecordedError | undefined;
}

/** What is stored of a notice: what a built-in source tells of itself, such as a connection that was lost or how a process ended. */
export interface SourceNoticeRecord {
  readonly type: 'source';
  /** What happened, in one word: `reconnected`, `dropped`, `rotated`, `exited` and the like. There may be words that a reader does not know. */
  readonly event: string;
  /** The same as a sentence in plain English. */
  readonly message: string;
  /** Position in the input where it stands in the stream: behind the first batch that reaches `sourceOffset`. */
  readonly offset: number;
  /** 0: a notice takes up no input. */
  readonly length: 0;
  /** Position in the input at which it happened: how many bytes the source had delivered. */
  readonly sourceOffset: number;
  /** Of how many it tells: datagrams that were dropped, for instance. */
  readonly count?: number | undefined;
  /** Of how many bytes it tells that are not part of the input. */
  readonly byteCount?: number | undefined;
  /** Who was at the other end. */
  readonly peer?: string | undefined;
  /** What else is known. */
  readonly details?: Readonly<Record<string, string | number | boolean | null>> | undefined;
  /** A notice tells of no error of a plugin. */
  readonly error?: undefined;
}

/** What stands between batches in a stored stream. */
export type StreamRecord = GapRecord | RestartRecord | SourceNoticeRecord;
