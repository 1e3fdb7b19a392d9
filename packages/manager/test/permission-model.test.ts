import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { setStage } from './support.js';

const stage = setStage();
const PERMISSION = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';

const PROGRAM = `
  import { PluginsManager } from '@chipmunk-host/manager';
  const manager = await PluginsManager.open({ directory: process.argv[1], load: 'lazy' });
  try {
    const source = { stream: [Buffer.from('one\\ntwo\\n')] };
    const session = await manager.ingest({ source, parser: { plugin: 'string-parser' } });
    let items = 0;
    for await (const { count } of session.batches()) items += count;
    console.log(JSON.stringify({ items }));
  } catch ({ code, message, help }) {
    console.log(JSON.stringify({ code, message, help }));
  } finally {
    await manager.close();
  }`;

async function run(...flags: string[]): Promise<unknown> {
  const directory = await stage.folder('plugins');
  const args = [PERMISSION, '--allow-fs-read=*', ...flags, '--input-type=module', '-e', PROGRAM, directory];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname, timeout: 60_000 });
  return JSON.parse(stdout);
}

describe("under Node's permission model", () => {
  test('a session runs with threads and reading alone', async () => {
    expect(await run('--allow-worker')).toEqual({ items: 2 });
  });

  test('a process that may start no threads gets an error that names the flags', async () => {
    expect(await run()).toEqual({
      code: 'ERR_ENVIRONMENT',
      message: "No plugin can be run: Node's permission model lets this process start no threads.",
      help: expect.stringMatching(/--allow-worker .*--allow-fs-read .*--allow-fs-write/),
    });
  });
});
