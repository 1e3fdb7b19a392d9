/** The two ways of calling `read`, as one shape: directly on the core export (direct-read.ts), and through the bindings. */
import { HostError, type LiftBounds, PluginContractError } from '@chipmunk-host/runtime/internal/worker';
import { isText, readLimits } from '../common/bindings-bounds.js';
import { cutMessage } from '../common/error-message.js';
import type { BindingsSourceError, ByteSourceBindings } from './byte-source-bindings.js';

export interface ReadPath {
  /** Bytes of the plugin's memory, as far as it can be seen; 0 where not. */
  readonly memoryBytes: number;
  /** Puts at most so many bytes as `into` has to its start; returns how many: 0 at the end. */
  read(into: Uint8Array): number;
}

/** The cases of `source-error`, in the order of the WIT. */
export const SOURCE_ERRORS = ['io', 'unsupported', 'other'] as const;

export class BindingsRead implements ReadPath {
  readonly memoryBytes = 0;
  readonly #bindings: ByteSourceBindings;
  readonly #bounds: LiftBounds;

  constructor(bindings: ByteSourceBindings, bounds: LiftBounds) {
    this.#bindings = bindings;
    this.#bounds = bounds;
  }

  read(into: Uint8Array): number {
    let bytes: Uint8Array;
    try {
      bytes = this.#bounds.within(readLimits(into.length), () => this.#bindings.read(BigInt(into.length)));
    } catch (error) {
      throw isSourceError(error) ? sourceError(error.tag, cutMessage(error.val)) : error;
    }
    if (bytes.length > into.length) throw tooManyBytes(bytes.length, into.length);
    into.set(bytes);
    return bytes.length;
  }
}

/** The plugin's own error: its source cannot be read. The plugin itself is well. */
export function sourceError(kind: (typeof SOURCE_ERRORS)[number], message: string): HostError {
  return new HostError('ERR_SOURCE_READ', `${message} (${kind})`);
}

export function tooManyBytes(count: number, asked: number): PluginContractError {
  return new PluginContractError(`read was asked for at most ${asked} bytes and returned ${count}.`);
}

function isSourceError(error: unknown): error is BindingsSourceError {
  const { tag, val } = (error ?? {}) as Partial<BindingsSourceError>;
  return tag !== undefined && SOURCE_ERRORS.includes(tag) && isText(val);
}
