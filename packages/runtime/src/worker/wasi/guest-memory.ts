/**
 * Reads and writes the memory that a function of WASI was lowered with, as the canonical ABI lays values out. Every address comes
 * from the plugin: each is checked, and no view is kept over a call of its allocator, which may grow the memory.
 * https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md
 */
import { describe, PluginContractError } from '../../shared/errors.js';
import type { CoreCaller, Realloc } from '../component/core-calls.js';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class GuestMemory {
  readonly #caller: CoreCaller;
  #memory: WebAssembly.Memory | undefined;
  #realloc: Realloc | undefined;
  #buffer: ArrayBuffer | undefined;
  #view = new DataView(new ArrayBuffer(0));

  constructor(caller: CoreCaller) {
    this.#caller = caller;
  }

  /** A view that is good until the plugin runs again. */
  bytes(pointer: number, byteLength: number): Uint8Array {
    const start = this.range(pointer, byteLength, 1);
    return new Uint8Array(this.#current().buffer, start, byteLength >>> 0);
  }

  /** A string of the plugin, or undefined when it is not UTF-8. */
  text(pointer: number, byteLength: number): string | undefined {
    const bytes = this.bytes(pointer, byteLength);
    try {
      return utf8.decode(bytes);
    } catch {
      return undefined;
    }
  }

  u32(address: number): number {
    return this.#current().getUint32(address, true);
  }

  setU8(address: number, value: number): void {
    this.#current().setUint8(address, value);
  }

  setU32(address: number, value: number): void {
    this.#current().setUint32(address, value, true);
  }

  setU64(address: number, value: bigint): void {
    this.#current().setBigUint64(address, value, true);
  }

  /** @returns the address of a range, checked, without its sign. */
  range(pointer: number, byteLength: number, alignment: number): number {
    const start = pointer >>> 0;
    const length = byteLength >>> 0;
    const { byteLength: size } = this.#current();
    if (start + length > size)
      throw new PluginContractError(
        `The plugin gave WASI ${length} bytes at ${start}, outside of its memory of ${size} bytes.`,
      );
    if (start % alignment !== 0)
      throw new PluginContractError(`The plugin gave WASI the address ${start}, which is not aligned to ${alignment}.`);
    return start;
  }

  /** Memory that the plugin's own allocator hands out; the plugin runs meanwhile. */
  allocate(byteLength: number, alignment: number): number {
    this.#realloc ??= this.#findRealloc();
    return this.range(this.#realloc(0, 0, alignment, byteLength), byteLength, alignment);
  }

  /** Copies bytes to new memory and writes pointer and length at `address`. */
  setList(address: number, bytes: Uint8Array): void {
    const pointer = this.allocate(bytes.length, 1);
    this.bytes(pointer, bytes.length).set(bytes);
    this.setU32(address, pointer);
    this.setU32(address + 4, bytes.length);
  }

  setText(address: number, text: string): void {
    this.setList(address, Buffer.from(text, 'utf8'));
  }

  #current(): DataView {
    this.#memory ??= this.#findMemory();
    const { buffer } = this.#memory;
    // Growing replaces the buffer, also growing by nothing.
    if (buffer !== this.#buffer) {
      this.#buffer = buffer;
      this.#view = new DataView(buffer);
    }
    return this.#view;
  }

  #findMemory(): WebAssembly.Memory {
    const memory = this.#caller.memory();
    if (memory !== undefined) return memory;
    throw new PluginContractError('The plugin calls a function of WASI that was lowered without a memory.');
  }

  #findRealloc(): Realloc {
    const realloc = this.#caller.realloc();
    if (realloc !== undefined) return realloc;
    throw new PluginContractError(
      'The plugin calls a function of WASI that was lowered without an allocator (realloc).',
    );
  }
}

/** Text for a message, from a value that a plugin may have chosen. */
export function shorten(value: unknown, maxLength = 80): string {
  const text = describe(value);
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}
