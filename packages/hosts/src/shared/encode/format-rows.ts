/** What writes the rows of batches in each format. */
import { ArrowRows } from './arrow/arrow-rows.js';
import type { EncodingPlan } from './encoding-plan.js';
import type { Rows } from './own-memory-encoder.js';
import { RowEncoder } from './row-encoder.js';

/** @param programAt where the program of the plan lies, for as long as the rows are used */
export function formatRows({ arrow }: EncodingPlan, memory: WebAssembly.Memory, programAt: number): Rows {
  return arrow === undefined ? new RowEncoder(memory, programAt) : new ArrowRows(memory, arrow, programAt);
}
