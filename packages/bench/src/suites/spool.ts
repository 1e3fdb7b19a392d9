/** What a spool costs to write, and any row of it to read: against a session that keeps nothing, and against parsing again from the row's place. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createParserPool, IngestSession } from '@chipmunk-host/hosts';
import { Spool, spoolSession } from '@chipmunk-host/spool';
import { STRING_PARSER_WINDOW_BYTES, stringParser } from '../bench-plugins.js';

import { InputFiles } from '../input-file.js';
import { logText } from '../log-text.js';
import { median } from '../median.js';
import { spoolRows } from '../spool-rows.js';
import { type Case, type Suite, throughput } from '../suite.js';
import { searchCases } from './spool-search.js';

const PIECE_BYTES = 64 * 1024 * 1024;
const USUAL_ROWS = 200;
/** With `--full`: 20 million rows and more. */
const FULL_TIMES = 32;
const FULL_ROWS = 1000;
const PARSED_ROWS = 10;

export const spool: Suite = {
  name: 'spool',
  description: 'file -> plugin in a worker -> spool; rows of it at random places, and searches of it',
  async open(full = false) {
    const files = await InputFiles.open();
    const times = full ? FULL_TIMES : 1;
    const text = logText(PIECE_BYTES);
    const file = await files.write('input.log', text, times);
    const count = full ? FULL_ROWS : USUAL_ROWS;
    const maxRounds = full ? 1 : 3;
    const component = await stringParser();
    const pool = createParserPool();
    const session = (fromOffset = 0, limit = Number.POSITIVE_INFINITY) =>
      IngestSession.open({
        component,
        pool,
        source: { file },
        window: { bytes: STRING_PARSER_WINDOW_BYTES },
        select: { fromOffset, limit },
      });
    const directory = join(await files.directory('spools'), 'kept');
    await spoolSession(await session(), directory);
    const rowsOf = (rows: number) => spoolRows(directory, rows);
    const { rows } = await rowsOf(1);
    const written = `${directory}-written`;
    const kept = await Spool.open(directory);
    const offsets = await Promise.all(
      Array.from({ length: PARSED_ROWS }, async (_, at) => {
        const [row] = await kept.rows(Math.floor((rows * (at + 0.5)) / PARSED_ROWS));
        return row?.item.offset ?? 0;
      }),
    );
    const cases: readonly Case[] = [
      {
        name: 'write',
        ...throughput(text.length * times),
        maxRounds,
        ours: {
          name: 'session to a spool',
          before: () => rm(written, { recursive: true, force: true }),
          run: async () => `${(await spoolSession(await session(), written)).items} items`,
          after: () => rm(written, { recursive: true, force: true }),
        },
        baseline: {
          name: 'session, items counted',
          run: async () => {
            let items = 0;
            for await (const batch of (await session()).batches()) items += batch.count;
            return `${items} items`;
          },
        },
      },
      {
        name: 'random-row',
        unit: 'ms',
        maxRounds,
        differ: true,
        ours: {
          name: `spool, median of ${count} rows`,
          run: async () => ({ digest: `${rows} rows`, value: (await rowsOf(count)).medianMs }),
        },
        baseline: {
          name: `session from the row's offset, median of ${PARSED_ROWS}`,
          run: async () => {
            const taken: number[] = [];
            for (const offset of offsets) {
              const startedAt = performance.now();
              for await (const batch of (await session(offset, 1)).batches())
                for (const { text: line } of batch) line.at(0);
              taken.push(performance.now() - startedAt);
            }
            return { digest: 'parsed', value: median(taken) };
          },
        },
      },
      {
        name: 'index-bytes',
        unit: 'MB',
        maxRounds: 1,
        differ: true,
        ours: {
          name: 'index of the spool, for a million rows',
          run: async () => ({
            digest: `${rows} rows`,
            value: (await rowsOf(1)).indexBytes / rows,
            details: { rows },
          }),
        },
        baseline: { name: 'an offset of 8 bytes for each row', run: () => ({ digest: 'offsets', value: 8 }) },
      },
      {
        name: 'reader-memory',
        unit: 'MB',
        maxRounds,
        differ: true,
        ours: {
          name: `peak of a process that reads ${count} rows`,
          run: async () => ({ digest: `${rows} rows`, value: (await rowsOf(count)).peakRssMb }),
        },
        baseline: {
          name: 'a process that opens no spool',
          run: async () => ({ digest: 'none', value: (await rowsOf(0)).peakRssMb }),
        },
      },
    ];
    return {
      cases: [...cases, ...searchCases({ reader: kept, file, bytes: text.length * times })],
      async close() {
        await kept.close();
        await pool.close();
        await files.close();
      },
    };
  },
};
