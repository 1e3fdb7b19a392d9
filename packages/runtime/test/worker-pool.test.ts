import { spawn } from 'node:child_process';
import type { PluginContractError } from '@chipmunk-host/runtime';
import { WorkerPool } from '@chipmunk-host/runtime/internal';
import { describe, expect, test } from 'vitest';

const program = new URL('./pool-program-fixture.mjs', import.meta.url);

type Control = {
  echo(value: unknown): unknown;
  say(event: unknown): void;
  fail(): void;
  exit(): void;
  loop(): void;
  close(): void;
};

describe('worker pool', () => {
  test('an instance answers calls, says events and ends when asked', async () => {
    await using pool = new WorkerPool({ program });
    const events: unknown[] = [];
    const instance = await pool.start<Control, string>('payload', { onEvent: (event) => events.push(event) });
    expect(await instance.call('echo', [1, 'two'])).toEqual({ value: [1, 'two'], payload: 'payload' });
    await instance.call('say', { kind: 'a' });
    await instance.call('say', { kind: 'b' });
    await instance.close();
    expect(events).toEqual([{ kind: 'a' }, { kind: 'b' }]);
    expect(await instance.ended).toMatchObject({ kind: 'returned' });
  });

  test('an error crosses with class, code, help, phase, stack and cause', async () => {
    await using pool = new WorkerPool({ program });
    const instance = await pool.start<Control, undefined>(undefined);
    const error = await instance.call('fail').then(
      () => undefined,
      (thrown: PluginContractError) => thrown,
    );
    expect(error?.constructor.name).toBe('PluginContractError');
    expect(error).toMatchObject({
      code: 'ERR_PLUGIN_CONTRACT',
      help: 'say two',
      phase: 'parse',
      plugin: 'p',
      recoverable: true,
    });
    expect(error?.stack).toContain('pool-program-fixture.mjs');
    expect(error?.cause).toMatchObject({ name: 'RangeError', message: '3' });
  });

  test('a call settles when the worker dies, and the pool serves the next instance', async () => {
    await using pool = new WorkerPool({ program, maxInstances: 1 });
    const instance = await pool.start<Control, undefined>(undefined);
    await expect(instance.call('exit')).rejects.toMatchObject({ code: 'ERR_PLUGIN_LOST' });
    expect((await instance.ended).kind).toBe('lost');
    const next = await pool.start<Control, undefined>(undefined);
    expect(await next.call('echo', 1)).toMatchObject({ value: 1 });
  });

  test('an instance that loops for ever is ended by close, and the pool serves the next one', async () => {
    await using pool = new WorkerPool({ program, maxInstances: 1 });
    const instance = await pool.start<Control, undefined>(undefined);
    const looping = instance.call('loop');
    looping.catch(() => {});
    await instance.close();
    await expect(looping).rejects.toMatchObject({ code: 'ERR_PLUGIN_LOST' });
    const next = await pool.start<Control, undefined>(undefined);
    expect(await next.call('echo', 1)).toMatchObject({ value: 1 });
  });

  test('an instance that finds no free worker waits, says so, and can be aborted', async () => {
    await using pool = new WorkerPool({ program, maxInstances: 1 });
    const instance = await pool.start<Control, undefined>(undefined);
    let waited = false;
    const abort = new AbortController();
    const aborted = pool.start(undefined, { signal: abort.signal });
    const next = pool.start<Control, undefined>(undefined, { onWaiting: () => (waited = true) });
    abort.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    await instance.close();
    expect(await (await next).call('echo', 2)).toMatchObject({ value: 2 });
    expect(waited).toBe(true);
  });

  test('a hundred instances that die leave a pool that works', async () => {
    await using pool = new WorkerPool({ program, maxInstances: 2 });
    for (let i = 0; i < 100; i++) {
      const instance = await pool.start<Control, undefined>(undefined);
      if (i % 2 === 0) await instance.terminate();
      else await instance.call('exit').catch(() => {});
    }
    const next = await pool.start<Control, undefined>(undefined);
    expect(await next.call('echo', 3)).toMatchObject({ value: 3 });
  });

  test('a closed pool refuses to start, and may be closed twice', async () => {
    const pool = new WorkerPool({ program });
    await pool.close();
    await pool.close();
    await expect(pool.start(undefined)).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  });

  test('a process whose instances are closed ends by itself, also with its pool left open', async () => {
    const source = `
      import { WorkerPool } from '@chipmunk-host/runtime/internal';
      const pool = new WorkerPool({ program: new URL(${JSON.stringify(program.href)}) });
      const instance = await pool.start(undefined);
      await instance.call('echo', 1);
      await instance.close();
      console.log('closed');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], { cwd: import.meta.dirname });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(output).toBe('closed\n');
    expect(code).toBe(0);
  });
});

test('a process that closes its pools one by one is there until the last one is closed', async () => {
  // Often: that nothing keeps the process is seen in some runs only.
  const source = `
    import { WorkerPool } from '@chipmunk-host/runtime/internal';
    for (let run = 0; run < 15; run++) {
      const pool = new WorkerPool({ program: new URL(${JSON.stringify(program.href)}) });
      const instance = await pool.start(undefined);
      await instance.call('echo', run);
      if (run % 2 === 0) await instance.close();
      await pool.close();
    }
    console.log('closed');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { cwd: import.meta.dirname });
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  const code = await new Promise((resolve) => child.once('exit', resolve));
  expect({ output, code }).toEqual({ output: 'closed\n', code: 0 });
});

describe('reserved workers', () => {
  test('are taken together or not at all', async () => {
    await using pool = new WorkerPool({ program, maxInstances: 2 });
    const first = await pool.start<Control, undefined>(undefined);
    let waited = false;
    const both = pool.reserve(2, { onWaiting: () => (waited = true) });
    await first.close();
    const reservation = await both;
    expect(waited).toBe(true);
    const instances = await Promise.all([1, 2].map((i) => reservation.start<Control, number>(i)));
    expect(await Promise.all(instances.map((instance) => instance.call('echo', 'x')))).toEqual([
      { value: 'x', payload: 1 },
      { value: 'x', payload: 2 },
    ]);
    await expect(reservation.start<Control, number>(3)).rejects.toThrow('All 2 reserved workers are in use.');
    reservation.release();
  });

  test('serve an instance in the place of one that died, before others that wait', async () => {
    await using pool = new WorkerPool({ program, maxInstances: 1 });
    const reservation = await pool.reserve(1);
    const first = await reservation.start<Control, undefined>(undefined);
    const other = pool.start<Control, undefined>(undefined);
    first.terminate();
    await first.ended;
    const second = await reservation.start<Control, undefined>(undefined);
    expect(await second.call('echo', 1)).toMatchObject({ value: 1 });
    reservation.release();
    reservation.release();
    await expect(reservation.start<Control, undefined>(undefined)).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    await second.close();
    expect(await (await other).call('echo', 2)).toMatchObject({ value: 2 });
  });

  test('can run another program than the pool does', async () => {
    await using pool = new WorkerPool({
      program: new URL('./returning-program-fixture.mjs', import.meta.url),
      maxInstances: 1,
    });
    const instance = await pool.start<Control, number>(1, { program });
    expect(await instance.call('echo', 2)).toEqual({ value: 2, payload: 1 });
  });

  test('are refused when there never are so many', async () => {
    await using pool = new WorkerPool({ program, maxInstances: 1 });
    await expect(pool.reserve(2)).rejects.toThrow('2 workers are needed at once, but only 1 may run');
  });
});
