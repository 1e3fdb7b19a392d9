/** Reads rows of a spool at random places, in a process that has nothing else: what it takes of memory is the reader's. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Every row is as likely, and the same ones are read in each run. Without rows, nothing is loaded. */
const PROGRAM = `
  const [directory, count] = process.argv.slice(1);
  const times = [];
  let peak = process.memoryUsage.rss();
  let [indexBytes, rows] = [0, 0];
  if (Number(count) > 0) {
    const { Spool } = await import('@chipmunk-host/spool');
    const reader = await Spool.open(directory);
    rows = reader.endRow;
    for (let turn = 0; turn < Number(count); turn++) {
      const row = Math.floor((((turn * 2654435761) % 4294967296) / 4294967296) * rows);
      const startedAt = performance.now();
      const [found] = await reader.rows(row);
      const { text } = found.item;
      times.push(performance.now() - startedAt);
      if (text === '') throw new Error('row ' + row + ' is empty');
      peak = Math.max(peak, process.memoryUsage.rss());
    }
    indexBytes = reader.indexBytes;
    await reader.close();
  }
  times.sort((a, b) => a - b);
  const medianMs = times[times.length >> 1] ?? 0;
  process.stdout.write(JSON.stringify({ rows, medianMs, peakRssMb: peak / 1e6, indexBytes }));
`;

/** What a process found. */
export interface SpoolRows {
  readonly rows: number;
  readonly medianMs: number;
  readonly peakRssMb: number;
  readonly indexBytes: number;
}

/** @param count of rows that are read; 0: the process opens no spool */
export async function spoolRows(directory: string, count: number): Promise<SpoolRows> {
  const args = ['--input-type=module', '--eval', PROGRAM, directory, String(count)];
  const { stdout } = await run(process.execPath, args, { cwd: new URL('..', import.meta.url) });
  return JSON.parse(stdout) as SpoolRows;
}
