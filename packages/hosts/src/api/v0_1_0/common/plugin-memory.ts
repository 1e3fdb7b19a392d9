/** A plugin's memory as this call left it: reads that are checked as the canonical ABI checks them. */
import { PluginContractError } from '@chipmunk-host/runtime/internal/shared';

export interface Stretch {
  readonly start: number;
  readonly end: number;
}

export class PluginMemory {
  readonly #memory: WebAssembly.Memory;
  #buffer: ArrayBufferLike;
  bytes: Uint8Array;
  view: DataView;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#buffer = memory.buffer;
    this.bytes = new Uint8Array(this.#buffer);
    this.view = new DataView(this.#buffer);
  }

  /** To be called after each call of the plugin: growing the memory detaches every view of it. */
  refresh(): void {
    if (this.#memory.buffer === this.#buffer) return;
    this.#buffer = this.#memory.buffer;
    this.bytes = new Uint8Array(this.#buffer);
    this.view = new DataView(this.#buffer);
  }

  /** Where `count` elements at `pointer` end. `what` and `call` name them in the error, when it is made. */
  checked(
    pointer: number,
    count: number,
    elementBytes: number,
    alignment: number,
    what: () => string,
    call?: string,
  ): number {
    if (pointer % alignment !== 0) {
      throw contractBreach(`${what()}: pointer ${pointer} is not aligned to ${alignment} bytes`, call);
    }
    const end = pointer + count * elementBytes;
    if (end > this.bytes.length) {
      throw contractBreach(
        `${what()}: ${count} × ${elementBytes} bytes at ${pointer} are beyond the memory's ${this.bytes.length}`,
        call,
      );
    }
    return end;
  }

  /** An option's byte: whether there is a value. `what` names it in the error. */
  option(at: number, what: () => string): boolean {
    const option = this.view.getUint8(at);
    if (option > 1) throw contractBreach(`${what()} is neither none nor some, but ${option}`);
    return option === 1;
  }

  /** A string or a list whose pointer and length stand at `at`. */
  list(at: number, elementBytes: number, alignment: number, what: () => string): Stretch {
    const start = this.view.getUint32(at, true);
    return { start, end: this.checked(start, this.view.getUint32(at + 4, true), elementBytes, alignment, what) };
  }
}

export function notUtf8(what: string): Error {
  return contractBreach(`${what}: the text is not UTF-8`);
}

export function contractBreach(message: string, call = 'parse'): PluginContractError {
  return new PluginContractError(`${call} returned a result that its interface does not allow: ${message}`);
}
