/** The main thread takes no part in what a source reads: however long it is busy, nothing is lost, and no more is kept than the rings hold. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { IngestSession } from '@chipmunk-host/hosts';
import { afterEach, expect, test } from 'vitest';
import { setStage } from '../support.js';

const stage = setStage();
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

const MEBIBYTES = 64;
const LINE_BYTES = 64;

test('a main thread that is blocked for 5 s loses no byte of a connection', async () => {
  const fixture = join(import.meta.dirname, 'sender-fixture.mjs');
  const sender = spawn(process.execPath, [fixture, 'port', String(MEBIBYTES), '65536'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(sender);
  const [port] = await once(sender.stdout, 'data');
  const source = { tcp: { host: '127.0.0.1', port: Number(port) } };
  const window = { bytes: 1024 * 1024 };
  const session = await IngestSession.open({ component: stage.stringParser, pool: stage.pool, source, window });
  await session.next();
  const before = process.memoryUsage().rss;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5000);
  const { input, output } = session.metrics();
  expect(input?.usedSlots).toBe(input?.slots);
  expect(output.usedSlots).toBe(output.slots);
  // Both rings were there before; what it reads ahead is a window.
  expect(process.memoryUsage().rss - before).toBeLessThan(48 * 1024 * 1024);
  let line = session.progress.items;
  for await (const batch of session.batches())
    for (const { text } of batch) {
      if (Number(text.replace(/^\.+(?=\d)/, '')) !== line) throw new Error(`line ${line} is '${text}'`);
      line++;
    }
  expect(line).toBe((MEBIBYTES * 1024 * 1024) / LINE_BYTES);
  expect(session.summary).toMatchObject({ status: 'completed', skippedBytes: 0, bytes: MEBIBYTES * 1024 * 1024 });
});
