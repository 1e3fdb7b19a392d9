// What an embedder's program does, in short: a session over bytes, and one over a file. Prints what came of it.
import { writeFile } from 'node:fs/promises';
import { PluginsManager } from '@chipmunk-host/manager';

export async function consume() {
  const manager = await PluginsManager.open({ directory: process.cwd(), load: 'lazy' });
  try {
    const parser = { plugin: 'string-parser' };
    const session = await manager.ingest({ source: { stream: [new TextEncoder().encode('one\ntwo\n')] }, parser });
    const items = await session.collect();
    const file = await manager.ingest({ source: { file: 'input.log' }, parser });
    for await (const batch of file.batches()) for (const { text } of batch) items.push({ text });
    return items.map(({ text }) => text).join(' ');
  } finally {
    await manager.close();
  }
}

export const EXPECTED = 'one two three four';

// Under the permission model the input is written before.
if (!process.permission) await writeFile('input.log', 'three\nfour\n');
if (process.argv[2] === 'run') console.log(await consume());
