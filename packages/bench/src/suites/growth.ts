/** Whether a byte of a large input costs more than one of a small input, and whether it takes more memory. */
import { createParserPool, IngestSession } from '@chipmunk-host/hosts';
import { STRING_PARSER_WINDOW_BYTES, stringParser } from '../bench-plugins.js';
import { runChild } from '../child-run.js';
import { InputFiles } from '../input-file.js';
import { logText } from '../log-text.js';
import type { Side, Suite } from '../suite.js';

const PART_BYTES = 64 * 1024 * 1024;
/** 4 GiB in all. */
const PARTS = 64;
/** What is left free of the disk. */
const RESERVE_BYTES = 2 ** 30;
const NS_PER_MS = 1e6;

export const growth: Suite = {
  name: 'growth',
  description: 'a byte of 4 GiB against a byte of 64 MiB: its time, opening left out, and the peak of resident memory',
  async open() {
    const files = await InputFiles.open();
    if ((await files.freeBytes()) < PART_BYTES * (PARTS + 1) + RESERVE_BYTES) {
      await files.close();
      return { skipped: 'needs 5.1 GiB of free disk in the temporary directory' };
    }
    const part = logText(PART_BYTES);
    const small = await files.write('small.log', part);
    const large = await files.write('large.log', part, PARTS);
    const component = await stringParser();
    const pool = createParserPool();
    const cost = (name: string, file: string, times: number): Side => ({
      name,
      async run() {
        const session = await IngestSession.open({
          component,
          pool,
          source: { file },
          window: { bytes: STRING_PARSER_WINDOW_BYTES },
        });
        const startedAt = performance.now();
        for await (const _ of session);
        const durationMs = performance.now() - startedAt;
        const { items, bytes } = session.summary;
        return { digest: `${items / times} items in each part`, value: (durationMs * NS_PER_MS) / bytes };
      },
    });
    const peak = (name: string, file: string, times: number): Side => ({
      name,
      async run() {
        const { items, peakRssMb } = await runChild('session-memory', { file });
        return { digest: `${items / times} items in each part`, value: peakRssMb };
      },
    });
    return {
      cases: [
        {
          name: 'cost',
          unit: 'ns/byte',
          maxRounds: 5,
          ours: cost('4 GiB', large, PARTS),
          baseline: cost('64 MiB', small, 1),
        },
        {
          name: 'memory',
          unit: 'MB',
          maxRounds: 3,
          ours: peak('4 GiB', large, PARTS),
          baseline: peak('64 MiB', small, 1),
        },
      ],
      async close() {
        await pool.close();
        await files.close();
      },
    };
  },
};
