/**
 * Bounds on what a component's bindings make of a plugin's memory. Lengths there are the plugin's to choose, and one allocation
 * that does not fit a worker's heap ends the process, not the worker: V8 lets Node raise the heap's limit by 16 MiB to end the
 * worker in good order, and gives up on the process when that is not enough. So nothing may be allocated before its length is
 * compared with a bound. bindings-script.ts puts these functions where the bindings decode texts and copy lists.
 */
import { PluginContractError } from '../../shared/errors.js';

/** What one call through the bindings may make, for all of its results together. */
export interface LiftLimits {
  /** The function, as its interface calls it: for errors. */
  readonly call: string;
  /** Bytes of all texts, as they lie in the plugin's memory; one text has at most `MAX_TEXT_BYTES` in any case. */
  readonly textBytes: number;
  /** Elements of all lists, but of those of plain numbers. */
  readonly elements: number;
  /** Bytes of all lists of plain numbers, such as `list<u8>`. */
  readonly listBytes: number;
}

/**
 * Most bytes of one text. As a JavaScript string it takes at most twice as many, well below the 16 MiB that a heap may be over
 * its limit.
 */
export const MAX_TEXT_BYTES = 4 * 1024 * 1024;
/** Of a text that is too large, so many bytes can still be shown. */
const HEAD_BYTES = 64 * 1024;

/** For calls that no limits were given for: start functions, and what the plugin passes to imports. */
const DEFAULT_LIMITS: LiftLimits = {
  call: 'A call',
  textBytes: MAX_TEXT_BYTES,
  elements: 100_000,
  listBytes: MAX_TEXT_BYTES,
};

/** Stands where the bindings would have put a text: what the text is of can only be told from where this is found. */
export class OversizedText {
  /** Bytes of the text, as it lies in the plugin's memory. */
  readonly byteLength: number;
  /** What it begins with. */
  readonly head: string;

  constructor(byteLength: number, head: string) {
    this.byteLength = byteLength;
    this.head = head;
  }
}

/** The functions that the bindings of one instance call in place of what they would allocate by. */
export interface BindingsBounds {
  decoder(encoding: 'utf-8' | 'utf-16'): { decode(view: NodeJS.ArrayBufferView): string | OversizedText };
  /** @returns the count, when the call may have so many elements more */
  elements(count: number): number;
  /** A copy of part of a memory. */
  copy(buffer: ArrayBuffer, start: number, end: number): ArrayBuffer;
}

export class LiftBounds implements BindingsBounds {
  readonly #defaults: LiftLimits;
  #limits: LiftLimits;
  #textBytes = 0;
  #elements = 0;
  #listBytes = 0;
  #hasOversized = false;

  /** @param defaults for calls outside of `within`, */
  constructor(defaults = DEFAULT_LIMITS) {
    this.#defaults = defaults;
    this.#limits = defaults;
  }

  /** Whether a text of the call before was too large, and is now an `OversizedText`. */
  get hasOversized(): boolean {
    return this.#hasOversized;
  }

  /** Does a call through the bindings, whose results are held to the limits. */
  within<Result>(limits: LiftLimits, call: () => Result): Result {
    this.#limits = limits;
    this.restart();
    try {
      return call();
    } finally {
      this.#limits = this.#defaults;
    }
  }

  /** Forgets what was counted: what the plugin has passed to an import is no part of what its call returns. */
  restart(): void {
    this.#textBytes = 0;
    this.#elements = 0;
    this.#listBytes = 0;
    this.#hasOversized = false;
  }

  decoder(encoding: 'utf-8' | 'utf-16'): ReturnType<BindingsBounds['decoder']> {
    // A byte order mark at a text's beginning is the plugin's own.
    const decoder = new TextDecoder(encoding, { ignoreBOM: true });
    return {
      decode: (view) => {
        const { byteLength } = view;
        this.#textBytes += byteLength;
        if (byteLength <= MAX_TEXT_BYTES && this.#textBytes <= this.#limits.textBytes) return decoder.decode(view);
        this.#hasOversized = true;
        const head = new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, Math.min(byteLength, HEAD_BYTES));
        return new OversizedText(byteLength, decoder.decode(head));
      },
    };
  }

  elements(count: number): number {
    this.#elements += count;
    const { call, elements } = this.#limits;
    if (this.#elements <= elements) return count;
    throw new PluginContractError(
      `${call} returned a list of ${count} elements; at most ${elements} are allowed in all.`,
    );
  }

  copy(buffer: ArrayBuffer, start: number, end: number): ArrayBuffer {
    this.#listBytes += end - start;
    const { call, listBytes } = this.#limits;
    // What lies beyond the memory would be left out.
    if (end > buffer.byteLength)
      throw new PluginContractError(
        `${call} returned a list outside of its memory: ${end - start} bytes at ${start}, and the memory has ${buffer.byteLength}.`,
      );
    if (this.#listBytes > listBytes)
      throw new PluginContractError(
        `${call} returned a list of ${end - start} bytes; at most ${listBytes} are allowed in all.`,
      );
    return buffer.slice(start, end);
  }
}
