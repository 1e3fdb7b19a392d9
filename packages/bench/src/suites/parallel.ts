/** One file over two instances, against one: the same items in the same order. */
import { createParserPool, IngestSession } from '@chipmunk-host/hosts';
import { STRING_PARSER_WINDOW_BYTES, stringParser } from '../bench-plugins.js';
import { InputFiles } from '../input-file.js';
import { logText } from '../log-text.js';
import { type Side, type Suite, throughput } from '../suite.js';

const PART_BYTES = 64 * 1024 * 1024;
/** 1 GiB in all: opening the instances should not count. */
const PARTS = 16;

export const parallel: Suite = {
  name: 'parallel',
  description: 'file -> two instances that share it -> items in order on the main thread, against one instance',
  async open() {
    const files = await InputFiles.open();
    const part = logText(PART_BYTES);
    const file = await files.write('input.log', part, PARTS);
    const component = await stringParser();
    const pool = createParserPool({ prewarm: 2 });
    const side = (name: string, instances: number): Side => ({
      name,
      async run() {
        const session = await IngestSession.open({
          component,
          pool,
          source: { file },
          window: { bytes: STRING_PARSER_WINDOW_BYTES },
          parallel: { instances, boundary: 'newline' },
        });
        let offset = 0;
        for await (const batch of session.batches()) {
          if (batch.offset !== offset) throw new Error(`a batch begins at ${batch.offset}, not at ${offset}`);
          offset += batch.consumedBytes;
        }
        return `${session.summary.items} items of ${offset} bytes`;
      },
    });
    return {
      cases: [
        {
          name: 'two',
          ...throughput(part.length * PARTS),
          ours: side('two instances', 2),
          baseline: side('one instance', 1),
        },
      ],
      async close() {
        await pool.close();
        await files.close();
      },
    };
  },
};
