/**
 * The part of the WebAssembly JavaScript API that this workspace uses. @types/node does not declare it, and the DOM's
 * declarations would let code name `window`. https://webassembly.github.io/spec/js-api/
 */
declare namespace WebAssembly {
  type ExportValue = CallableFunction | Global | Memory | Table;
  type Exports = Record<string, ExportValue>;
  type Imports = Record<string, Record<string, unknown>>;
  type ImportExportKind = 'function' | 'global' | 'memory' | 'table' | 'tag';

  interface Global {
    value: unknown;
  }
  interface Table {
    readonly length: number;
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number; shared?: boolean });
    readonly buffer: ArrayBuffer;
    /** @returns the size before, in pages of 65,536 bytes. */
    grow(pages: number): number;
  }
  class Module {
    constructor(bytes: ArrayBuffer | Uint8Array<ArrayBuffer>);
    static exports(module: Module): { name: string; kind: ImportExportKind }[];
    static imports(module: Module): { module: string; name: string; kind: ImportExportKind }[];
    static customSections(module: Module, name: string): ArrayBuffer[];
  }
  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Exports;
  }
  class CompileError extends Error {}
  class LinkError extends Error {}
  class RuntimeError extends Error {}
  function compile(bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): Promise<Module>;
  function instantiate(module: Module, imports?: Imports): Promise<Instance>;
  function validate(bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): boolean;
}
