/** The two wasm modules of assembly/, as scripts/build-wasm.mjs builds them, with the types of what they export. */
import { readFileSync } from 'node:fs';

/** Module `read`, over a plugin's memory. Counters are i32 whose values are to be read as u32. */
export interface ReadExports {
  measure(list: number, limit: number, budget: number, mayConsume: number, mostColumns: number): number;
  walk(list: number, count: number, mostColumns: number): number;
  readonly taken: WebAssembly.Global;
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
  ): number;
  end(): number;
  readonly unitsSoFar: WebAssembly.Global;
  /** Where the attachments' bytes belong, which `walk` leaves out. */
  readonly attachmentsStart: WebAssembly.Global;
}

/** What `walk` returns. */
export const WalkStatus = { done: 0, notAscii: 1, notUtf8: 2, disagrees: 3 } as const;

const readModule = compile('read');
const writeModule = compile('write');

/**
 * What `measure` asks for each attachment that it finds: its bytes in the batch, where it belongs to row `entry`; negative when
 * the record has to be read in another way.
 */
export type AttachmentMeasure = (record: number, entry: number) => number;

/** Puts the two together: what `read` finds in the one memory, `write` puts into the other. */
export function instantiateLifter(
  pluginMemory: WebAssembly.Memory,
  sharedMemory: WebAssembly.Memory,
  attachment: AttachmentMeasure,
): { read: ReadExports; write: WriteExports } {
  const write = new WebAssembly.Instance(writeModule, { env: { memory: sharedMemory } }).exports;
  const read = new WebAssembly.Instance(readModule, { env: { memory: pluginMemory }, write, host: { attachment } })
    .exports;
  return { read: read as unknown as ReadExports, write: write as unknown as WriteExports };
}

function compile(name: string): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(new URL(`../../../lifter/${name}.wasm`, import.meta.url)));
}
