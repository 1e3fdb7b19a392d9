/** What crosses between a session on the main thread and its parser's worker. */

import type { SourceInfo } from '@chipmunk-host/batch';
import type {
  CompiledComponent,
  RingMemory,
  SerializedError,
  WasiGrants,
} from '@chipmunk-host/runtime/internal/shared';
import type { SourceEvent } from '@chipmunk-host/sources/internal/shared';
import type { ConfigItem, LogLevel } from '../config/config-schema.js';
import type { EncodingPlan } from '../encode/encoding-plan.js';
import type { ParserInfo, RenderOptions } from '../plugin-info.js';
import type { SelectionPlan } from '../select/selection-plan.js';
import type { SourceRequest, SourceRestart } from './byte-source-messages.js';
import type { LogLimits } from './log-limits.js';
import type { QuarantineRequest } from './quarantine-account.js';
import type { RecoveryOptions } from './recovery-options.js';
import type { SplitPlan } from './split-plan.js';

/** main -> runner, when the instance is started. */
export interface ParserPayload {
  readonly component: CompiledComponent;
  readonly apiVersion: string;
  /** Where the instance's temporary directory will be, if it asks for one; undefined: it gets none. The main thread removes it. */
  readonly tempDirectory: string | undefined;
  readonly ring: RingMemory;
  /** What the instance's threads count; see instance-meter.ts. */
  readonly meter: SharedArrayBuffer;
  /** Where profiles of its threads are kept; undefined: they are not made. */
  readonly cpuProfileDirectory: string | undefined;
  readonly logLevel: LogLevel;
  readonly logLimits: LogLimits;
  readonly options: ParserAdapterOptions;
  /** Bytes of memory beyond which an instance is replaced between two windows; Infinity: never. */
  readonly recycleBytes: number;
  /** Whether errors carry the first bytes of the input on which the plugin failed. */
  readonly excerpts: boolean;
  /** Name or path of the plugin, for what is kept of input on which it fails. */
  readonly plugin: string;
  /** Where that is kept; undefined when it is not. */
  readonly quarantine: QuarantineRequest | undefined;
}

/** runner -> worker, when a thread of the instance is started. */
export interface ParserThreadPayload extends ParserPayload {
  /** See run-status.ts of the runtime. */
  readonly status: SharedArrayBuffer;
}

export interface ParserAdapterOptions {
  /** Bytes that one `parse` call may turn into items; Infinity: no limit. */
  readonly outputBytes: number;
  /** Whether lines that hold U+0004 become columns, as many as the render options name at most. */
  readonly splitColumns: boolean;
  /** How many columns the render options name, where that is known; undefined: as many as the plugin says when it is asked. */
  readonly columns?: number | undefined;
  /** Calls `parse` through the bindings even where the direct way is open. For tests that compare the two. */
  readonly bindingsOnly?: boolean;
  /** Time limit on one call of the plugin, in milliseconds; Infinity: no limit. */
  readonly deadlineMs: number;
}

/** The control object of a runner and of its workers, called in this order. */
export type ParserControl = {
  /** Instantiates the plugin and asks it about itself. Left out where the answers are known. */
  open(): Promise<ParserInfo>;
  /** Instantiates the plugin, unless `open` did, and hands over its configuration. */
  init(config: readonly ConfigItem[], grants: WasiGrants): Promise<void>;
  /** Asks the plugin for its columns once more: they may follow from the configuration. Left out where that has the defaults. */
  renderOptions(): Promise<RenderOptions>;
  /** Runs the producer loop until the input, the plugin or the consumer ends it. The ring is closed when it settles. */
  run(request: RunRequest): Promise<RunOutcome>;
  close(): void | Promise<void>;
};

export interface RunRequest {
  readonly source: SourceRequest;
  /** What batches say of the input that they are from. */
  readonly origin: SourceInfo;
  readonly window: WindowOptions;
  readonly recovery: RecoveryOptions;
  /** Position in the input to begin at: 0, or where an instance whose thread was lost left off. */
  readonly offset: number;
  /** What the stream says where the run begins. */
  readonly notice?: SourceEvent | undefined;
  /** The failures since the input last moved on, of instances whose threads were lost. */
  readonly failures: readonly LostInstance[];
  /** How many of them no record reports. */
  readonly unreported: number;
  /** Restarts of the source that no record reports yet, as far as the runner knows. The ring may hold the notes of them, too. */
  readonly sourceRestarts: readonly SourceRestart[];
  /** The splits of the file to work on, where other instances work on the others; undefined for all of the input. */
  readonly splits: SplitPlan | undefined;
  /** How the worker encodes its batches; undefined: it does not. */
  readonly encoding: EncodingPlan | undefined;
  /** Which items are delivered; undefined: all are. */
  readonly selection: SelectionPlan | undefined;
  /** How long an item may wait for others that are published with it, in milliseconds. */
  readonly maxLatencyMs: number;
}

/** A parser's instance that was lost with its thread. */
export interface LostInstance {
  readonly offset: number;
  /** Bytes of the slice that it had been given; 0 when the loss says nothing of the input. */
  readonly sliceBytes: number;
  /** Whether that was its first slice. */
  readonly sliceIsFirst: boolean;
  /** How long ago it was lost, in milliseconds. */
  readonly ageMs: number;
  readonly error: SerializedError;
}

/** How much input a parser gets at once. */
export interface WindowOptions {
  /** Bytes of input that one `parse` call gets. Default 10 MiB, as in Chipmunk. */
  readonly bytes: number;
  /** How far a window may grow for one item, in bytes. Default 256 MiB; Infinity: as far as memory goes. */
  readonly hardMaxBytes: number;
}

export interface RunOutcome {
  /** `end`: of the input; `ended`: at once, as the consumer asked for; `eof`: the plugin said that nothing follows; `limit`: so many items as were wanted are published; `stopped`: the consumer wanted no more, or the parser was closed. */
  readonly reason: 'end' | 'ended' | 'eof' | 'limit' | 'stopped';
}
