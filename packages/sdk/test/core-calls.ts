/** Calls a parser's core functions as a host does that goes without bindings, for tests of what it does with memory. */
import { transpileBytes } from '@bytecodealliance/jco-transpile';

const exported = 'chipmunk:parser/parser@0.1.0#';

export interface CallResult {
  readonly items: number;
  readonly consumed: number;
}

export class CoreParser {
  /** Log messages and questions for the temporary directory. */
  hostCalls = 0;
  readonly #exports: WebAssembly.Exports;

  private constructor(module: WebAssembly.Module) {
    this.#exports = new WebAssembly.Instance(module, {
      'chipmunk:shared/logging@0.1.0': { log: () => this.hostCalls++ },
      'chipmunk:shared/sandbox@0.1.0': { 'temp-directory': (result: number) => this.#answerDirectory(result) },
    }).exports;
  }

  static async start(component: Uint8Array): Promise<CoreParser> {
    const { files } = await transpileBytes(component, { name: 'plugin', instantiation: 'sync' });
    return new CoreParser(new WebAssembly.Module(Uint8Array.from(files['plugin.core.wasm'] ?? [])));
  }

  get memoryBytes(): number {
    return this.#buffer.byteLength;
  }

  /** Parses a slice; `fill` writes it, which for large ones need not touch all of it. */
  parse(length: number, fill: (slice: Uint8Array) => void): CallResult {
    const at = this.#call('cabi_realloc', 0, 0, 1, length);
    fill(new Uint8Array(this.#buffer, at, length));
    const result = this.#call(`${exported}parse`, at, length, 0, 0n);
    const view = new DataView(this.#buffer);
    if (view.getUint8(result) !== 0) throw new Error('parse failed');
    const list = view.getUint32(result + 4, true);
    const items = view.getUint32(result + 8, true);
    let consumed = 0;
    for (let i = 0; i < items; i++) consumed += Number(view.getBigUint64(list + 96 * i + 88, true));
    this.#call(`cabi_post_${exported}parse`, result);
    return { items, consumed };
  }

  /** Hands memory over in a way that some hosts have: first too much, then cut down, or too little, then more. */
  parseResized(first: number, length: number): CallResult {
    const guess = this.#call('cabi_realloc', 0, 0, 1, first);
    const at = this.#call('cabi_realloc', guess, first, 1, length);
    new Uint8Array(this.#buffer, at, length).fill(10);
    const result = this.#call(`${exported}parse`, at, length, 0, 0n);
    const items = new DataView(this.#buffer).getUint32(result + 8, true);
    this.#call(`cabi_post_${exported}parse`, result);
    return { items, consumed: length };
  }

  get #buffer(): ArrayBuffer {
    return (this.#exports.memory as WebAssembly.Memory).buffer;
  }

  #call(name: string, ...values: (number | bigint)[]): number {
    return (this.#exports[name] as (...values: (number | bigint)[]) => number)(...values);
  }

  #answerDirectory(result: number): void {
    this.hostCalls++;
    const path = Buffer.from('/tmp/directory');
    const at = this.#call('cabi_realloc', 0, 0, 1, path.length);
    new Uint8Array(this.#buffer, at, path.length).set(path);
    const view = new DataView(this.#buffer);
    view.setUint8(result, 0);
    view.setUint32(result + 4, at, true);
    view.setUint32(result + 8, path.length, true);
  }
}
