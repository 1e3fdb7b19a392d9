/** What crosses between the main thread and the worker of a source. */
import type { RingMemory } from '@chipmunk-host/runtime/internal/shared';
import type { FilePosition, Resumption } from './file-position.js';
import type { Endpoint } from './pcapng-blocks.js';
import type { RecordOptions } from './record-options.js';
import type { SourceKind, SourceKinds } from './source-table.js';

/** main -> worker, when the source is started. */
export type SourcePayload = {
  readonly [Kind in SourceKind]: {
    readonly kind: Kind;
    readonly options: SourceKinds[Kind];
    /** Where the bytes go: one, or as many as there may be clients at once. */
    readonly rings: readonly RingMemory[];
    /** Of a `ReadProgress`. */
    readonly progress: SharedArrayBuffer;
    /** Undefined: it is not recorded. */
    readonly record?: RecordRequest | undefined;
  };
}[SourceKind];

/** How what a source delivers is recorded. */
export interface RecordRequest {
  readonly options: RecordOptions;
  /** Whether it is recorded as packets. */
  readonly isOfPackets: boolean;
  /** Where packets went to, as far as the source says. */
  readonly to: Endpoint;
}

export interface SourceOutcome {
  /** `end`: of the input; `stopped`: nobody wanted more of it. */
  readonly reason: 'end' | 'stopped';
  /** Bytes delivered. */
  readonly bytes: number;
}

/** The worker's control object, called by the main thread in this order. */
export type SourceControl = {
  /** @throws HostError `ERR_SOURCE_OPEN`; `ERR_CHECKPOINT` when it cannot go on there */
  open(resumption: Resumption | undefined): Promise<void>;
  /** The place of a position in the input, also behind its end; undefined when there is none to go back to. */
  placeAt(offset: number): Promise<FilePosition | undefined>;
  /** Delivers until the input ends or nobody wants more of it. The rings are closed when it settles. */
  run(): Promise<SourceOutcome>;
  /** Ends a run that is under way, and frees all. */
  close(): void | Promise<void>;
};
