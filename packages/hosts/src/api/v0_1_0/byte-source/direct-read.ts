/**
 * `read` called on the core export: the bytes are copied straight from the plugin's memory to where they are needed. The
 * layout is the canonical ABI of `result<list<u8>, source-error>`, 32-bit.
 */
import {
  copyBytes,
  type DirectFunction,
  type HostError,
  PluginContractError,
} from '@chipmunk-host/runtime/internal/worker';
import { isUtf8 } from '../../../worker/output/utf8-text.js';
import { decodeMessage } from '../common/error-message.js';
import { PluginMemory } from '../common/plugin-memory.js';
import { ResultArea } from '../lifter/parse-return-layout.js';
import { type ReadPath, SOURCE_ERRORS, sourceError, tooManyBytes } from './read-path.js';

export class DirectRead implements ReadPath {
  /** `read(len)`. */
  static readonly coreParameters = 1;

  readonly #function: DirectFunction;
  readonly #memory: PluginMemory;

  constructor(read: DirectFunction) {
    this.#function = read;
    this.#memory = new PluginMemory(read.memory);
  }

  get memoryBytes(): number {
    return this.#function.memory.buffer.byteLength;
  }

  read(into: Uint8Array): number {
    const result = this.#function.call(BigInt(into.length)) >>> 0;
    this.#memory.refresh();
    const taken = this.#take(result, into);
    this.#function.postReturn?.(result);
    if (typeof taken === 'number') return taken;
    throw taken;
  }

  /** The number of bytes, or the plugin's own error: a breach is thrown, since what was returned is then not to be freed. */
  #take(at: number, into: Uint8Array): number | HostError {
    const { bytes, view } = this.#memory;
    if (at % ResultArea.alignment !== 0) throw breach(`the result's pointer ${at} is not aligned`);
    if (at + ResultArea.bytes > bytes.length)
      throw breach(`the result at ${at} is beyond the memory's ${bytes.length}`);
    const resultCase = view.getUint8(at + ResultArea.resultCase);
    if (resultCase === 1) return this.#error(at);
    if (resultCase !== 0) throw breach(`the result is neither ok nor error, but ${resultCase}`);
    const pointer = view.getUint32(at + ResultArea.listPointer, true);
    const count = view.getUint32(at + ResultArea.listLength, true);
    if (count > into.length) throw tooManyBytes(count, into.length);
    copyBytes(into, this.#stretch(pointer, count, 'the list of bytes'));
    return count;
  }

  #error(at: number): HostError {
    const { view } = this.#memory;
    const errorCase = view.getUint8(at + ResultArea.errorCase);
    const kind = SOURCE_ERRORS[errorCase];
    if (kind === undefined) throw breach(`unknown kind of error ${errorCase}`);
    const pointer = view.getUint32(at + ResultArea.messagePointer, true);
    const text = this.#stretch(pointer, view.getUint32(at + ResultArea.messageLength, true), "the error's message");
    if (!isUtf8(text)) throw breach("the error's message is not UTF-8");
    return sourceError(kind, decodeMessage(text));
  }

  #stretch(pointer: number, byteLength: number, what: string): Uint8Array {
    const { bytes } = this.#memory;
    if (byteLength > 0 && pointer + byteLength > bytes.length)
      throw breach(`${what}: ${byteLength} bytes at ${pointer} are beyond the memory's ${bytes.length}`);
    return bytes.subarray(pointer, pointer + byteLength);
  }
}

function breach(message: string): PluginContractError {
  return new PluginContractError(`read returned a result that its interface does not allow: ${message}`);
}
