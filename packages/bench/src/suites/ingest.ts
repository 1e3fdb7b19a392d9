/** From a file to the main thread: a session against Node's own readline, with the items only counted, or all looked at. */
import { createParserPool, IngestSession } from '@chipmunk-host/hosts';
import { STRING_PARSER_WINDOW_BYTES, stringParser } from '../bench-plugins.js';
import { Digest } from '../digest.js';
import { InputFiles } from '../input-file.js';
import { workerLines } from '../line-worker.js';
import { logText } from '../log-text.js';
import { eachLine } from '../readline.js';
import { type Suite, throughput } from '../suite.js';

const PART_BYTES = 64 * 1024 * 1024;
/** 1 GiB in all: opening a session should not count, nor the first batches, before V8 has compiled what makes them. */
const PARTS = 16;

export const ingest: Suite = {
  name: 'ingest',
  description: 'file -> plugin in a worker -> items on the main thread',
  async open() {
    const files = await InputFiles.open();
    const text = logText(PART_BYTES);
    const file = await files.write('input.log', text, PARTS);
    const component = await stringParser();
    const pool = createParserPool();
    const window = { bytes: STRING_PARSER_WINDOW_BYTES };
    const open = () => IngestSession.open({ component, pool, source: { file }, window });
    return {
      cases: [
        {
          name: 'undecoded',
          ...throughput(text.length * PARTS),
          ours: {
            name: 'session, items counted',
            async run() {
              let items = 0;
              for await (const batch of (await open()).batches()) items += batch.count;
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
          others: [
            {
              name: 'bare Worker, lines packed and transferred',
              async run() {
                let items = 0;
                await workerLines(file, 'transfer', (message) => {
                  items += message.count;
                });
                return `${items} items`;
              },
            },
            {
              name: 'bare Worker, objects cloned',
              async run() {
                let items = 0;
                await workerLines(file, 'clone', ({ count }) => {
                  items += count;
                });
                return `${items} items`;
              },
            },
          ],
        },
        {
          name: 'decoded',
          ...throughput(text.length * PARTS),
          ours: {
            name: 'session, every text looked at',
            async run() {
              const digest = new Digest();
              for await (const batch of (await open()).batches()) batch.forEachText((line) => digest.add(line));
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
          others: [
            {
              name: 'bare Worker, objects cloned',
              async run() {
                const digest = new Digest();
                await workerLines(file, 'clone', ({ items }) => {
                  for (const { text: line } of items ?? []) digest.add(line);
                });
                return digest.toString();
              },
            },
          ],
        },
      ],
      async close() {
        await pool.close();
        await files.close();
      },
    };
  },
};
