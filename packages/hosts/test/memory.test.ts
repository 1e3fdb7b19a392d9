import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { STRING_PARSER, setStage } from './support.js';

const stage = setStage();
const GIB = 1024 ** 3;
const INPUT_BYTES = 2 * GIB;
const LINE_BYTES = 128;
const MOST_RESIDENT_BYTES = 400e6;

const { bavail, bsize } = await statfs(tmpdir());
const hasRoom = bavail * bsize > INPUT_BYTES + GIB;

test.skipIf(!hasRoom)(
  'a 2 GiB file needs less than 400 MB, also when the consumer stops reading (skipped without 3 GiB of disk)',
  async () => {
    const file = join(stage.directory, 'two-gib.log');
    await writeLines(file);
    const { items, bytes, maxResidentBytes } = await ingestInProcess(file);
    await rm(file);
    expect(bytes).toBe(INPUT_BYTES);
    expect(items).toBe(INPUT_BYTES / LINE_BYTES);
    expect(maxResidentBytes).toBeLessThan(MOST_RESIDENT_BYTES);
  },
  180_000,
);

async function writeLines(file: string): Promise<void> {
  const line = `${'2026-01-01T00:00:00.000Z INFO  [component] a line of '.padEnd(LINE_BYTES - 1, '.')}\n`;
  const block = Buffer.alloc(16 * 1024 * 1024, line);
  const output = createWriteStream(file);
  for (let written = 0; written < INPUT_BYTES; written += block.length)
    if (!output.write(block)) await once(output, 'drain');
  output.end();
  await finished(output);
}

/** A process that reads one batch, waits until its worker has nothing to do any more, and reads on. */
function ingestInProcess(file: string): Promise<{ items: number; bytes: number; maxResidentBytes: number }> {
  const source = `
    import { readFileSync } from 'node:fs';
    import { compile } from '@chipmunk-host/runtime';
    import { createParserPool, IngestSession } from '@chipmunk-host/hosts';
    const [parser, file] = process.argv.slice(1);
    const pool = createParserPool();
    const session = await IngestSession.open({ component: await compile(readFileSync(parser)), pool, source: { file } });
    let items = (await session.next()).value.count;
    for (let idle = 0; idle < 5; ) {
      const before = process.cpuUsage();
      await new Promise((resolve) => setTimeout(resolve, 50));
      const { user, system } = process.cpuUsage(before);
      idle = user + system < 20_000 ? idle + 1 : 0;
    }
    for await (const batch of session.batches()) items += batch.count;
    const { bytes } = session.summary;
    console.log(JSON.stringify({ items, bytes, maxResidentBytes: process.resourceUsage().maxRSS * 1024 }));
    await pool.close();`;
  return new Promise((resolve, reject) => {
    const args = ['--input-type=module', '-e', source, STRING_PARSER, file];
    execFile(process.execPath, args, { cwd: import.meta.dirname }, (error, stdout) =>
      error ? reject(error) : resolve(JSON.parse(stdout)),
    );
  });
}
