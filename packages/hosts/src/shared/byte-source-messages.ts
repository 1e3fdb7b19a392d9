/** What crosses between the main thread and the worker of a byte-source plugin, and how a parser's worker learns of input. */
import type { CompiledComponent, RingMemory, SerializedError, WasiGrants } from '@chipmunk-host/runtime/shared';
import type { ConfigItem, LogLevel } from './config-schema.js';
import type { FileInput } from './file-input.js';
import type { LogLimits } from './log-limits.js';
import type { LogRecord } from './log-record.js';
import type { ByteSourceInfo } from './plugin-info.js';
import type { RecoveryOptions } from './recovery-options.js';
import type { RecordedError } from './stream-record.js';

/** main -> worker, when the instance is started. */
export interface ByteSourcePayload {
  readonly component: CompiledComponent;
  readonly apiVersion: string;
  /** Name of the plugin, for the errors that a parser's worker sees. */
  readonly plugin: string;
  /** Where the instance's temporary directory will be, if it asks for one; undefined: it gets none. The main thread removes it. */
  readonly tempDirectory: string | undefined;
  /** Where the bytes go. */
  readonly ring: RingMemory;
  /** See run-status.ts. */
  readonly status: SharedArrayBuffer;
  /** What was delivered: see createSourceProgress. It goes with the ring. */
  readonly progress: SharedArrayBuffer;
  readonly logLevel: LogLevel;
  readonly logLimits: LogLimits;
  readonly recovery: SourceRecoveryOptions;
  /** Undefined for a source that ends when it has nothing. */
  readonly follow: FollowOptions | undefined;
  readonly options: ByteSourceRoomOptions;
}

/** What is done when a byte-source plugin fails in the middle of its input. */
export interface SourceRecoveryOptions extends RecoveryOptions {
  /**
   * How a fresh instance gets to where the one before it failed. `replay`: it is read from its beginning, and what was delivered
   * before is dropped, if it is the same again byte for byte (by CRC-32); if it is not, the error ends the session. `continue`: what
   * it delivers follows what was delivered before: for live sources, which have no beginning. Default `replay`.
   */
  readonly mode: 'replay' | 'continue';
}

/** A followed source does not end when it has nothing: it is asked again. */
export interface FollowOptions {
  /** How long to wait before it is asked again, in milliseconds. Default 100; 0 asks again at once. */
  readonly intervalMs: number;
  /**
   * So many reads in a row that come back with nothing end the session with `ERR_SOURCE_READ`. Default 20, as in Chipmunk; 0 means
   * that it is followed for ever.
   */
  readonly maxEmptyReads: number;
}

/** A fresh instance of a byte-source took over. */
export interface SourceRestart {
  /** Counts from 1. */
  readonly number: number;
  /** Position in the input from which it delivers. */
  readonly offset: number;
  /** Fresh instances that were needed. */
  readonly restarts: number;
  readonly error: RecordedError;
}

/** Fields of the two records of a source's progress; see worker/source-output.ts. */
export const ProgressField = {
  /** How many pieces the ring has published when the record is valid, modulo 2^32. */
  piece: 0,
  /** Bytes delivered by then. */
  bytes: 1,
  /** CRC-32 of these bytes. */
  checksum: 2,
  fields: 3,
} as const;

export function createSourceProgress(): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * ProgressField.fields * Float64Array.BYTES_PER_ELEMENT);
}

export interface ByteSourceRoomOptions {
  /** Calls `read` through the bindings even where the direct way is open. For tests that hold the two against each other. */
  readonly bindingsOnly?: boolean;
  /** Time limit on one call of the plugin, in milliseconds; 0 means none. */
  readonly deadlineMs: number;
}

/** The worker's control object, called by the main thread in this order. */
export type ByteSourceControl = {
  /** Instantiates the plugin and asks it about itself. */
  open(): Promise<ByteSourceInfo>;
  init(config: readonly ConfigItem[], grants: WasiGrants): Promise<void>;
  /** Reads until the input ends or nobody wants more of it. The ring is closed when it settles. */
  run(request: SourceRunRequest): Promise<ByteSourceOutcome>;
  close(): void;
};

export interface SourceRunRequest {
  /** Failures of instances whose threads were lost since the last bytes came. */
  readonly failures: readonly {
    readonly error: SerializedError /** How long before, in milliseconds. */;
    readonly agoMs: number;
  }[];
  /** Restarts that the ring has told of already. */
  readonly restarts: number;
}

export interface ByteSourceOutcome {
  /** `end`: of the input; `stopped`: the reader wanted no more. */
  readonly reason: 'end' | 'stopped';
  /** Bytes delivered. */
  readonly bytes: number;
}

/** worker -> main, on the event port. */
export type ByteSourceEvent =
  | {
      readonly kind: 'log';
      readonly records: readonly LogRecord[];
      /** Records that came faster than they are taken. */
      readonly dropped: number;
    }
  /** Comes before the ring tells of it. */
  | { readonly kind: 'restarted'; readonly restart: SourceRestart };

/** main -> parser's worker: where its input comes from. */
export type SourceRequest =
  | { readonly file: FileInput }
  /** Bytes that come through a ring, and the memory that keeps them until they are accounted for. */
  | { readonly ring: RingMemory; readonly memory: WebAssembly.Memory };
