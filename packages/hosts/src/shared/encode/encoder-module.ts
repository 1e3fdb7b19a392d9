/** The wasm module of assembly/, as scripts/build-wasm.mjs builds it, with the types of what it exports. */
import { readFileSync } from 'node:fs';
import type { CountExports } from './counted-rows.js';

/** Counters are to be read as u32. */
export interface EncoderExports extends CountExports {
  usePlan(at: number): void;
  open(
    kinds: number,
    consumed: number,
    counts: number,
    stringsPerEntry: number,
    times: number,
    textEnds: number,
    strings: number,
    text: number,
    textBytes: number,
    entries: number,
    attachments: number,
    attachmentCount: number,
    offset: number,
    selection: number,
  ): void;
  fill(out: number, end: number): number;
  readonly status: WebAssembly.Global;
  readonly rows: WebAssembly.Global;
}

/** Why `fill` returned. */
export const FillStatus = { done: 0, full: 1, inRow: 2, damaged: 3 } as const;

let compiled: WebAssembly.Module | undefined;

/** @param memory shared, with the batches and the output */
export function instantiateEncoder(memory: WebAssembly.Memory): EncoderExports {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('../../encode/encoder.wasm', import.meta.url)));
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as EncoderExports;
}
