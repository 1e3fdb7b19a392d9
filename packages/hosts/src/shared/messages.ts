/** What crosses between a session on the main thread and its parser's worker. */
import type { MessagePort } from 'node:worker_threads';
import type { CompiledComponent, RingMemory, SerializedError, WasiGrants } from '@chipmunk-host/runtime/shared';
import type { SourceRequest, SourceRestart } from './byte-source-messages.js';
import type { ConfigItem, LogLevel } from './config-schema.js';
import type { LogLimits } from './log-limits.js';
import type { LogRecord } from './log-record.js';
import type { PiecePlan } from './piece-plan.js';
import type { ParserInfo } from './plugin-info.js';
import type { QuarantineRequest } from './quarantine-account.js';
import type { RecoveryOptions } from './recovery-options.js';

/** main -> worker, when the instance is started. */
export interface ParserPayload {
  readonly component: CompiledComponent;
  readonly apiVersion: string;
  /** Where the instance's temporary directory will be, if it asks for one; undefined: it gets none. The main thread removes it. */
  readonly tempDirectory: string | undefined;
  readonly ring: RingMemory;
  /** See run-status.ts. */
  readonly status: SharedArrayBuffer;
  readonly logLevel: LogLevel;
  readonly logLimits: LogLimits;
  readonly options: ParserRoomOptions;
  /** Bytes of memory beyond which an instance is replaced between two windows; 0 means never. */
  readonly recycleBytes: number;
  /** Whether errors carry the first bytes of the input on which the plugin failed. */
  readonly excerpts: boolean;
  /** Name or path of the plugin, for what is kept of input on which it fails. */
  readonly plugin: string;
  /** Closed when the instance has ended, and by the system when its thread has: until then it may read what it was lent. */
  readonly lifeline: MessagePort;
  /** Where that is kept; undefined when it is not. */
  readonly quarantine: QuarantineRequest | undefined;
}

export interface ParserRoomOptions {
  /** Bytes that one `parse` call may turn into items; 0 means no limit. */
  readonly outputBytes: number;
  /** Whether lines that hold U+0004 become columns, as many as the render options name at most. */
  readonly splitColumns: boolean;
  /** Calls `parse` through the bindings even where the direct way is open. For tests that hold the two against each other. */
  readonly bindingsOnly?: boolean;
  /** Time limit on one call of the plugin, in milliseconds; 0 means none. */
  readonly deadlineMs: number;
}

/** The worker's control object, called by the main thread in this order. */
export type ParserControl = {
  /** Instantiates the plugin and asks it about itself. */
  open(): Promise<ParserInfo>;
  init(config: readonly ConfigItem[], grants: WasiGrants): Promise<void>;
  /** Runs the producer loop until the input, the plugin or the consumer ends it. The ring is closed when it settles. */
  run(request: RunRequest): Promise<RunOutcome>;
  close(): void;
};

export interface RunRequest {
  readonly source: SourceRequest;
  readonly window: WindowOptions;
  readonly recovery: RecoveryOptions;
  /** Position in the input to begin at: 0, or where an instance whose thread was lost left off. */
  readonly offset: number;
  /** The failures since the input last moved on, of instances whose threads were lost. */
  readonly failures: readonly {
    readonly offset: number;
    readonly sliceBytes: number;
    /** How long before the request, in milliseconds. */
    readonly agoMs: number;
    readonly error: SerializedError;
  }[];
  /** Restarts of the source that no record tells of yet, as far as the main thread knows. The ring may tell of them again. */
  readonly sourceRestarts: readonly SourceRestart[];
  /** The parts of the file to work on, where other instances work on the others; undefined for all of the input. */
  readonly pieces: PiecePlan | undefined;
}

export interface WindowOptions {
  /** Bytes of input that one `parse` call gets. Default 10 MiB, as in Chipmunk. */
  readonly bytes: number;
  /** How far a window may grow for one item, in bytes. Default 256 MiB. */
  readonly hardMaxBytes: number;
}

export interface RunOutcome {
  /** `end`: of the input; `eof`: the plugin said that nothing follows; `stopped`: the consumer wanted no more. */
  readonly reason: 'end' | 'eof' | 'stopped';
}

/** worker -> main, on the event port. */
export interface ParserEvent {
  readonly kind: 'log';
  readonly records: readonly LogRecord[];
  /** Records that came faster than they are taken. */
  readonly dropped: number;
}
