/** One file over two instances, against one: the same items in the same order. */
import { readFileSync } from 'node:fs';
import { interopPlugin } from '@chipmunk-host/compat';
import { createParserPool, IngestSession } from '@chipmunk-host/hosts';
import { type CompiledComponent, compile } from '@chipmunk-host/runtime';
import { STRING_PARSER_WINDOW_BYTES, stringParser } from '../bench-plugins.js';
import { InputFiles } from '../input-file.js';
import { logText } from '../log-text.js';
import { type Case, type Side, type Suite, throughput } from '../suite.js';

const PART_BYTES = 64 * 1024 * 1024;
/** 1 GiB in all: opening the instances should not count. */
const PARTS = 16;
/** The same of a plugin that takes some ten times as long. */
const FEW_PARTS = 4;

export const parallel: Suite = {
  name: 'parallel',
  description: 'file -> two instances that share it -> items in order on the main thread, against one instance',
  async open() {
    const files = await InputFiles.open();
    const part = logText(PART_BYTES);
    const file = await files.write('input.log', part, PARTS);
    const fewer = await files.write('fewer.log', part, FEW_PARTS);
    const pool = createParserPool({ prewarm: 2 });
    const side = (component: CompiledComponent, path: string, instances: number): Side => ({
      name: instances === 1 ? 'one instance' : 'two instances',
      async run() {
        const session = await IngestSession.open({
          component,
          pool,
          source: { file: path },
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
    const two = (name: string, component: CompiledComponent, path: string, parts: number): Case => ({
      name,
      ...throughput(part.length * parts),
      ours: side(component, path, 2),
      baseline: side(component, path, 1),
    });
    return {
      cases: [
        two('two', await stringParser(), file, PARTS),
        two('lines', await compile(readFileSync(interopPlugin('lines'))), fewer, FEW_PARTS),
      ],
      async close() {
        await pool.close();
        await files.close();
      },
    };
  },
};
