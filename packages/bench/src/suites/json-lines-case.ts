/** Lines of JSON: from a file to rows on the main thread, against Node's readline and JSON.parse, which make the same columns. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import { type createParserPool, IngestSession } from '@chipmunk-host/hosts';
import { compile } from '@chipmunk-host/runtime';
import type { InputFiles } from '../input-file.js';
import { jsonText } from '../json-text.js';
import { eachLine } from '../readline.js';
import { type Case, throughput } from '../suite.js';

const PART_BYTES = 16 * 1024 * 1024;
const PARTS = 16;
const SAMPLE_BYTES = 4 * 1024 * 1024;
/** What the plugin's metadata name as safe. */
const WINDOW_BYTES = 256 * 1024;
const JSON_LINES = createRequire(import.meta.url).resolve('@chipmunk-host/json-lines/json-lines.wasm');
const COLUMNS = 'time,level,logger,message,request.id,request.status,ms';

interface Entry {
  readonly time: string;
  readonly level: string;
  readonly logger: string;
  readonly message: string;
  readonly request: { readonly id: string; readonly status: number };
  readonly ms: number;
}

export async function jsonLinesCase(files: InputFiles, pool: ReturnType<typeof createParserPool>): Promise<Case> {
  const part = jsonText(PART_BYTES);
  const file = await files.write('lines.jsonl', part, PARTS);
  const component = await compile(readFileSync(JSON_LINES));
  const config = { columns: COLUMNS, rest: false };
  const open = (path = file) =>
    IngestSession.open({ component, pool, source: { file: path }, config, window: { bytes: WINDOW_BYTES } });

  await requireSame(await files.write('sample.jsonl', jsonText(SAMPLE_BYTES)));
  return {
    name: 'json-lines',
    ...throughput(part.length * PARTS),
    ours: {
      name: 'session, items counted',
      async run() {
        let items = 0;
        for await (const batch of (await open()).batches()) items += batch.count;
        return `${items} items`;
      },
    },
    baseline: {
      name: 'readline and JSON.parse',
      async run() {
        let items = 0;
        await eachLine(file, (line) => {
          if (rowOf(line).length > 0) items++;
        });
        return `${items} items`;
      },
    },
    others: [
      {
        name: 'session, every column decoded',
        async run() {
          let items = 0;
          for await (const batch of (await open()).batches()) {
            for (let at = 0; at < batch.entries; at++) if (batch.columnsOf(at).length > 0) items++;
          }
          return `${items} items`;
        },
      },
    ],
  };

  async function requireSame(sample: string): Promise<void> {
    const rows: string[][] = [];
    await eachLine(sample, (line) => rows.push(rowOf(line)));
    let row = 0;
    for await (const batch of (await open(sample)).batches()) {
      for (let at = 0; at < batch.entries; at++, row++) {
        const columns = batch.columnsOf(at);
        if (!isDeepStrictEqual([...columns], rows[row])) {
          throw new Error(
            `json-lines made ${JSON.stringify(columns)} of line ${row}, readline and JSON.parse ${JSON.stringify(rows[row])}`,
          );
        }
      }
    }
    if (row !== rows.length) throw new Error(`json-lines made ${row} rows, readline and JSON.parse ${rows.length}`);
  }
}

function rowOf(line: string): string[] {
  const { time, level, logger, message, request, ms } = JSON.parse(line) as Entry;
  return [time, level, logger, message, request.id, String(request.status), String(ms)];
}
