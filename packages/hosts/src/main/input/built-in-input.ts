/** A built-in source as the input of a session. */
import { HostError } from '@chipmunk-host/runtime';
import type { InstanceStarter } from '@chipmunk-host/runtime/internal';
import type { RecordOptions } from '@chipmunk-host/sources';
import {
  type FilePosition,
  type FoundKind,
  type Resumption,
  type SourceEnd,
  SourceHost,
} from '@chipmunk-host/sources/internal';
import type { SourceRequest } from '../../shared/protocol/byte-source-messages.js';
import { createInputMemory, MARKS_BYTES } from '../../shared/protocol/input-memory.js';
import { DEFAULT_BYTE_RING } from '../../shared/protocol/session-defaults.js';
import { type InputHold, sourceHold } from './input-hold.js';
import type { OpenedInput } from './opened-input.js';

export interface BuiltInParts {
  readonly pool: InstanceStarter;
  /** How many bytes of input may be wanted at once. */
  readonly hardMaxBytes: number;
  readonly signal?: AbortSignal | undefined;
  /** Where to go on. */
  readonly resumption?: Resumption | undefined;
  readonly record?: RecordOptions | undefined;
}

export class BuiltInInput implements OpenedInput {
  readonly request: SourceRequest;
  readonly lanes: readonly SourceRequest[];
  readonly hold: InputHold;
  readonly #host: SourceHost;
  #running: Promise<SourceEnd> | undefined;

  private constructor(host: SourceHost, hardMaxBytes: number) {
    this.#host = host;
    const [first, ...others] = host.rings.map((ring, lane) => ({
      ring,
      memory: createInputMemory(hardMaxBytes),
      marks: new SharedArrayBuffer(MARKS_BYTES),
      numbers: { first: lane, step: host.rings.length },
    })) as [SourceRequest, ...SourceRequest[]];
    this.request = first;
    this.lanes = [first, ...others];
    const holds = host.rings.map((ring) => sourceHold(ring));
    const each = (act: (hold: InputHold) => void) => () => {
      for (const hold of holds) act(hold);
    };
    this.hold = {
      pause: each((hold) => hold.pause()),
      resume: each((hold) => hold.resume()),
      end: each((hold) => hold.end()),
    };
  }

  /** @throws HostError `ERR_SOURCE_OPEN`, `ERR_CHECKPOINT`; the signal's reason */
  static async open(
    source: FoundKind,
    { pool, hardMaxBytes, signal, resumption, record }: BuiltInParts,
  ): Promise<BuiltInInput> {
    const host = await SourceHost.open({ pool, source, shape: DEFAULT_BYTE_RING, signal, resumption, record });
    try {
      return new BuiltInInput(host, hardMaxBytes);
    } catch (error) {
      await host.close();
      throw error;
    }
  }

  share(): number | undefined {
    return this.#host.progress.share;
  }

  start(): void {
    this.#running ??= this.#host.run();
  }

  placeAt(offset: number): Promise<FilePosition | undefined> {
    return this.#host.placeAt(offset);
  }

  /** Of a source whose thread is gone, the ring can say no more than that. */
  async explain(error: unknown): Promise<unknown> {
    if (!(error instanceof HostError && error.code === 'ERR_SOURCE_READ')) return error;
    const end = await this.#running;
    return end === undefined || end.kind === 'ended' ? error : end.error;
  }

  close(): Promise<void> {
    return this.#host.close();
  }
}
