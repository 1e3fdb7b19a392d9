/** An access log: from a file to rows on the main thread, against Node's readline and the same pattern as a regular expression. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import { type createParserPool, IngestSession } from '@chipmunk-host/hosts';
import { compile } from '@chipmunk-host/runtime';
import { accessText } from '../access-text.js';
import type { InputFiles } from '../input-file.js';
import { eachLine } from '../readline.js';
import { type Case, throughput } from '../suite.js';

const PART_BYTES = 16 * 1024 * 1024;
const PARTS = 16;
const SAMPLE_BYTES = 4 * 1024 * 1024;
/** What the plugin's metadata name as safe. */
const WINDOW_BYTES = 256 * 1024;
const TEXT_FORMAT = createRequire(import.meta.url).resolve('@chipmunk-host/text-format/text-format.wasm');
/** The pattern of the preset, as the plugin's README has it. */
const COMBINED =
  /^(?<host>\S+) (?<identity>\S+) (?<user>\S+(?: [^\s[]\S*)*) \[(?<timestamp>[^\]]+)\] "(?<request>[^"\\]*(?:\\.[^"\\]*)*)" (?<status>\d{3}|-) (?<bytes>\d+|-) "(?<referer>[^"\\]*(?:\\.[^"\\]*)*)" "(?<agent>[^"\\]*(?:\\.[^"\\]*)*)"(?: (?<more>.*))?$/;

export async function textFormatCase(files: InputFiles, pool: ReturnType<typeof createParserPool>): Promise<Case> {
  const part = accessText(PART_BYTES);
  const file = await files.write('access.log', part, PARTS);
  const component = await compile(readFileSync(TEXT_FORMAT));
  const config = { preset: 'access-combined' };
  const open = (path = file) =>
    IngestSession.open({ component, pool, source: { file: path }, config, window: { bytes: WINDOW_BYTES } });

  await requireSame(await files.write('sample.log', accessText(SAMPLE_BYTES)));
  return {
    name: 'text-format',
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
      name: 'readline and RegExp',
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
            `text-format made ${JSON.stringify(columns)} of line ${row}, readline and RegExp ${JSON.stringify(rows[row])}`,
          );
        }
      }
    }
    if (row !== rows.length) throw new Error(`text-format made ${row} rows, readline and RegExp ${rows.length}`);
  }
}

function rowOf(line: string): string[] {
  const found = COMBINED.exec(line);
  if (found === null) return [line];
  const [
    ,
    host = '',
    identity = '',
    user = '',
    time = '',
    request = '',
    status = '',
    bytes = '',
    referer = '',
    agent = '',
    more = '',
  ] = found;
  return [time, host, identity, user, request, status, bytes, referer, agent, more];
}
