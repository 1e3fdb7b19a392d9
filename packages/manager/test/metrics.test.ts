import { type IngestSession, PluginsManager } from '@chipmunk-host/manager';
import { buildCounter, buildFragile } from '@chipmunk-host/test-plugins';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { setStage } from './support.js';

const stage = setStage();
let fragile: Uint8Array;
let counter: Uint8Array;
beforeAll(async () => {
  [fragile, counter] = await Promise.all([buildFragile(), buildCounter()]);
});

const STRING_PARSER = { plugin: 'string-parser' } as const;

async function read(session: IngestSession): Promise<void> {
  for await (const _ of session);
}

describe('the metrics of a manager', () => {
  test('have each session while it runs, and its plugin also behind that', async () => {
    await using manager = await PluginsManager.open({ load: 'lazy' });
    expect(manager.metrics()).toMatchObject({ sessions: [], plugins: [] });
    const file = await stage.file('lines', 'line\n'.repeat(50));
    const first = await manager.ingest({ source: { file }, parser: STRING_PARSER });
    const second = await manager.ingest({ source: { file }, parser: STRING_PARSER });
    const running = manager.metrics();
    expect(running).toMatchObject({
      sessions: [{ session: 1, summary: { status: 'running' } }, { session: 2 }],
      plugins: [{ plugin: 'string-parser', kind: 'parser', sessionsNow: 2, sessionsEver: 2 }],
      workers: manager.usage,
    });
    expect(running.plugins[0]?.instances?.memoryBytes).toBeGreaterThan(0);
    await read(first);
    await read(second);
    const { sessions, plugins } = manager.metrics();
    expect(sessions).toEqual([]);
    expect(plugins).toMatchObject([{ sessionsNow: 0, sessionsEver: 2, items: 100, bytes: 500, errors: {}, gaps: 0 }]);
    const calls = first.metrics().parser.calls.count + second.metrics().parser.calls.count;
    expect(plugins[0]?.instances).toMatchObject({ calls: { count: calls }, memoryBytes: 0 });
  });

  test('count what failed for the plugin that failed', async () => {
    await using manager = await PluginsManager.open({ load: 'lazy' });
    const file = await stage.file('bad', 'one\nBad\ntwo\n');
    const path = await stage.file('fragile.wasm', fragile);
    const session = await manager.ingest({ source: { file }, parser: { plugin: path } });
    await read(session);
    const { gaps, restarts, errors } = session.summary;
    expect(gaps).toBe(1);
    const plugin = await stage.file('counter.wasm', counter);
    const source = { plugin, config: { count: 3, failure: 'init' } };
    await expect(manager.ingest({ source, parser: STRING_PARSER })).rejects.toThrow('no counting today');
    expect(manager.metrics().plugins).toMatchObject([
      { plugin, kind: 'bytesource', sessionsEver: 0, errors: { ERR_PLUGIN_INIT: 1 }, instances: undefined },
      { plugin: path, kind: 'parser', sessionsEver: 1, items: 2, gaps, restarts, errors },
    ]);
  });

  test('have a byte-source beside its parser', async () => {
    await using manager = await PluginsManager.open({ load: 'lazy' });
    const plugin = await stage.file('counter.wasm', counter);
    await read(await manager.ingest({ source: { plugin, config: { count: 30 } }, parser: STRING_PARSER }));
    expect(manager.metrics().plugins).toMatchObject([
      { plugin, kind: 'bytesource', items: 0, bytes: 81, instances: { calls: { count: 31 } } },
      { plugin: 'string-parser', kind: 'parser', items: 30, bytes: 81 },
    ]);
  });

  test('are there while a plugin does not return', async () => {
    await using manager = await PluginsManager.open({ load: 'lazy' });
    const file = await stage.file('long', 'Long\n');
    const plugin = await stage.file('fragile.wasm', fragile);
    const session = await manager.ingest({
      source: { file },
      parser: { plugin },
      deadlineMs: Number.POSITIVE_INFINITY,
    });
    const ended = read(session);
    await vi.waitFor(
      () => {
        const { sessions } = manager.metrics();
        expect(sessions).toMatchObject([{ bottleneck: 'plugin' }]);
        expect(sessions[0]?.parser.callUnderWayMs).toBeGreaterThan(100);
      },
      { timeout: 60_000, interval: 5 },
    );
    await session.close();
    await ended;
    expect(manager.metrics().plugins).toMatchObject([{ sessionsNow: 0, instances: { callUnderWayMs: undefined } }]);
  });
});
