/** The wasm modules of assembly/, as scripts/build-wasm.mjs builds them, with the types of what they export. */
import { readFileSync } from 'node:fs';

/** Module `read`, over a plugin's memory. Counters are i32 whose values are to be read as u32. */
export interface ReadExports {
  measure(list: number, limit: number, budget: number, mayConsume: number, mostColumns: number, times: number): number;
  walk(list: number, count: number, mostColumns: number, times: number): number;
  readonly taken: WebAssembly.Global;
  readonly cost: WebAssembly.Global;
  readonly entries: WebAssembly.Global;
  readonly items: WebAssembly.Global;
  readonly strings: WebAssembly.Global;
  readonly textBytes: WebAssembly.Global;
  readonly attachments: WebAssembly.Global;
  readonly attachmentBytes: WebAssembly.Global;
  readonly consumed: WebAssembly.Global;
  readonly skippedBytes: WebAssembly.Global;
  readonly stringsPerEntry: WebAssembly.Global;
  readonly varying: WebAssembly.Global;
  readonly timed: WebAssembly.Global;
  readonly walked: WebAssembly.Global;
}

/** Module `write`, over the host's shared memory; `walk` calls the rest of what it exports. */
export interface WriteExports {
  begin(
    frame: number,
    slotBytes: number,
    prefix: number,
    source: number,
    ascii: number,
    entries: number,
    items: number,
    strings: number,
    textBytes: number,
    attachments: number,
    attachmentBytes: number,
    offset: number,
    bytes: number,
    skippedBytes: number,
    stringsPerEntry: number,
    varying: number,
    timed: number,
  ): number;
  end(): number;
  readonly unitsSoFar: WebAssembly.Global;
  /** Where the attachments' bytes belong, which `walk` leaves out. */
  readonly attachmentsStart: WebAssembly.Global;
}

/** Module `lift`, over both memories. Numbers are i32 whose values are to be read as u32. */
export interface LiftExports {
  measure(list: number, limit: number, budget: number, mayConsume: number, mostColumns: number, times: number): number;
  place(
    frame: number,
    slotBytes: number,
    prefix: number,
    source: number,
    offset: number,
    list: number,
    mostColumns: number,
    times: number,
  ): number;
  /** 1: all records are in the batch; 0: they have to be measured. */
  placeAlike(
    frame: number,
    slotBytes: number,
    prefix: number,
    source: number,
    offset: number,
    list: number,
    count: number,
    budget: number,
    mayConsume: number,
    mostColumns: number,
    times: number,
  ): number;
  alikeBytes(): number;
  alikeInput(): number;
  measuredRecords(): number;
  measuredBytes(): number;
  measuredInput(): number;
  measuredEntries(): number;
  measuredItems(): number;
  measuredSkipped(): number;
  placedBytes(): number;
  placedRecords(): number;
}

/** What `walk` and `place` return. */
export const WalkStatus = { done: 0, notAscii: 1, notUtf8: 2, disagrees: 3 } as const;

const liftBytes = bytesOf('lift');

/** Whether the engine takes a module with two memories: Node 22 and later do. */
export const TAKES_TWO_MEMORIES = WebAssembly.validate(liftBytes);

const modules = new Map<string, WebAssembly.Module>();

/** The module that reads the one memory and writes the other. */
export function instantiateLift(pluginMemory: WebAssembly.Memory, sharedMemory: WebAssembly.Memory): LiftExports {
  const imports = { env: { memory: sharedMemory }, plugin: { memory: pluginMemory } };
  return new WebAssembly.Instance(compiled('lift'), imports).exports as unknown as LiftExports;
}

/** The two modules put together: what `read` finds in the one memory, `write` puts into the other. */
export function instantiateReadAndWrite(
  pluginMemory: WebAssembly.Memory,
  sharedMemory: WebAssembly.Memory,
): { read: ReadExports; write: WriteExports } {
  const write = new WebAssembly.Instance(compiled('write'), { env: { memory: sharedMemory } }).exports;
  const read = new WebAssembly.Instance(compiled('read'), { env: { memory: pluginMemory }, write }).exports;
  return { read: read as unknown as ReadExports, write: write as unknown as WriteExports };
}

/** Compiled once in a thread, when it is first used. */
function compiled(name: 'lift' | 'read' | 'write'): WebAssembly.Module {
  const known = modules.get(name);
  if (known !== undefined) return known;
  const module = new WebAssembly.Module(name === 'lift' ? liftBytes : bytesOf(name));
  modules.set(name, module);
  return module;
}

function bytesOf(name: string): Buffer<ArrayBuffer> {
  return readFileSync(new URL(`../../../lifter/${name}.wasm`, import.meta.url));
}
