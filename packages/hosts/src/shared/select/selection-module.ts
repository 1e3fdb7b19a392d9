/** The wasm module of assembly/, as scripts/build-wasm.mjs builds it, with the types of what it exports. */
import { readFileSync } from 'node:fs';

/** Counters are to be read as u32. */
export interface SelectionExports {
  open(
    kinds: number,
    consumed: number,
    counts: number,
    stringsPerEntry: number,
    times: number,
    textEnds: number,
    strings: number,
    unitEnds: number,
    text: number,
    textBytes: number,
    entries: number,
    items: number,
    attachments: number,
    attachmentCount: number,
  ): void;
  markItems(bits: number): void;
  markContaining(
    needle: number,
    length: number,
    first: number,
    second: number,
    how: number,
    column: number,
    bits: number,
  ): void;
  markColumn(column: number, how: number, needle: number, length: number, bits: number): void;
  unmarkOutside(first: bigint, last: bigint, bits: number): void;
  measure(bits: number, end: number): void;
  write(
    bits: number,
    end: number,
    kinds: number,
    consumed: number,
    counts: number,
    times: number,
    textEnds: number,
    unitEnds: number,
    attachments: number,
    text: number,
  ): void;
  readonly newEntries: WebAssembly.Global;
  readonly newItems: WebAssembly.Global;
  readonly newStrings: WebAssembly.Global;
  readonly newTextBytes: WebAssembly.Global;
  readonly newPerEntry: WebAssembly.Global;
  readonly newAttachments: WebAssembly.Global;
  readonly newAttachmentBytes: WebAssembly.Global;
  readonly bytes: WebAssembly.Global;
  readonly skippedBytes: WebAssembly.Global;
  readonly filteredItems: WebAssembly.Global;
  readonly filteredBytes: WebAssembly.Global;
}

let compiled: WebAssembly.Module | undefined;

/** @param memory shared, with the batches and what they become */
export function instantiateSelection(memory: WebAssembly.Memory): SelectionExports {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('../../select/select.wasm', import.meta.url)));
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as SelectionExports;
}
