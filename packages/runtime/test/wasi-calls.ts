/** Calls WASI functions as a core module does: with numbers, over a memory of its own. For what no compiler would produce. */
import type { CoreCaller, WasiGrants, WasiLimits } from '@chipmunk-host/runtime/internal/worker';
import { WasiHost } from '@chipmunk-host/runtime/internal/worker/wasi';

type CoreArguments = (number | bigint)[];

export const STREAMS = 'wasi:io/streams@0.2.0';
export const FILES = 'wasi:filesystem/types@0.2.3';
export const PREOPENS = 'wasi:filesystem/preopens@0.2.12';

/** Where results go; strings and lists are put behind it. */
export const RESULT = 1024;
const FIRST_FREE = 4096;
/** Where allocation begins again: no call needs what an earlier one was given. */
const WRAP = 1024 * 1024;

export class WasiCalls {
  readonly host: WasiHost;
  readonly output: string[] = [];
  readonly memory = new WebAssembly.Memory({ initial: 2 });
  readonly #caller: CoreCaller;
  #next = FIRST_FREE;

  constructor(grants: WasiGrants = {}, limits: Partial<WasiLimits> = {}, realloc?: (bytes: number) => number) {
    this.host = new WasiHost(grants, limits, {
      onOutput: (stream, line) => this.output.push(`${stream}: ${line}`),
      onOutputDropped: (stream, bytes) => this.output.push(`${stream} dropped ${bytes}`),
    });
    this.#caller = {
      memory: () => this.memory,
      realloc: () => (_old, _oldBytes, alignment, bytes) => realloc?.(bytes) ?? this.#allocate(bytes, alignment),
    };
  }

  call(module: string, name: string, ...args: CoreArguments): unknown {
    const found = this.host.replaceCoreImport(module, name, this.#caller);
    if (found === undefined) throw new Error(`${module} ${name} is not replaced.`);
    return (found as (...args: CoreArguments) => unknown)(...args);
  }

  get view(): DataView {
    return new DataView(this.memory.buffer);
  }

  /** Pointer and length of a string in the memory. */
  text(text: string): [number, number] {
    const bytes = Buffer.from(text);
    const pointer = this.#allocate(bytes.length, 1);
    new Uint8Array(this.memory.buffer).set(bytes, pointer);
    return [pointer, bytes.length];
  }

  /** The string or list whose pointer and length are at an address. */
  bytesAt(address: number): Buffer {
    const { view } = this;
    return Buffer.from(this.memory.buffer.slice(view.getUint32(address, true)), 0, view.getUint32(address + 4, true));
  }

  /** The handles of the granted directories. */
  preopens(): number[] {
    this.call(PREOPENS, 'get-directories', RESULT);
    const [list, count] = [this.view.getUint32(RESULT, true), this.view.getUint32(RESULT + 4, true)];
    return Array.from({ length: count }, (_, i) => this.view.getUint32(list + i * 12, true));
  }

  /** A method of a descriptor. @returns the number of the error code, or undefined when it worked. */
  file(payload: number, method: string, ...args: CoreArguments): number | undefined {
    this.call(FILES, `[method]descriptor.${method}`, ...args, RESULT);
    return this.view.getUint8(RESULT) === 0 ? undefined : this.view.getUint8(RESULT + payload);
  }

  /** @returns a handle, or the error code as a negative number. */
  open(directory: number, path: string, openFlags = 0, flags = 1): number {
    this.#next = FIRST_FREE;
    const code = this.file(4, 'open-at', directory, 1, ...this.text(path), openFlags, flags);
    return code === undefined ? this.view.getUint32(RESULT + 4, true) : -code;
  }

  #allocate(bytes: number, alignment: number): number {
    if (this.#next > WRAP) this.#next = FIRST_FREE;
    const pointer = Math.ceil(this.#next / alignment) * alignment;
    this.#next = pointer + bytes;
    const missing = this.#next - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / 65_536));
    return pointer;
  }
}
