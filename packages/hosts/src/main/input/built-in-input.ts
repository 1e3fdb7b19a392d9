/** A built-in source as the input of a session. */
import { HostError } from '@chipmunk-host/runtime';
import type { InstanceStarter } from '@chipmunk-host/runtime/internal';
import { type FoundKind, type SourceEnd, SourceHost } from '@chipmunk-host/sources/internal';
import type { SourceRequest } from '../../shared/protocol/byte-source-messages.js';
import { createInputMemory, MARKS_BYTES } from '../../shared/protocol/input-memory.js';
import { DEFAULT_BYTE_RING } from '../../shared/protocol/session-defaults.js';
import type { OpenedInput } from './opened-input.js';

export interface BuiltInParts {
  readonly pool: InstanceStarter;
  /** How many bytes of input may be wanted at once. */
  readonly hardMaxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

export class BuiltInInput implements OpenedInput {
  readonly request: SourceRequest;
  readonly #host: SourceHost;
  #running: Promise<SourceEnd> | undefined;

  private constructor(host: SourceHost, hardMaxBytes: number) {
    this.#host = host;
    this.request = {
      ring: host.rings[0],
      memory: createInputMemory(hardMaxBytes),
      marks: new SharedArrayBuffer(MARKS_BYTES),
    };
  }

  /** @throws HostError `ERR_SOURCE_OPEN`; the signal's reason */
  static async open(source: FoundKind, { pool, hardMaxBytes, signal }: BuiltInParts): Promise<BuiltInInput> {
    const host = await SourceHost.open({ pool, source, shape: DEFAULT_BYTE_RING, signal });
    try {
      return new BuiltInInput(host, hardMaxBytes);
    } catch (error) {
      await host.close();
      throw error;
    }
  }

  start(): void {
    this.#running ??= this.#host.run();
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
