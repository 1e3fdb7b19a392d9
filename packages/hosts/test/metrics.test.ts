import { type CallLatency, IngestSession, type SessionMetrics } from '@chipmunk-host/hosts';
import type { CompiledComponent } from '@chipmunk-host/runtime';
import { buildCounter, buildFragile } from '@chipmunk-host/test-plugins';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { faultyPlugin } from './faults/faulty-plugin.mjs';
import { compileKept, readAll, setStage } from './support.js';

const stage = setStage();
let fragile: CompiledComponent;
let counter: CompiledComponent;
beforeAll(async () => {
  fragile = await compileKept(await buildFragile());
  counter = await compileKept(await buildCounter());
});

const SMALL_RING = { slots: 2, slotBytes: 4096 };
/** Much, for busy machines. */
const PATIENCE = { timeout: 60_000, interval: 5 };

function expectWhole({ count, sumMs, p50Ms, p99Ms, maxMs, buckets }: CallLatency): void {
  expect(buckets.reduce((sum, bucket) => sum + bucket.count, 0)).toBe(count);
  expect(p50Ms).toBeLessThanOrEqual(p99Ms);
  expect(p99Ms).toBeLessThanOrEqual(maxMs);
  expect(maxMs).toBeLessThanOrEqual(sumMs);
}

/** The parts are the whole. */
function expectTimes({ parser: { time } }: SessionMetrics): void {
  expect(time.pluginMs + time.inputMs + time.outputMs + time.hostMs).toBeCloseTo(time.runMs, 3);
}

describe('the account of a session', () => {
  test('is the same in its metrics, which are final when it has ended', async () => {
    const file = await stage.input('one\ntwo\nthree\n');
    const session = await stage.open({ source: { file } });
    expect(session.metrics()).toMatchObject({ summary: { status: 'running', items: 0 }, instances: 1 });
    await readAll(session);
    const metrics = session.metrics();
    expect(metrics.summary).toEqual(session.summary);
    expect(metrics).toMatchObject({
      instances: 1,
      source: undefined,
      input: undefined,
      parser: { plugin: stage.stringParser.hash.slice(0, 12), callUnderWayMs: undefined, memoryBytes: 0 },
      output: { usedSlots: 0, waiting: undefined },
    });
    expect(metrics.parser.calls.count).toBe(1);
    expectWhole(metrics.parser.calls);
    expectTimes(metrics);
    expect(metrics.parser.peakMemoryBytes).toBeGreaterThanOrEqual(65_536);
    expect(session.metrics()).toBe(metrics);
    expect((await session.ended).metrics).toBe(metrics);
  });

  test('counts a call for each time that the plugin is given input', async () => {
    const content = 'line\n'.repeat(1000);
    const session = await stage.open({ source: { file: await stage.input(content) }, window: { bytes: 50 } });
    await readAll(session);
    const { parser } = session.metrics();
    expect(parser.calls.count).toBe(100);
    expectWhole(parser.calls);
  });

  test('counts the calls in which the plugin fails, with gaps and restarts', async () => {
    const file = await stage.input('one\ntwo\nBad\nthree\n');
    const session = await stage.open({ component: fragile, source: { file } });
    await readAll(session);
    const { summary, parser } = session.metrics();
    expect(summary).toEqual(session.summary);
    expect(summary).toMatchObject({ gaps: 1, items: 3 });
    expect(summary.restarts).toBeGreaterThan(0);
    // Each restart follows a call that failed, and what was delivered came from others.
    expect(parser.calls.count).toBeGreaterThan(summary.restarts);
    expectWhole(parser.calls);
    expect(parser.time.startMs).toBeGreaterThan(0);
  });

  test('counts the call that ended the session', async () => {
    const file = await stage.input('Bad\n');
    const session = await stage.open({ component: fragile, source: { file }, recovery: { maxRestarts: 0 } });
    await expect(readAll(session)).rejects.toMatchObject({ code: 'ERR_PLUGIN_TRAP' });
    const { summary, parser } = session.metrics();
    expect(summary).toMatchObject({ status: 'failed', errors: { ERR_PLUGIN_TRAP: 1 } });
    expect(parser.calls.count).toBe(1);
  });

  test('counts a call whose thread was ended for it, and what threads before have counted', async () => {
    const file = await stage.input('!stamp\na\nb\nc\nd\n!stamp\ne\nf\ng\nh\n');
    const deadlineMs = 300;
    // It loops in its second call; the next instance does not.
    const options = { config: { kind: 'loop', after: 1 }, window: { bytes: 15 }, deadlineMs };
    const component = await compileKept(await faultyPlugin());
    const session = await stage.open({ component, source: { file }, ...options });
    await readAll(session);
    const { summary, parser } = session.metrics();
    expect(summary).toMatchObject({ items: 10, restarts: 1 });
    expectWhole(parser.calls);
    const long = parser.calls.buckets.filter(({ endMs }) => endMs > deadlineMs);
    expect(long.map(({ count }) => count)).toEqual([1]);
    expect(parser.calls.count).toBeGreaterThan(2);
    expect(parser.time.pluginMs).toBeGreaterThanOrEqual(deadlineMs);
  });

  test('has all instances of a file that is divided', async () => {
    const file = await stage.input('line\n'.repeat(1000));
    const parallel = { instances: 3, boundary: 'newline', splitBytes: 1000 } as const;
    const session = await stage.open({ source: { file }, parallel });
    await readAll(session);
    const metrics = session.metrics();
    expect(metrics).toMatchObject({ instances: 3, summary: { items: 1000 } });
    expect(metrics.parser.calls.count).toBe(5);
    expectWhole(metrics.parser.calls);
    expectTimes(metrics);
  });

  test('has the byte-source, with a read more than it has lines', async () => {
    const session = await IngestSession.open({
      pool: stage.pool,
      component: stage.stringParser,
      source: { component: counter, plugin: 'counter', config: { count: 20 } },
    });
    await readAll(session);
    const { source, input, summary } = session.metrics();
    expect(summary.items).toBe(20);
    expect(source).toMatchObject({ plugin: 'counter', calls: { count: 21 }, callUnderWayMs: undefined });
    expect(input).toMatchObject({ slots: 16, usedSlots: 0, waiting: undefined });
  });

  test('knows the processor time of the workers where Node can tell', async () => {
    const session = await stage.open({ source: { file: await stage.input('line\n'.repeat(100_000)) } });
    await readAll(session);
    const { workerCpuMs } = session.metrics().parser;
    if ('threadCpuUsage' in process) expect(workerCpuMs).toBeGreaterThan(0);
    else expect(workerCpuMs).toBeUndefined();
  });
});

describe('the others wait for', () => {
  test('the plugin that does not return, whose call is under way', async () => {
    const file = await stage.input('one\nLong\n');
    await using session = await stage.open({
      component: fragile,
      source: { file },
      deadlineMs: Number.POSITIVE_INFINITY,
    });
    const next = session.next();
    await vi.waitFor(() => {
      const metrics = session.metrics();
      expect(metrics).toMatchObject({ bottleneck: 'plugin', output: { waiting: 'reader' } });
      expect(metrics.parser.callUnderWayMs).toBeGreaterThan(100);
      expect(metrics.parser.calls.count).toBe(0);
      expect(metrics.parser.time.pluginMs).toBeGreaterThanOrEqual(100);
      expect(metrics.parser.memoryBytes).toBeGreaterThan(0);
      expectTimes(metrics);
    }, PATIENCE);
    await session.close();
    await next;
    const { calls, callUnderWayMs } = session.metrics().parser;
    expect(callUnderWayMs).toBeUndefined();
    expectWhole(calls);
  });

  test('the consumer that takes nothing', async () => {
    const file = await stage.input('line\n'.repeat(100_000));
    await using session = await stage.open({ source: { file }, ring: SMALL_RING });
    await vi.waitFor(() => {
      const metrics = session.metrics();
      expect(metrics).toMatchObject({ bottleneck: 'consumer', output: { slots: 2, usedSlots: 2, waiting: 'writer' } });
      expect(metrics.output.writerWaits).toBeGreaterThan(0);
      expect(metrics.output.readerWaits).toBe(0);
      expect(metrics.parser.time.outputMs).toBeGreaterThan(metrics.parser.time.pluginMs);
      expectTimes(metrics);
    }, PATIENCE);
  });

  test('the input of which nothing arrives', async () => {
    const stream = new ReadableStream<Uint8Array>();
    await using session = await IngestSession.open({
      pool: stage.pool,
      component: stage.stringParser,
      source: { stream },
    });
    const next = session.next();
    await vi.waitFor(() => {
      const metrics = session.metrics();
      expect(metrics).toMatchObject({
        bottleneck: 'input',
        input: { usedSlots: 0, waiting: 'reader' },
        output: { waiting: 'reader' },
      });
      expectTimes(metrics);
    }, PATIENCE);
    await session.close();
    await next;
  });

  test('the byte-source that does not return', async () => {
    const source = { component: counter, config: { count: 2, failure: 'loop' }, deadlineMs: Number.POSITIVE_INFINITY };
    await using session = await IngestSession.open({ pool: stage.pool, component: stage.stringParser, source });
    const read = readAll(session);
    await vi.waitFor(() => {
      const metrics = session.metrics();
      expect(metrics).toMatchObject({ bottleneck: 'input', source: { calls: { count: 2 } } });
      expect(metrics.source?.callUnderWayMs).toBeGreaterThan(100);
    }, PATIENCE);
    await session.close();
    await read;
  });
});
