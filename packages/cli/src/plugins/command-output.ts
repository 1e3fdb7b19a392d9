/** How the commands about plugins print: a table or sentences for people, JSON for programs. */
import Table from 'cli-table3';
import { standardError, standardOutput } from '../output/standard-streams.js';

/** One JSON value. Floats that JSON has no number for are texts, as in configurations. */
export function printJson(value: unknown): void {
  const floats = (_: string, part: unknown) =>
    typeof part === 'number' && !Number.isFinite(part) ? String(part) : part;
  standardOutput.print(`${JSON.stringify(value ?? null, floats, 2)}\n`);
}

export function printLine(line: string): void {
  standardOutput.print(`${line}\n`);
}

/** A table without colours, so that it is the same in a file. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const table = new Table({ head: [...head], style: { head: [], border: [] } });
  for (const row of rows) table.push([...row]);
  printLine(table.toString());
}

export function printWarning(message: string): void {
  standardError.print('warning', 'warning');
  standardError.print(`: ${message}\n`);
}
