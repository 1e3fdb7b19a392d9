import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { setStage } from './support.js';

const stage = setStage();

/** Drops a session of a manager, has garbage collected until its worker is free again, and reads another one. */
const PROGRAM = `
  import { setImmediate } from 'node:timers/promises';
  import { PluginsManager } from '@chipmunk-host/manager';
  const [directory, file] = process.argv.slice(1);
  const manager = await PluginsManager.open({ directory, maxInstances: 1 });
  const told = [];
  process.on('warning', ({ code }) => told.push(code));
  manager.on('session-ended', ({ summary }) => told.push(summary.status + ' ' + (summary.items > 0)));
  const { signal } = new AbortController();
  const open = () => manager.ingest({ source: { file }, parser: { plugin: 'string-parser' }, signal, onLog: () => {} });
  const drop = async () => void (await (await open()).next());
  await drop();
  while (manager.usage.inUse > 0) {
    global.gc();
    await setImmediate();
  }
  await setImmediate();
  const { sessionsNow, sessionsEver, items } = manager.plugin('string-parser').statistics;
  let next = 0;
  for await (const { count } of await open()) next += count;
  await manager.close();
  console.log(JSON.stringify({ told, sessionsNow, sessionsEver, hasItems: items > 0, next }));
`;

test('a session that is dropped without close ends: its worker is free, its statistics are kept, one warning', async () => {
  const directory = await stage.folder('plugins');
  const file = await stage.file('dropped.log', 'line\n'.repeat(100_000));
  const args = ['--expose-gc', '--input-type=module', '-e', PROGRAM, directory, file];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname, timeout: 60_000 });
  expect(JSON.parse(stdout)).toEqual({
    told: ['CHIPMUNK_SESSION_NOT_CLOSED', 'stopped true', 'completed true'],
    sessionsNow: 0,
    sessionsEver: 1,
    hasItems: true,
    next: 100_000,
  });
});
