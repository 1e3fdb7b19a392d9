/** The programs in `examples`, run as their first lines say. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parsePrometheus } from './prometheus-format.js';

const EXAMPLES = join(import.meta.dirname, '..', '..', '..', 'examples');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'examples-test-'));
  await mkdir(join(folder, 'home'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function start(name: string, ...args: readonly string[]) {
  const env = { ...process.env, HOME: join(folder, 'home'), USERPROFILE: join(folder, 'home') };
  return spawn(process.execPath, [join(EXAMPLES, name), ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function run(name: string, ...args: readonly string[]): Promise<string> {
  const child = start(name, ...args);
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  expect(code).toBe(0);
  return output;
}

test('each of them has a test here', async () => {
  const programs = (await readdir(EXAMPLES)).filter((name) => name.endsWith('.mjs'));
  expect(programs.sort()).toEqual([
    'custom-source.mjs',
    'http-service.mjs',
    'metrics-to-prometheus.mjs',
    'store-and-read.mjs',
    'tail-to-duckdb.mjs',
  ]);
});

test('custom-source.mjs reads a log that was rotated, the oldest part first', async () => {
  await writeFile(join(folder, 'trace.log'), 'fourth\n');
  await writeFile(join(folder, 'trace.log.1'), 'third\n');
  await writeFile(join(folder, 'trace.log.2.gz'), gzipSync('first\nsecond\n'));
  await writeFile(join(folder, 'other.log'), 'other\n');
  expect(await run('custom-source.mjs', 'trace.log')).toBe(
    'trace.log:0: first\ntrace.log:6: second\ntrace.log:13: third\ntrace.log:19: fourth\ncompleted: 4 items of 26 bytes\n',
  );
});

test('store-and-read.mjs stores batches and reads them', async () => {
  const lines = Array.from({ length: 100_000 }, (_, i) => `line ${i}\n`).join('');
  await writeFile(join(folder, 'trace.log'), lines);
  expect(await run('store-and-read.mjs', 'store', 'trace.log', 'trace.batches')).toMatch(
    new RegExp(`^stored 100000 items of ${lines.length} bytes in \\d+ elements\n$`),
  );
  const all = await run('store-and-read.mjs', 'read', 'trace.batches');
  expect(all.replaceAll(/^trace\.log:\d+: /gm, '')).toBe(lines);
  expect(await run('store-and-read.mjs', 'read', 'trace.batches', '99999')).toBe(
    `trace.log:${lines.lastIndexOf('line 99999')}: line 99999\n`,
  );
});

test('http-service.mjs sends items back while the log is sent, and ends the session of a client that disconnects', async () => {
  const child = start('http-service.mjs', '0');
  const exit = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => (await lines.next()).value as string;
  const [, url = ''] = /listening on (.*)/.exec(await line()) ?? [];

  const answer = await fetch(url, { method: 'POST', body: 'one\ntwo "quoted"\n' });
  expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
  expect(
    (await answer.text())
      .split('\n')
      .slice(0, -1)
      .map((one) => JSON.parse(one)),
  ).toEqual([
    { offset: 0, length: 4, text: 'one' },
    { offset: 4, length: 13, text: 'two "quoted"' },
  ]);
  expect(await line()).toBe('session completed: 2 items');

  const upload = request(url, { method: 'POST' });
  upload.on('error', () => {});
  const answered = once(upload, 'response');
  const block = 'a line of a log that does not end\n'.repeat(10_000);
  let isAnswered = false;
  void answered.then(() => {
    isAnswered = true;
  });
  while (!isAnswered) {
    if (!upload.write(block)) await Promise.race([once(upload, 'drain'), answered]);
    await setImmediate();
  }
  upload.destroy();
  expect(await line()).toMatch(/^session stopped: \d+ items$/);

  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
});

test('metrics-to-prometheus.mjs answers with what Prometheus reads', async () => {
  await writeFile(join(folder, 'one.log'), 'first\nsecond\n');
  await writeFile(join(folder, 'two.log'), 'third\n');
  const child = start('metrics-to-prometheus.mjs', '0', 'one.log', 'two.log');
  const exit = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => (await lines.next()).value as string;
  const [, url = ''] = /metrics at (.*)/.exec(await line()) ?? [];
  expect(await line()).toMatch(
    /^one\.log: 2 items in 1 calls; the rest waited for the (?:consumer|plugin|input|host)$/,
  );
  expect(await line()).toMatch(/^two\.log: 1 items in 1 calls; /);
  expect(await line()).toBe('done');

  const answer = await fetch(url);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const families = parsePrometheus(await answer.text());
  expect(families.get('chipmunk_plugin_items_total')?.samples).toEqual([
    { name: 'chipmunk_plugin_items_total', labels: { plugin: 'string-parser', kind: 'parser' }, value: 3 },
  ]);
  expect((await fetch(new URL('/', url))).status).toBe(404);
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
});

/** Its binary is there for some systems only. */
const hasDuckDb = (() => {
  try {
    createRequire(join(EXAMPLES, 'tail-to-duckdb.mjs'))('@duckdb/node-api');
    return true;
  } catch {
    return false;
  }
})();

test.skipIf(!hasDuckDb)(
  'tail-to-duckdb.mjs has each line in the table soon after it was written, and keeps the table',
  async () => {
    await writeFile(join(folder, 'trace.log'), 'INFO one\nWARN zwölf\nINFO three\n');
    const child = start('tail-to-duckdb.mjs', 'trace.log', 'trace.duckdb');
    const exit = once(child, 'exit');
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const line = async () => (await lines.next()).value as string;
    expect(await line()).toBe('3 rows');
    await appendFile(join(folder, 'trace.log'), 'ERROR four\n');
    expect(await line()).toBe('4 rows');
    child.kill('SIGTERM');
    expect([await line(), await line(), await line()]).toEqual(['INFO: 2', 'ERROR: 1', 'WARN: 1']);
    expect(await exit).toEqual([0, null]);
    expect(await readdir(folder)).toContain('trace.duckdb');
  },
);
