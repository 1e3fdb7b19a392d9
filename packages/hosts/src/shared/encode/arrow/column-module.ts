/** The wasm module of assembly/columns/, as scripts/build-wasm.mjs builds it, with the types of what it exports. */
import { readFileSync } from 'node:fs';
import type { CountExports } from '../counted-rows.js';
import type { EncoderExports } from '../encoder-module.js';

/** Addresses come back as i32: they are to be read as u32, as counters are. */
export interface ColumnExports extends CountExports {
  open(...tables: [...Parameters<EncoderExports['open']>, leavesOutFiles: boolean, writesFiles: boolean]): number;
  goTo(row: number, first: number, attachment: number, attachmentsLeft: number, offset: number): void;
  choose(most: number, room: number, perRow: number, copies: number): number;
  nextRowBytes(copies: number): number;
  advance(): void;
  offsets(out: number): void;
  lengths(out: number): void;
  rowTimes(out: number): number;
  timeValidity(out: number): void;
  columnsMissing(number: number): number;
  columnValidity(number: number, out: number): void;
  columnTexts(number: number, withRest: boolean, endsAt: number, out: number): number;
  sameTexts(from: number, size: number, endsAt: number, out: number): number;
  findValues(
    number: number,
    indexesAt: number,
    valuesAt: number,
    tableAt: number,
    slots: number,
    recentAt: number,
  ): number;
  writeValues(valuesAt: number, count: number, endsAt: number, out: number): number;
  attachmentsEnds(out: number): void;
  attachmentSizes(out: number): void;
  attachmentStrings(which: number, endsAt: number, out: number): number;
  attachmentDatesMissing(which: number): number;
  attachmentDateValidity(which: number, out: number): void;
  attachmentMessageEnds(out: number): number;
  attachmentMessages(out: number): void;
  zero(out: number, end: number): void;
  move(from: number, out: number, size: number): void;
  readonly row: WebAssembly.Global;
  readonly rowEnd: WebAssembly.Global;
  readonly first: WebAssembly.Global;
  readonly attachment: WebAssembly.Global;
  readonly attachmentsLeft: WebAssembly.Global;
  readonly offset: WebAssembly.Global;
  readonly entries: WebAssembly.Global;
  readonly chosen: WebAssembly.Global;
  readonly chosenAttachments: WebAssembly.Global;
}

/** What `attachmentStrings` writes. */
export const AttachmentString = { name: 0, created: 1, modified: 2, data: 3 } as const;

let compiled: WebAssembly.Module | undefined;

/** @param memory shared, with the batches and the output */
export function instantiateColumns(memory: WebAssembly.Memory): ColumnExports {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('../../../encode/columns.wasm', import.meta.url)));
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as ColumnExports;
}
