import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { STRING_PARSER, setStage } from './support.js';

const stage = setStage();
let file: string;
beforeAll(async () => {
  file = await stage.input('line\n'.repeat(100_000));
});

/** Drops a session, has garbage collected until the only worker is free again, and runs another session in it. */
const PROGRAM = `
  import { readFileSync } from 'node:fs';
  import { once } from 'node:events';
  import { setImmediate } from 'node:timers/promises';
  import { compile } from '@chipmunk-host/runtime';
  import { createParserPool, IngestSession } from '@chipmunk-host/hosts';
  const [parser, file, how] = process.argv.slice(1);
  const component = await compile(readFileSync(parser));
  const pool = createParserPool({ maxInstances: 1 });
  const { signal } = new AbortController();
  const warnings = [];
  process.on('warning', ({ code, message }) => warnings.push(code + ': ' + message));
  const open = () => IngestSession.open({ component, pool, source: { file }, plugin: 'lines', signal });
  let batch;
  const drop = async () => {
    const session = await open();
    if (how === 'read') batch = (await session.next()).value;
    if (how === 'closed') await session.close();
  };
  await drop();
  while (pool.usage.inUse > 0) {
    global.gc();
    await setImmediate();
  }
  for (let turn = 0; turn < 5; turn++) {
    global.gc();
    await setImmediate();
  }
  const items = batch === undefined ? 0 : [...batch].length;
  let next = 0;
  for await (const { count } of await open()) next += count;
  console.log(JSON.stringify({ warnings, items, next }));
`;

async function dropped(how: string): Promise<{ warnings: string[]; items: number; next: number }> {
  const args = ['--expose-gc', '--input-type=module', '-e', PROGRAM, STRING_PARSER, file, how];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname, timeout: 60_000 });
  return JSON.parse(stdout);
}

const WARNING =
  "CHIPMUNK_SESSION_NOT_CLOSED: An ingest session with the parser 'lines' was dropped without close(). " +
  'It held its workers until it was collected as garbage.';

test('a session that is dropped without close gives its worker back, with one warning', async () => {
  expect(await dropped('at once')).toEqual({ warnings: [WARNING], items: 0, next: 100_000 });
});

test('a batch of a session that was dropped can still be read', async () => {
  const { warnings, items, next } = await dropped('read');
  expect({ warnings, next }).toEqual({ warnings: [WARNING], next: 100_000 });
  expect(items).toBeGreaterThan(0);
});

test('a session that was closed is dropped without a warning', async () => {
  expect(await dropped('closed')).toEqual({ warnings: [], items: 0, next: 100_000 });
});
