/** From a file to the main thread: a session against Node's own readline, with the items only counted, or all looked at. */
import { once } from 'node:events';
import { createReadStream, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createParserPool, IngestSession } from '@chipmunk-host/hosts';
import { compile } from '@chipmunk-host/runtime';
import { Digest } from '../digest.js';
import { logText } from '../log-text.js';
import type { Suite } from '../suite.js';

const INPUT_BYTES = 256 * 1024 * 1024;
/** What the string parser's metadata names as safe. */
const WINDOW_BYTES = 1024 * 1024;
const PARSER = createRequire(import.meta.url).resolve('@chipmunk-host/string-parser/string-parser.wasm');

export const ingest: Suite = {
  name: 'ingest',
  description: 'file -> plugin in a worker -> items on the main thread',
  async open() {
    const directory = await mkdtemp(join(tmpdir(), 'chipmunk-host-bench-'));
    const file = join(directory, 'input.log');
    const text = logText(INPUT_BYTES);
    await writeFile(file, text);
    const component = await compile(readFileSync(PARSER));
    const pool = createParserPool();
    const open = () => IngestSession.open({ component, pool, source: { file }, window: { bytes: WINDOW_BYTES } });
    return {
      cases: [
        {
          name: 'undecoded',
          bytes: text.length,
          ours: {
            name: 'session, items counted',
            async run() {
              let items = 0;
              for await (const batch of await open()) items += batch.count;
              return `${items} items`;
            },
          },
          baseline: {
            name: 'readline',
            async run() {
              let items = 0;
              await eachLine(file, () => items++);
              return `${items} items`;
            },
          },
        },
        {
          name: 'decoded',
          bytes: text.length,
          ours: {
            name: 'session, every text looked at',
            async run() {
              const digest = new Digest();
              for await (const batch of await open()) batch.forEachText((line) => digest.add(line));
              return digest.toString();
            },
          },
          baseline: {
            name: 'readline',
            async run() {
              const digest = new Digest();
              await eachLine(file, (line) => digest.add(line));
              return digest.toString();
            },
          },
        },
      ],
      async close() {
        await pool.close();
        await rm(directory, { recursive: true, force: true });
      },
    };
  },
};

/** Node's readline at its fastest: by events (an async iterator takes half as long again), with the stream's own chunks. */
async function eachLine(file: string, callback: (line: string) => void): Promise<void> {
  const reader = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  reader.on('line', callback);
  await once(reader, 'close');
}
