/**
 * WebAssembly's classes, for declarations that are published. A program that uses them need not declare `WebAssembly`: that is
 * in the DOM's library. Where it is not declared these types have what our callers may use, or nothing.
 */
type Declared = typeof globalThis extends { WebAssembly: infer Namespace } ? Namespace : undefined;

/** `WebAssembly.Memory` where that is declared. */
export type WasmMemory = Declared extends { Memory: { prototype: infer Memory } }
  ? Memory
  : { readonly buffer: ArrayBuffer };

/** `WebAssembly.Module` where that is declared. */
export type WasmModule = Declared extends { Module: { prototype: infer Module } } ? Module : object;

/** The first argument of `new WebAssembly.Memory`; lengths in pages of 65,536 bytes. */
export interface WasmMemoryDescriptor {
  readonly initial: number;
  readonly maximum?: number;
  /** Default false. */
  readonly shared?: boolean;
}
