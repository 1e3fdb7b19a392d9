import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { IngestOptions, IngestSession } from '@chipmunk-host/hosts';
import { type CompiledComponent, compile } from '@chipmunk-host/runtime';
import { beforeAll, expect, test } from 'vitest';
import { logMessage } from '../../../plugins/dlt-parser/test/log-message.js';
import { dltFile } from './dlt-files.js';
import { setStage } from './support.js';

const FILES = Number(process.env.DLT_PARALLEL ?? 16);
const SEED = Number(process.env.DLT_PARALLEL_SEED ?? 1);
const DLT_PARSER = createRequire(import.meta.url).resolve('@chipmunk-host/dlt-parser/dlt-parser.wasm');
/** As in the plugin's metadata. */
const patterns = ['44 4c 54 01', '44 4c 53 01'];

const stage = setStage();
let component: CompiledComponent;
beforeAll(async () => {
  component = await compile(readFileSync(DLT_PARSER));
});

/** All that a session delivers, and its account but for times and what only several instances have. */
async function all(session: IngestSession) {
  const elements: unknown[] = [];
  let offset = 0;
  for await (const element of session) {
    if (element.offset !== offset) throw new Error(`byte ${offset} is followed by byte ${element.offset}`);
    offset += element.consumedBytes;
    if (element.type !== 'batch') elements.push(element);
    else
      for (const item of element)
        elements.push([item.offset, item.length, item.columns, item.attachment?.toJSON(), item.time]);
  }
  const { durationMs, bytesPerSecond, splits, ...summary } = session.summary;
  return { result: { elements, summary }, splits };
}

async function ndjson(session: IngestSession): Promise<string> {
  const parts: Buffer[] = [];
  for await (const element of session.encoded('ndjson'))
    if (element.type === 'encoded') parts.push(Buffer.from(element.bytes));
  return Buffer.concat(parts).toString('utf8');
}

function open(file: string, options: Omit<Partial<IngestOptions>, 'source'> = {}): Promise<IngestSession> {
  return stage.open({ component, source: { file }, window: { bytes: 256 * 1024 }, ...options });
}

// `npm run long -- dlt-parallel` compares 200.
test(`three instances make the items of one of ${FILES} files with messages in payloads`, async () => {
  const sum = { planted: 0, parsedAhead: 0, parsedAgain: 0, attachments: 0, skipped: 0 };
  for (let seed = SEED; seed < SEED + FILES; seed++) {
    const { bytes, splitBytes, planted } = dltFile(seed);
    const file = await stage.input(bytes);
    const parallel = { instances: 3, boundary: 'pattern', patterns, splitBytes } as const;
    const options = { window: { bytes: [64, 1024, 256 * 1024][seed % 3] as number } };
    const one = await all(await open(file, options));
    const three = await all(await open(file, { ...options, parallel }));
    expect(three.result, `seed ${seed}`).toEqual(one.result);
    expect(one.splits).toBeUndefined();
    sum.planted += planted;
    sum.parsedAhead += three.splits?.parsedAhead ?? 0;
    sum.parsedAgain += three.splits?.parsedAgain ?? 0;
    sum.skipped += one.result.summary.skippedBytes;
    const attachments = one.result.elements.filter((element) => Array.isArray(element) && element[3] !== undefined);
    sum.attachments += attachments.length;
    if (attachments.length === 0) continue;
    const select = { match: 'FLST|FLFI' };
    expect(await ndjson(await open(file, { parallel })), `seed ${seed}`).toBe(await ndjson(await open(file)));
    const selected = await ndjson(await open(file, { parallel, select }));
    expect(selected, `seed ${seed}`).toBe(await ndjson(await open(file, { select })));
  }
  // Each of these has to be there for the comparison to say something.
  for (const count of Object.values(sum)) expect(count).toBeGreaterThan(FILES / 8);
}, 3_600_000);

test('a file without the patterns is read by one instance, which the log says', async () => {
  const log: string[] = [];
  const bare = Buffer.concat(Array.from({ length: 100 }, () => bareMessage()));
  const parallel = { instances: 3, boundary: 'pattern', patterns, splitBytes: 200 } as const;
  const session = await open(await stage.input(bare), { parallel, onLog: ({ message }) => log.push(message) });
  const { result, splits } = await all(session);
  expect(result.elements).toHaveLength(100);
  expect(splits).toEqual({ parsedAhead: 1, parsedAgain: 0 });
  expect(log).toEqual([
    'Several instances on one file were hardly quicker than one: it has none of the patterns with which a part of it can begin.',
  ]);
});

/** Without any header before it. */
function bareMessage(): Buffer {
  return logMessage({ application: 'AP' }).subarray(16);
}
