/** The two wasm modules of lifter/, as scripts/build-lifter.mjs builds them, with the types of what they export. */
import { readFileSync } from 'node:fs';

/** Module `measure`; counters are i32 whose values are to be read as u32. */
export interface MeasureExports {
  reset(budget: number, mayConsume: number): void;
  measure(list: number, limit: number): number;
  readonly entries: WebAssembly.Global;
  readonly items: WebAssembly.Global;
  readonly strings: WebAssembly.Global;
  readonly textBytes: WebAssembly.Global;
  readonly consumed: WebAssembly.Global;
  readonly skippedBytes: WebAssembly.Global;
  readonly stringsPerEntry: WebAssembly.Global;
  readonly varying: WebAssembly.Global;
  readonly taken: WebAssembly.Global;
  readonly firstLow: WebAssembly.Global;
  readonly firstBytes: WebAssembly.Global;
  readonly secondLow: WebAssembly.Global;
  readonly secondBytes: WebAssembly.Global;
}

/** What `measure` returns; a number from `firstFault` on names a breach of contract. */
export const MeasureStatus = { runDone: 0, batchFull: 1, attachment: 2, firstFault: 16 } as const;

export interface LiftExports {
  begin(
    frame: number,
    slotBytes: number,
    ascii: number,
    entries: number,
    items: number,
    strings: number,
    textBytes: number,
    offset: number,
    bytes: number,
    skippedBytes: number,
    stringsPerEntry: number,
    varying: number,
  ): number;
  stage(low0: number, bytes0: number, at0: number, low1: number, bytes1: number, at1: number): void;
  lift(records: number, count: number): number;
  end(): number;
  readonly failedRecord: WebAssembly.Global;
  readonly unitsSoFar: WebAssembly.Global;
}

export const LiftStatus = { done: 0, notAscii: 1, notUtf8: 2, disagrees: 3 } as const;

const measureModule = compile('measure');
const liftModule = compile('lift');

export function instantiateMeasure(pluginMemory: WebAssembly.Memory): MeasureExports {
  return instantiate(measureModule, pluginMemory) as unknown as MeasureExports;
}

export function instantiateLift(sharedMemory: WebAssembly.Memory): LiftExports {
  return instantiate(liftModule, sharedMemory) as unknown as LiftExports;
}

function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): WebAssembly.Exports {
  return new WebAssembly.Instance(module, { env: { memory } }).exports;
}

function compile(name: string): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(new URL(`../../lifter/${name}.wasm`, import.meta.url)));
}
