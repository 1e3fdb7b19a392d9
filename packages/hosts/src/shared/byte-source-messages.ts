/** What crosses between the main thread and the worker of a byte-source plugin, and how a parser's worker learns of input. */
import type { CompiledComponent, RingMemory, WasiGrants } from '@chipmunk-host/runtime/shared';
import type { ConfigItem, LogLevel } from './config-schema.js';
import type { LogRecord } from './messages.js';
import type { ByteSourceInfo } from './plugin-info.js';

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
  readonly logLevel: LogLevel;
  readonly options: ByteSourceRoomOptions;
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
  init(config: readonly ConfigItem[], grants: WasiGrants): void;
  /** Reads until the input ends or nobody wants more of it. The ring is closed when it settles. */
  run(): Promise<ByteSourceOutcome>;
  close(): void;
};

export interface ByteSourceOutcome {
  /** `end`: of the input; `stopped`: the reader wanted no more. */
  readonly reason: 'end' | 'stopped';
  /** Bytes delivered. */
  readonly bytes: number;
}

/** worker -> main, on the event port. */
export type ByteSourceEvent = {
  readonly kind: 'log';
  readonly records: readonly LogRecord[];
  /** Records that came faster than they are taken. */
  readonly dropped: number;
};

/** main -> parser's worker: where its input comes from. */
export type SourceRequest =
  | { readonly file: string }
  /** Bytes that come through a ring, and the memory that keeps them until they are accounted for. */
  | { readonly ring: RingMemory; readonly memory: WebAssembly.Memory };
