// Writes the batches of a log to a file, each with a header of its own, and reads the file later, without the plugin.
//
//   node examples/store-and-read.mjs store trace.log trace.batches
//   node examples/store-and-read.mjs read trace.batches [TEXT]
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PluginsManager, readStream } from '@chipmunk-host/manager';

const [command, ...paths] = process.argv.slice(2);
if (command === 'store') await store(...paths);
else if (command === 'read') await read(...paths);
else throw new Error('Give a command: store LOG FILE, or read FILE [TEXT].');

async function store(log, file) {
  const manager = await PluginsManager.open({ load: 'lazy' });
  try {
    const session = await manager.ingest({ source: { file: log }, parser: { plugin: 'string-parser' } });
    let sequence = 0;
    // Gaps and restarts are stored, too, so that every byte of the log is accounted for.
    const parts = async function* (elements) {
      for await (const element of elements) yield* element.withHeader({ log, sequence: sequence++ });
    };
    await pipeline(session.readable(), parts, createWriteStream(file));
    const { items, bytes } = session.summary;
    console.log(`stored ${items} items of ${bytes} bytes in ${sequence} elements`);
  } finally {
    await manager.close();
  }
}

/** Prints the items that have the text in them. */
async function read(file, text = '') {
  const lines = async function* () {
    for (const element of readStream(await readFile(file)))
      if (element.type === 'batch')
        for (const item of element)
          if (item.text.includes(text)) yield `${element.header.log}:${item.offset}: ${item.text}\n`;
  };
  await pipeline(Readable.from(lines()), process.stdout, { end: false });
}
