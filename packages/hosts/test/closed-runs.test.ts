import { ByteSourceHost, IngestSession, type SourceOptions } from '@chipmunk-host/hosts';
import type { CompiledComponent } from '@chipmunk-host/runtime';
import { type InstanceStarter, WorkerPool } from '@chipmunk-host/runtime/internal';
import { keptPlugin } from '@chipmunk-host/test-plugins';
import { beforeAll, describe, expect, test } from 'vitest';
import { COUNTING_SOURCE } from './counting-source.js';
import { compileKept, readAll, setStage } from './support.js';

const program = new URL('./late-wakes-fixture.mjs', import.meta.url);
const stage = setStage();
let counting: CompiledComponent;
beforeAll(async () => {
  const plugin = await keptPlugin({ kind: 'bytesource', name: 'counting', source: COUNTING_SOURCE });
  counting = await compileKept(plugin);
});

/** How the fixture's thread takes it that it is closed. */
const MANNERS = [
  ['late', 'answers only when it has been told to end'],
  ['deaf', 'does not answer, and has its thread ended'],
] as const;

/** Resolves when a line that it is given says so. */
function lineThatSays(text: string) {
  let tell: () => void = () => {};
  const said = new Promise<void>((resolve) => {
    tell = resolve;
  });
  return {
    said,
    onLog: ({ message }: { readonly message: string }) => {
      if (message === text) tell();
    },
  };
}

describe('a byte-source that is closed', () => {
  const ring = { slots: 2, slotBytes: 4096 };

  test.each(MANNERS)('in front of a full ring was stopped: %s, it %s', async (plugin) => {
    await using pool = new WorkerPool({ program, maxInstances: 1 });
    const programmed: InstanceStarter = { start: (payload, options) => pool.start(payload, { ...options, program }) };
    const { said, onLog } = lineThatSays('It waits.');
    await using host = await ByteSourceHost.open({ component: counting, pool: programmed, plugin, ring, onLog });
    await host.init({ bytes: 1_000_000 });
    const end = host.run();
    await said;
    await host.close();
    expect(await end).toEqual({ kind: 'ended', outcome: { reason: 'stopped', bytes: 8192 } });
  });

  test('in a read that does not return was stopped, with what it had delivered', async () => {
    const { said, onLog } = lineThatSays('the end is near');
    const options = { component: counting, pool: stage.pool, logLevel: 'info', deadlineMs: 600_000, onLog } as const;
    await using host = await ByteSourceHost.open(options);
    await host.init({ bytes: 1000, ending: 'loop' });
    const end = host.run();
    await said;
    await host.close();
    expect(await end).toEqual({ kind: 'ended', outcome: { reason: 'stopped', bytes: 1000 } });
  });

  test('before it is run is not run', async () => {
    await using host = await ByteSourceHost.open({ component: counting, pool: stage.pool });
    await host.init({ bytes: 1000 });
    const closed = host.close();
    expect(await host.run()).toEqual({ kind: 'ended', outcome: { reason: 'stopped', bytes: 0 } });
    await closed;
  });

  test('in the moment in which it is run was stopped', async () => {
    await using host = await ByteSourceHost.open({ component: counting, pool: stage.pool, ring });
    await host.init({ bytes: 1_000_000 });
    const end = host.run();
    await host.close();
    expect(await end).toMatchObject({ kind: 'ended', outcome: { reason: 'stopped' } });
  });

  test('after its failure has still failed', async () => {
    await using host = await ByteSourceHost.open({ component: counting, pool: stage.pool });
    await host.init({ bytes: 1000, ending: 'io' });
    const end = host.run();
    await end;
    await host.close();
    expect(await end).toMatchObject({ kind: 'failed', error: { code: 'ERR_SOURCE_READ' } });
  });
});

describe('a session whose pool is closed', () => {
  const silent = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
  const sources: readonly [string, () => Promise<SourceOptions>][] = [
    ['for room in its ring', async () => ({ file: await stage.input('a line of many\n'.repeat(100_000)) })],
    ['for input', async () => ({ stream: silent })],
  ];

  test.each(sources.flatMap(([what, source]) => MANNERS.map(([plugin, how]) => [what, plugin, how, source] as const)))(
    'while its parser waits %s was stopped: %s, it %s',
    async (_, plugin, __, source) => {
      await using pool = new WorkerPool({ program, maxInstances: 1 });
      const { said, onLog } = lineThatSays('It waits.');
      const ring = { slots: 2, slotBytes: 65_536 };
      const options = { component: stage.stringParser, pool, plugin, ring, onLog, source: await source() };
      await using session = await IngestSession.open(options);
      await said;
      await pool.close();
      await readAll(session);
      expect(session.summary).toMatchObject({ status: 'stopped', errors: {} });
    },
  );
});
