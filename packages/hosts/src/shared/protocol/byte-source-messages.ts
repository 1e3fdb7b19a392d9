/** What crosses between the main thread and the worker of a byte-source plugin, and how a parser's worker learns of input. */

import type { RecordedError } from '@chipmunk-host/batch';
import {
  type CompiledComponent,
  HostError,
  type RingMemory,
  type SerializedError,
  type WasiGrants,
  type WasmMemory,
} from '@chipmunk-host/runtime/internal/shared';
import type { ConfigItem, LogLevel } from '../config/config-schema.js';
import type { ByteSourceInfo } from '../plugin-info.js';
import type { LogLimits } from './log-limits.js';
import type { LogEvent } from './log-line.js';
import type { OpenedFile } from './opened-file.js';
import type { RecoveryOptions } from './recovery-options.js';

/** main -> runner, when the instance is started. */
export interface ByteSourcePayload {
  readonly component: CompiledComponent;
  readonly apiVersion: string;
  /** Name of the plugin, for the errors that a parser's worker sees. */
  readonly plugin: string;
  /** Where the instance's temporary directory will be, if it asks for one; undefined: it gets none. The main thread removes it. */
  readonly tempDirectory: string | undefined;
  /** Where the bytes go. */
  readonly ring: RingMemory;
  /** What the instance's threads count; see instance-meter.ts. */
  readonly meter: SharedArrayBuffer;
  /** Where profiles of its threads are kept; undefined: they are not made. */
  readonly cpuProfileDirectory: string | undefined;
  /** Names the input that the source delivers: unlike that of any other source of this process. */
  readonly input: string;
  /** What was delivered: see createSourceProgress. It goes with the ring. */
  readonly progress: SharedArrayBuffer;
  readonly logLevel: LogLevel;
  readonly logLimits: LogLimits;
  readonly recovery: SourceRecoveryOptions;
  /** Undefined for a source that ends when it has nothing. */
  readonly follow: FollowOptions | undefined;
  readonly options: ByteSourceAdapterOptions;
}

/** runner -> worker, when a thread of the instance is started. */
export interface ByteSourceThreadPayload extends ByteSourcePayload {
  /** See run-status.ts of the runtime. */
  readonly status: SharedArrayBuffer;
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
  /** How long to wait before it is asked again, in milliseconds. Default 100; 0: it is asked again at once. */
  readonly intervalMs: number;
  /**
   * So many reads in a row that come back with nothing end the session with `ERR_SOURCE_READ`. Default 20, as in Chipmunk;
   * Infinity: it is followed without end; 0 is refused.
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

/** Fields of the two commits of a source's progress; see worker/source-plugin/source-output.ts. */
export const ProgressField = {
  /** How many slots the ring has published when the commit is valid, modulo 2^32. */
  slot: 0,
  /** Bytes delivered by then. */
  bytes: 1,
  /** CRC-32 of these bytes. */
  checksum: 2,
  fields: 3,
} as const;

export function createSourceProgress(): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * ProgressField.fields * Float64Array.BYTES_PER_ELEMENT);
}

/**
 * Bytes that a source has delivered whose thread is gone.
 * @param published how many slots its ring has published, modulo 2^32
 */
export function deliveredBytes(progress: SharedArrayBuffer, published: number): number {
  const records = new Float64Array(progress);
  const at = (published & 1) * ProgressField.fields;
  const bytes = records[at + ProgressField.bytes];
  if (records[at + ProgressField.slot] !== published || bytes === undefined)
    throw new HostError('ERR_INTERNAL', 'The account of what a byte-source has delivered is damaged.');
  return bytes;
}

export interface ByteSourceAdapterOptions {
  /** Calls `read` through the bindings even where the direct way is open. For tests that compare the two. */
  readonly bindingsOnly?: boolean;
  /** Time limit on one call of the plugin, in milliseconds; Infinity: no limit. */
  readonly deadlineMs: number;
}

/** The runner's control object, called by the main thread in this order. */
export type ByteSourceControl = {
  /** Instantiates the plugin and asks it about itself. Left out where the answers are known. */
  open(): Promise<ByteSourceInfo>;
  /** Instantiates the plugin, unless `open` did, and hands over its configuration. */
  init(config: readonly ConfigItem[], grants: WasiGrants): Promise<void>;
  /** Reads until the input ends or nobody wants more of it. The ring is closed when it settles. */
  run(): Promise<ByteSourceOutcome>;
  close(): void | Promise<void>;
};

/** The worker's control object, called by the runner in this order. */
export type ByteSourceThreadControl = Omit<ByteSourceControl, 'run'> & {
  /** The ring is closed when it settles well. */
  run(request: SourceRunRequest): Promise<ByteSourceOutcome>;
};

/** A range of the input on which a read has failed, and how it is read since. */
export interface FailedRange {
  readonly from: number;
  readonly until: number;
  /** Bytes that a read may ask for there. */
  readonly most: number;
  /** In milliseconds since 1970, by a clock that all threads share. */
  readonly since: number;
}

/** A byte-source's instance that was lost with its thread. */
export interface LostSource {
  readonly error: SerializedError;
  /** Position in the input at which it was read. */
  readonly offset: number;
  /** Bytes that the read had asked for; 0 before the first read. */
  readonly asked: number;
}

export interface SourceRunRequest {
  /** Instances whose threads were lost since the last bytes came. */
  readonly failures: readonly LostSource[];
  /** How many of them `failedRanges` knows of. */
  readonly known: number;
  readonly failedRanges: readonly FailedRange[];
  /** Restarts that notes in the ring have reported already. */
  readonly restarts: number;
}

export interface ByteSourceOutcome {
  /** `end`: of the input; `stopped`: the reader wanted no more, or the source was closed. */
  readonly reason: 'end' | 'stopped';
  /** Bytes delivered. */
  readonly bytes: number;
}

/** worker -> runner, on the event port. Log lines go on to the main thread. */
export type ByteSourceThreadEvent =
  | LogEvent
  /** What a thread that takes over has to know, whenever it has changed. */
  | { readonly kind: 'failed-ranges'; readonly ranges: readonly FailedRange[] }
  /** Posted before the note of it is in the ring. */
  | { readonly kind: 'restarted'; readonly restart: SourceRestart };

/** main -> parser's worker: where its input comes from. */
export type SourceRequest =
  | { readonly file: OpenedFile }
  /** Bytes that come through a ring, and the memory that keeps them until they are accounted for. */
  | {
      readonly ring: RingMemory;
      readonly memory: WasmMemory;
      /** See ByteSourcePayload; undefined where no plugin delivers the bytes. */
      readonly input?: string;
      /** Where what a built-in source tells beside its bytes is kept: see worker/input/input-marks.ts. Undefined where none delivers them. */
      readonly marks?: SharedArrayBuffer;
      /** How inputs that come through it one after the other are numbered. Default: from 0, and each one more. */
      readonly numbers?: { readonly first: number; readonly step: number };
    };
