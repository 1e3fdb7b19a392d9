// A source of one's own: anything that yields bytes. Here the parts of a log that was rotated (trace.log.2.gz, trace.log.1, trace.log), as one
// input. A part is only read when the parser has room for it.
//
//   node examples/custom-source.mjs trace.log
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { PluginsManager } from '@chipmunk-host/manager';

const [log] = process.argv.slice(2);
const manager = await PluginsManager.open({ load: 'lazy' });
try {
  const session = await manager.ingest({
    source: { stream: rotated(log), name: log },
    parser: { plugin: 'string-parser' },
    signal: AbortSignal.timeout(60_000),
  });
  for await (const batch of session.batches())
    for (const item of batch) console.log(`${batch.sourceName}:${item.offset}: ${item.text}`);
  console.log(`${session.summary.status}: ${session.summary.items} items of ${session.summary.bytes} bytes`);
} finally {
  await manager.close();
}

/** The oldest part first. When the session ends early, the generator is ended where it stands, and so the file is closed. */
async function* rotated(path) {
  const name = basename(path);
  const age = (part) => Number(/\.(\d+)(\.gz)?$/.exec(part.slice(name.length))?.[1] ?? 0);
  const parts = (await readdir(dirname(path))).filter((part) => part === name || part.startsWith(`${name}.`));
  for (const part of parts.sort((a, b) => age(b) - age(a))) {
    const file = createReadStream(join(dirname(path), part));
    yield* part.endsWith('.gz') ? pipeline(file, createGunzip(), () => {}) : file;
  }
}
