/** The demo's second act: a DLT file through dlt-parser. */
import { join, relative } from 'node:path';
import type { PluginsManager } from '@chipmunk-host/manager';
import { ExitCode } from '../terminal/exit-code.js';
import { formatBytes, formatCount, formatDuration, formatRate } from '../terminal/quantities.js';
import { sampleDlt } from './sample-dlt.js';

const SAMPLE_BYTES = 64 * 1024 * 1024;
const FIRST_ITEMS = 5;

/** `directory`: where the sample is kept. */
export async function dltAct(
  manager: PluginsManager,
  directory: string,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<ExitCode> {
  const file = join(directory, 'sample-64MiB.dlt');
  const makingSince = performance.now();
  const { written } = await sampleDlt(file, SAMPLE_BYTES, signal);
  const how = written ? `written in ${formatDuration(performance.now() - makingSince)}` : 'kept from the last time';
  say(`\nSample of DLT: ${relative(process.cwd(), file)}, ${SAMPLE_BYTES / 2 ** 20} MiB, ${how}`);
  // Compiling is no part of reading a log.
  await manager.inspect('dlt-parser');

  const startedAt = performance.now();
  await using session = await manager.ingest({ source: { file }, parser: { plugin: 'dlt-parser' }, signal });
  const rows: string[] = [];
  for await (const batch of session.batches()) {
    for (let entry = 0; rows.length < FIRST_ITEMS && entry < batch.entries; entry++) {
      rows.push(batch.columnsOf(entry).join(' ').replaceAll('\u0005', ' '));
    }
  }
  const ms = performance.now() - startedAt;
  say('The first messages:');
  for (const row of rows) say(`  ${row}`);
  const { status, items, bytes, skippedBytes } = session.summary;
  const skipped = skippedBytes === 0 ? 'nothing' : formatCount(skippedBytes, 'byte');
  const rate = formatRate((bytes / ms) * 1000);
  say(
    `\n${status}: ${formatCount(items, 'message')} from ${formatBytes(bytes)} in ${formatDuration(ms)}, ${rate}, ${skipped} skipped`,
  );
  return status === 'completed' && skippedBytes === 0 ? ExitCode.ok : ExitCode.failed;
}
